//! `serve --demo`: an empty house becomes one to look around in.
//!
//! Three accounts whose passwords are drawn on the first start and kept in `DIR/demo-accounts` (mode 0600), six films
//! that ffmpeg makes on the spot, three of them as a series, two notices, two rooms, some money. Everything goes through the services that members and admins
//! use. Each step looks whether it has been done, so a start that was interrupted is made good by the next one. A house
//! with an admin of its own is left alone.

mod films;
mod rooms;
mod series;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures_util::StreamExt as _;
use playhouse_api::accounts::{NewAccount, NewSession};
use playhouse_api::admin::{AccountChanges, NewCredit};
use playhouse_api::movies::NewMovie;
use playhouse_api::notices::NewNotice;
use rand::RngCore as _;

use crate::accounts::{Accounts, Admin, Role, Viewer};
use crate::app::App;
use crate::audit::Actor;
use crate::ids::SessionId;
use crate::membership::Key;
use crate::movies;
use films::{FILMS, Film};

const FILE: &str = "demo-accounts";
const ADMIN: &str = "admin";
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Films that are made at a time.
const AT_A_TIME: usize = 2;

/// The sign-ins of a demo house, by user name.
pub type SignIns = BTreeMap<String, String>;

/// Makes the accounts, the first time, and gives their passwords; none when the house has an admin of its own.
///
/// # Errors
/// When the accounts or their file cannot be made.
pub async fn open(app: &App) -> anyhow::Result<Option<SignIns>> {
    let path = app.config.data_dir.join(FILE);
    let sign_ins = match std::fs::read_to_string(&path) {
        Ok(text) => {
            serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?
        }
        Err(_) if app.accounts.has_admin().await? => return Ok(None),
        Err(_) => draw(&path)?,
    };
    for (name, role) in [
        (ADMIN, Role::Admin),
        ("vip", Role::Member),
        ("member", Role::Member),
    ] {
        let password = sign_ins.get(name).map(String::as_str).unwrap_or_default();
        match app.accounts.create(new_account(name, password), role).await {
            Ok(_) | Err(crate::accounts::Error::UsernameTaken) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(sign_ins))
}

/// Fills the house: money, VIP, notices, rooms, and the films as they get ready; `tell` hears the title of each.
///
/// # Errors
/// With the first thing that could not be made.
pub async fn furnish(app: App, sign_ins: SignIns, tell: impl Fn(&str)) -> anyhow::Result<()> {
    let (admin, session) = sign_in(&app.accounts, &sign_ins, ADMIN).await?;
    let furnished = furnish_as(&app, &admin, &sign_ins, tell).await;
    let id = admin.viewer.id().clone();
    app.accounts.end_session(id, session).await?;
    furnished
}

async fn furnish_as(
    app: &App,
    admin: &Admin,
    sign_ins: &SignIns,
    tell: impl Fn(&str),
) -> anyhow::Result<()> {
    give(app, admin, sign_ins).await?;
    announce(app, admin).await?;
    rooms::open(app, admin, sign_ins).await?;
    let series = series::begin(app, admin).await?;
    let folder = app.config.data_dir.join("demo-films");
    std::fs::create_dir_all(&folder)?;
    let made = futures_util::stream::iter(&FILMS)
        .map(|film| publish(app, admin, film, &folder))
        .buffered(AT_A_TIME);
    let mut made = std::pin::pin!(made);
    while let Some(title) = made.next().await {
        if let Some(title) = title? {
            tell(title);
        }
    }
    std::fs::remove_dir_all(&folder)?;
    match series {
        Some(series) => series::fill(app, admin, &series).await,
        None => Ok(()),
    }
}

fn draw(path: &Path) -> anyhow::Result<SignIns> {
    let password = || {
        let mut bytes = [0_u8; 9];
        rand::rng().fill_bytes(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    };
    let names = [ADMIN, "vip", "member"];
    let sign_ins: SignIns = names
        .iter()
        .map(|name| ((*name).to_owned(), password()))
        .collect();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    serde_json::to_writer_pretty(file, &sign_ins)?;
    Ok(sign_ins)
}

fn new_account(name: &str, password: &str) -> NewAccount {
    NewAccount {
        username: name.to_owned(),
        password: password.into(),
        real_name: None,
        phone: None,
        address: None,
        email: None,
        locale: None,
    }
}

async fn sign_in(
    accounts: &Accounts,
    sign_ins: &SignIns,
    name: &str,
) -> anyhow::Result<(Admin, SessionId)> {
    let (viewer, session) = enter(accounts, sign_ins, name).await?;
    let actor = Actor {
        id: Some(viewer.id().clone()),
        name: name.to_owned(),
        ..Actor::house()
    };
    Ok((Admin { viewer, actor }, session))
}

async fn enter(
    accounts: &Accounts,
    sign_ins: &SignIns,
    name: &str,
) -> anyhow::Result<(Arc<Viewer>, SessionId)> {
    let password = sign_ins.get(name).map(String::as_str).unwrap_or_default();
    let asked = NewSession {
        username: name.to_owned(),
        password: password.into(),
        device: None,
    };
    let opened = accounts.sign_in(asked, "the demo".to_owned(), HERE).await?;
    let viewer = accounts.identify(&opened.token, HERE).await?;
    Ok((viewer, opened.session))
}

/// Credit for both members, and a year of VIP for one.
async fn give(app: &App, admin: &Admin, sign_ins: &SignIns) -> anyhow::Result<()> {
    for name in sign_ins.keys().filter(|name| *name != ADMIN) {
        let Some(account) = app.accounts.find_by_name(name.clone()).await? else {
            continue;
        };
        let credit = NewCredit {
            amount: 2_000,
            note: "Welcome".to_owned(),
        };
        let key = Key::parse(&format!("demo-credit-{name}")).context("a key has a form")?;
        app.membership
            .credit(admin.clone(), account.id.clone(), credit, key)
            .await?;
        if name == "vip" && account.vip_until.is_none() {
            let until = app.clock.now() + TimeDelta::days(365);
            let changes = AccountChanges {
                vip_until: Some(Some(until.and_utc())),
                ..AccountChanges::default()
            };
            app.accounts
                .administer(admin.actor.clone(), account.id, changes)
                .await?;
        }
    }
    Ok(())
}

async fn announce(app: &App, admin: &Admin) -> anyhow::Result<()> {
    if !app.notices.list_newest(1).await?.is_empty() {
        return Ok(());
    }
    let notices = [
        (
            "How this house works",
            "Free films start after a short wait; **VIPs** do not wait and pay half. Redeem vouchers on the [wallet](/wallet) page.",
            false,
        ),
        (
            "Welcome to the demo",
            "Six films, three of them a series, made on this machine a moment ago by arithmetic. Have a look around: nothing here can break.",
            true,
        ),
    ];
    for (title, body, pinned) in notices {
        let notice = NewNotice {
            title: title.to_owned(),
            body: body.to_owned(),
            pinned: Some(pinned),
        };
        app.notices.publish(admin.clone(), notice).await?;
    }
    Ok(())
}

/// Makes and publishes a film; its title when it was not there yet.
async fn publish(
    app: &App,
    admin: &Admin,
    film: &Film,
    folder: &Path,
) -> anyhow::Result<Option<&'static str>> {
    if app.movies.find_by_title(film.title).await?.is_some() {
        return Ok(None);
    }
    let path = films::make(&app.config.movies.ffmpeg, film, folder).await?;
    let upload = app.uploads.take_file(&admin.viewer, &path).await?;
    let asked = NewMovie {
        upload_id: upload.uuid(),
        title: film.title.to_owned(),
        description: Some(film.description.to_owned()),
        tags: Some(film.tags.iter().map(|tag| (*tag).to_owned()).collect()),
        category: Some(film.category.to_owned()),
        price: film.price,
        publish_at: None,
        preview_seconds: (film.price > 0).then_some(8),
    };
    match app
        .movies
        .publish(admin.actor.clone(), admin.viewer.id(), asked)
        .await
    {
        Ok(_) => Ok(Some(film.title)),
        Err(movies::Error::Duplicate(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
