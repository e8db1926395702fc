//! Makes the demo: the people before the doors open, the rest behind open doors.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use playhouse_api::accounts as api;
use playhouse_api::admin::{AccountChanges, NewCredit};
use playhouse_api::movies::NewMovie;
use playhouse_api::notices::NewNotice;

use super::films::{FILMS, Film};
use super::notebook::{Notebook, SignIn};
use crate::accounts::{self, Accounts, Admin, Role};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::ids::SessionId;
use crate::membership::{self, Key, Membership};
use crate::movies::{self, Movies};
use crate::notices::{self, Notices};
use crate::transfers::uploads::{UploadError, Uploads};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Films that are made at a time.
const CREWS: usize = 2;

const NAMES: &[&str] = &["admin", "vip", "member"];

/// Who gets how much into the wallet, in minor units.
const CREDITS: &[(&str, i64)] = &[("vip", 5_000), ("member", 1_500)];

const NOTICES: &[(&str, &str, bool)] = &[
    (
        "Six short films to begin with",
        "The programme opens with six films, **none of which was ever shot**: a machine drew them while this house \
         started. Four are free; two cost a little, and a VIP pays half.\n\n\
         A member waits a moment before a free film downloads, a VIP does not.",
        false,
    ),
    (
        "Welcome to the house",
        "This is a demo, so do as you like: watch, buy, download, change your mind.\n\n\
         - Sign in as `admin` and publish a film of your own with `playhouse-admin movie publish`.\n\
         - Nothing leaves this machine. Remove the data folder, and the house is empty again.",
        true,
    ),
];

