//! The types of shares, and what can go wrong with one.

use playhouse_api::drive as api;
use playhouse_api::problem::{ErrorCode, FieldProblem};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts;
use crate::clock::Time;
use crate::db;
use crate::drive::{self, Entry, Node, content};
use crate::ids::{AccountId, EntryId, ShareId};
use crate::media;

/// A row of `drive_shares`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::drive_shares)]
pub struct Share {
    pub id: ShareId,
    pub account_id: AccountId,
    pub entry_id: EntryId,
    pub password_hash: Option<String>,
    pub expires_at: Option<Time>,
    pub max_uses: Option<i64>,
    pub uses: i64,
    pub created_at: Time,
}

impl Share {
    /// The share as its owner sees it; `token` is what its link bears.
    pub(super) fn view(&self, entry: &Entry, token: &str) -> api::Share {
        api::Share {
            id: self.id.uuid(),
            url: format!("/s/{token}"),
            entry: entry.view(),
            has_password: self.password_hash.is_some(),
            expires_at: self.expires_at.map(|at| at.and_utc()),
            max_uses: self.max_uses,
            uses: self.uses,
            created_at: self.created_at.and_utc(),
        }
    }
}

/// The key of a page of shares: the latest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareKey {
    pub id: Uuid,
}

/// What a visitor brings along, out of cookies.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Says that they know the password.
    pub access: Option<String>,
    /// Says that they have begun a download.
    pub usage: Option<String>,
    /// Whether they ask for a part of a file, as somebody does who goes on.
    pub wants_part: bool,
}

/// What a visitor sees of a share.
#[derive(Clone, Debug)]
pub struct Seen {
    pub share: Share,
    /// What is looked at: the shared entry, or something below it.
    pub node: Node,
    /// From the shared folder, which is `/`.
    pub path: String,
    /// The name of what is shared.
    pub top: String,
    /// A folder's children, with paths from the shared folder.
    pub children: playhouse_api::page::Page<Entry>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such share")]
    NotFound,
    #[error("nothing of that name in the shared folder")]
    NothingThere,
    #[error("the share has expired")]
    Expired,
    #[error("the share has been used up")]
    Spent,
    #[error("the share asks for its password")]
    PasswordRequired,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("too many wrong passwords")]
    Throttled { retry_after: u64 },
    #[error("a whole drive is not shared")]
    WholeDrive,
    #[error("an account has at most {max} shares")]
    TooMany { max: i64 },
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error(transparent)]
    Drive(#[from] drive::Error),
    #[error(transparent)]
    Content(#[from] content::Error),
    #[error(transparent)]
    Media(#[from] media::Error),
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let new = |code, detail: &str| Self::new(code, detail);
        match error {
            Error::NotFound => Self::not_found("share"),
            Error::NothingThere => new(
                ErrorCode::NotFound,
                "There is nothing of that name in this share.",
            ),
            Error::Expired => new(ErrorCode::Expired, "This share has expired."),
            Error::Spent => new(
                ErrorCode::Expired,
                "This share has been downloaded as often as its owner allowed.",
            ),
            Error::PasswordRequired => new(
                ErrorCode::PasswordRequired,
                "Post the password to the address of this share with /password behind it.",
            ),
            Error::WrongPassword => new(ErrorCode::WrongCredentials, "The password is wrong."),
            Error::Throttled { retry_after } => {
                let detail = format!("Too many attempts. Try again in {retry_after} seconds.");
                Self::new(ErrorCode::TooManyRequests, detail).retry_after(retry_after)
            }
            Error::WholeDrive => new(
                ErrorCode::Conflict,
                "A whole drive is not shared. Share a folder of it.",
            ),
            Error::TooMany { max } => {
                let detail = format!("An account has at most {max} shares. Remove one first.");
                Self::new(ErrorCode::Conflict, detail)
            }
            Error::Invalid(fields) => Self::invalid(fields),
            Error::Drive(error) => error.into(),
            Error::Content(error) => error.into(),
            Error::Media(error) => error.into(),
            Error::Accounts(error) => error.into(),
            Error::Db(error) => error.into(),
        }
    }
}
