//! A house with an owner who has a folder, and somebody who wants something of it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use playhouse::accounts::Role;
use playhouse::drive::DrivePath;
use playhouse::ids::AccountId;
use playhouse::page::PageRequest;
use playhouse_api::drive::EntrySort;
use playhouse_test_support::{PASSWORD, Person, TestApp, ftp, text};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::table::{Files, Outcome, Who};

/// What is in the file that everybody wants.
pub(crate) const CONTENT: &str = "the owner's words";
/// Bytes that no drive of this house has room for.
pub(crate) const TOO_MUCH: usize = 200_000;
const QUOTA: i64 = 100_000;

pub(crate) async fn house() -> TestApp {
    TestApp::start_with(|config| {
        ftp::plain(config);
        config.drive.quota_bytes = QUOTA;
    })
    .await
}

pub(crate) struct Scene<'a> {
    pub(crate) app: &'a TestApp,
    owner: Person,
    /// `/Papers`, the file in it, and another folder beside it.
    pub(crate) folder: String,
    pub(crate) file: String,
    /// Who asks, over HTTP.
    pub(crate) asker: Person,
    /// The same for protocols where one signs in by name: name and password or token.
    pub(crate) sign_in: Option<(String, String)>,
    /// A link, for those who have one.
    pub(crate) link: Option<String>,
}

impl<'a> Scene<'a> {
    /// An owner of its own for each attempt.
    pub(crate) async fn set(app: &'a TestApp, who: Who) -> Self {
        let owner = app.newcomer(Role::Member).await;
        let folder = app.put_folder(&owner, &owner.id, "Papers").await;
        let file = app
            .put_file(&owner, &folder, "a.txt", CONTENT.as_bytes())
            .await;
        let mut scene = Self {
            app,
            asker: owner.clone(),
            sign_in: Some((owner.name.clone(), PASSWORD.to_owned())),
            link: None,
            owner,
            folder,
            file,
        };
        scene.cast(who).await;
        scene
    }

    async fn cast(&mut self, who: Who) {
        match who {
            Who::Owner => {}
            Who::Other => self.play(Role::Member).await,
            Who::Admin => self.play(Role::Admin).await,
            Who::Nobody => {
                self.asker = self.app.nobody();
                self.sign_in = None;
            }
            Who::Locked => self.lock().await,
            Who::Reader => drop(self.take_token(&["read"], None).await),
            Who::Writer => drop(self.take_token(&["write"], None).await),
            Who::Expired => {
                let soon = self.app.clock.now() + TimeDelta::minutes(10);
                self.take_token(&["read", "write"], Some(soon.and_utc()))
                    .await;
                self.app.advance(TimeDelta::minutes(11));
            }
            Who::Revoked => {
                let id = self.take_token(&["read", "write"], None).await;
                let gone = self.owner.delete(&format!("/me/tokens/{id}")).await;
                assert_eq!(gone.status(), 204);
            }
            _ => self.cast_link(who).await,
        }
    }

    async fn cast_link(&mut self, who: Who) {
        self.asker = self.app.nobody();
        self.sign_in = None;
        let soon = self.app.clock.now() + TimeDelta::minutes(10);
        let asked = match who {
            Who::NoPassword => json!({"password": "not told"}),
            Who::Over => json!({"expires_at": soon.and_utc()}),
            _ => json!({}),
        };
        let entry = match who {
            Who::Beside => {
                self.app
                    .put_folder(&self.owner, &self.owner.id, "Beside")
                    .await
            }
            _ => self.folder.clone(),
        };
        let place = format!("/drive/entries/{entry}/shares");
        let answer = self.owner.post(&place, asked).await;
        assert_eq!(answer.status(), 201);
        let share: Value = answer.json().await.unwrap();
        self.link = Some(text(&share["url"]));
        match who {
            Who::TakenBack => {
                let place = format!("/drive/shares/{}", text(&share["id"]));
                assert_eq!(self.owner.delete(&place).await.status(), 204);
            }
            Who::Over => self.app.advance(TimeDelta::minutes(11)),
            Who::LinkOfLocked => self.lock().await,
            _ => {}
        }
    }

    async fn play(&mut self, role: Role) {
        self.asker = self.app.newcomer(role).await;
        self.sign_in = Some((self.asker.name.clone(), PASSWORD.to_owned()));
    }

    async fn lock(&self) {
        let admin = self.app.newcomer(Role::Admin).await;
        let place = format!("/admin/accounts/{}", self.owner.id);
        let answer = admin.patch(&place, json!({"is_locked": true})).await;
        assert_eq!(answer.status(), 200);
    }

    /// The asker has a token of the owner's from now on.
    async fn take_token(
        &mut self,
        scopes: &[&str],
        expires_at: Option<chrono::DateTime<chrono::Utc>>,
    ) -> String {
        let asked = json!({"name": "t", "scopes": scopes, "expires_at": expires_at});
        let answer = self.owner.post("/me/tokens", asked).await;
        assert_eq!(answer.status(), 201);
        let made: Value = answer.json().await.unwrap();
        let secret = text(&made["secret"]);
        self.asker = self.app.with_token(&secret);
        self.sign_in = Some((self.owner.name.clone(), secret));
        text(&made["id"])
    }

    /// What is in the owner's folder, past every gate.
    pub(crate) async fn files(&self) -> Files {
        let owner = AccountId::from(uuid::Uuid::parse_str(&self.owner.id).unwrap());
        let page = PageRequest::read(None, None).unwrap();
        let path = DrivePath::parse("/Papers").unwrap();
        let drive = &self.app.app().drive;
        let listed = drive.list_at(owner, path, EntrySort::Name, page).await;
        let words: BTreeMap<String, &str> = [CONTENT, "replaced", ""]
            .map(|it| (blake3::hash(it.as_bytes()).to_hex().to_string(), it))
            .into();
        let items = listed.unwrap().items.into_iter();
        let files = items.map(|it| {
            let hash = it.digests.as_ref().map(|it| it.blake3.clone());
            let content = hash.map_or("", |it| words.get(&it).copied().unwrap_or("other bytes"));
            (it.name.clone(), content.to_owned())
        });
        files.collect()
    }
}

/// What an HTTP status means.
pub(crate) fn meaning(status: StatusCode) -> Outcome {
    match status.as_u16() {
        200..=299 => Outcome::Yes,
        401 | 403 => Outcome::No,
        404 | 410 => Outcome::Nothing,
        507 => Outcome::Full,
        _ => Outcome::Strange,
    }
}