/// What the demo is made with.
#[derive(Clone)]
pub struct Demo {
    pub accounts: Accounts,
    pub membership: Membership,
    pub uploads: Uploads,
    pub movies: Movies,
    pub notices: Notices,
    pub clock: Clock,
    pub data_dir: PathBuf,
    pub ffmpeg: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the accounts of the demo")]
    Accounts(#[from] accounts::Error),
    #[error("the wallets of the demo")]
    Membership(#[from] membership::Error),
    #[error("the notices of the demo")]
    Notices(#[from] notices::Error),
    #[error("a film of the demo")]
    Movies(#[from] movies::Error),
    #[error("the upload of a film of the demo")]
    Upload(#[from] UploadError),
    #[error("ffmpeg cannot be run, so there are no films; install it and start again")]
    NoFfmpeg(#[source] std::io::Error),
    #[error("ffmpeg could not make a film: {0}")]
    Ffmpeg(String),
    #[error("demo.json or the demo's working folder")]
    Files(#[from] std::io::Error),
    #[error("{0}")]
    Broken(&'static str),
}

type Result<T> = std::result::Result<T, Error>;

impl Demo {
    /// Makes the accounts, and says how to sign in. `None` where the house is not empty and not a demo.
    ///
    /// # Errors
    /// When the database or the data folder cannot be written.
    pub async fn prepare(&self) -> Result<Option<Vec<SignIn>>> {
        let kept = Notebook::load(&self.data_dir)?;
        let token = self.accounts.prepare_setup(&self.data_dir).await?;
        let mut notebook = match (kept, &token) {
            (Some(kept), _) => kept,
            (None, Some(_)) => Notebook::new(NAMES),
            (None, None) => return Ok(None),
        };
        if !notebook.is_peopled {
            // The passwords are kept before they are used, so that they are known whatever happens.
            notebook.save(&self.data_dir)?;
            self.people(&notebook.sign_ins, token).await?;
            notebook.is_peopled = true;
            notebook.save(&self.data_dir)?;
        }
        Ok(Some(notebook.sign_ins))
    }

    async fn people(&self, sign_ins: &[SignIn], token: Option<String>) -> Result<()> {
        for SignIn { username, password } in sign_ins {
            let is_admin = username == "admin";
            if let (true, Some(token)) = (is_admin, &token) {
                let setup = api::Setup {
                    token: token.as_str().into(),
                    username: username.clone(),
                    password: password.as_str().into(),
                };
                self.accounts.set_up(setup, HERE, &self.data_dir).await?;
            } else if !is_admin {
                match self
                    .accounts
                    .create(newcomer(username, password), Role::Member)
                    .await
                {
                    // Made by a start that was cut short.
                    Ok(_) | Err(accounts::Error::UsernameTaken) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Makes what is missing of the rest, and says what is ready.
    ///
    /// # Errors
    /// At the first thing that cannot be made. What was made stays, and the next start goes on from there.
    pub async fn fill(&self, say: impl Fn(&str)) -> Result<()> {
        let Some(mut notebook) = Notebook::load(&self.data_dir)? else {
            return Ok(());
        };
        let names = FILMS.iter().map(|film| film.file);
        if notebook.has("money")
            && names
                .chain(NOTICES.iter().map(|it| it.0))
                .all(|it| notebook.has(it))
        {
            return Ok(());
        }
        let (admin, session) = self.admin(&notebook.sign_ins).await?;
        let outcome = self.fill_as(&admin, &mut notebook, say).await;
        self.accounts
            .end_session(admin.viewer.id().clone(), session)
            .await?;
        outcome
    }

    async fn fill_as(
        &self,
        admin: &Admin,
        notebook: &mut Notebook,
        say: impl Fn(&str),
    ) -> Result<()> {
        if !notebook.has("money") {
            self.endow(admin, &notebook.sign_ins).await?;
            notebook.note("money", &self.data_dir)?;
        }
        for (title, body, pinned) in NOTICES
            .iter()
            .filter(|it| !notebook.has(it.0))
            .collect::<Vec<_>>()
        {
            let notice = NewNotice {
                title: (*title).to_owned(),
                body: (*body).to_owned(),
                pinned: Some(*pinned),
            };
            self.notices.publish(admin.clone(), notice).await?;
            notebook.note(title, &self.data_dir)?;
        }
        let folder = self.data_dir.join("demo-films");
        std::fs::create_dir_all(&folder)?;
        let filmed = self.film_all(admin, notebook, &folder, say).await;
        std::fs::remove_dir_all(&folder)?;
        filmed
    }

    /// Shoots several films at once, and publishes them in their order, so that the catalogue is always the same.
    async fn film_all(
        &self,
        admin: &Admin,
        notebook: &mut Notebook,
        folder: &Path,
        say: impl Fn(&str),
    ) -> Result<()> {
        let missing: Vec<&Film> = FILMS
            .iter()
            .filter(|film| !notebook.has(film.file))
            .collect();
        let mut shot = stream::iter(missing)
            .map(|film| async move { (film, film.shoot(&self.ffmpeg, folder).await) })
            .buffered(CREWS);
        while let Some((film, path)) = shot.next().await {
            self.publish(admin, film, &path?).await?;
            notebook.note(film.file, &self.data_dir)?;
            say(film.title);
        }
        Ok(())
    }

    async fn publish(&self, admin: &Admin, film: &Film, path: &Path) -> Result<()> {
        let upload = self
            .uploads
            .take_file(&admin.viewer, path, "video/mp4")
            .await?;
        let movie = NewMovie {
            upload_id: upload.uuid(),
            title: film.title.to_owned(),
            description: Some(film.description.to_owned()),
            tags: Some(film.tags.iter().map(|tag| (*tag).to_owned()).collect()),
            category: Some(film.category.to_owned()),
            price: film.price,
            publish_at: None,
        };
        let published = self
            .movies
            .publish(admin.actor.clone(), admin.viewer.id(), movie);
        match Box::pin(published).await {
            // Published by a start that was cut short before it could note it.
            Ok(_) | Err(movies::Error::Duplicate(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// VIP for a year, and credit.
    async fn endow(&self, admin: &Admin, sign_ins: &[SignIn]) -> Result<()> {
        for (name, amount) in CREDITS {
            let password = sign_ins
                .iter()
                .find(|it| it.username == *name)
                .map(|it| it.password.as_str());
            let opened = self.sign_in(name, password.unwrap_or_default()).await?;
            let account = opened.account.id.clone();
            self.accounts
                .end_session(account.clone(), opened.session)
                .await?;
            if *name == "vip" {
                let until = (self.clock.now() + TimeDelta::days(365)).and_utc();
                let changes = AccountChanges {
                    vip_until: Some(Some(until)),
                    ..AccountChanges::default()
                };
                self.accounts
                    .administer(admin.actor.clone(), account.clone(), changes)
                    .await?;
            }
            let credit = NewCredit {
                amount: *amount,
                note: "To look around with".to_owned(),
            };
            let key =
                Key::parse(&format!("demo-{name}")).ok_or(Error::Broken("the key of a credit"))?;
            self.membership
                .credit(admin.clone(), account, credit, key)
                .await?;
        }
        Ok(())
    }

    async fn admin(&self, sign_ins: &[SignIn]) -> Result<(Admin, SessionId)> {
        let admin = sign_ins.iter().find(|it| it.username == "admin");
        let admin = admin.ok_or(Error::Broken("demo.json names no admin"))?;
        let opened = self.sign_in(&admin.username, &admin.password).await?;
        let viewer = self
            .accounts
            .identify(&opened.token, HERE.to_string())
            .await?;
        let actor = Actor {
            id: Some(viewer.id().clone()),
            name: admin.username.clone(),
            ..Actor::house()
        };
        Ok((Admin { viewer, actor }, opened.session))
    }

    async fn sign_in(&self, username: &str, password: &str) -> Result<accounts::Opened> {
        let asked = api::NewSession {
            username: username.to_owned(),
            password: password.into(),
            device: None,
        };
        Ok(self
            .accounts
            .sign_in(asked, "the demo".to_owned(), HERE)
            .await?)
    }
}

fn newcomer(username: &str, password: &str) -> api::NewAccount {
    api::NewAccount {
        username: username.to_owned(),
        password: password.into(),
        real_name: None,
        phone: None,
        address: None,
        email: None,
        locale: None,
    }
}
