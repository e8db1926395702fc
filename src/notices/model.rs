//! The types of this slice, and what can go wrong in it.

use playhouse_api::problem::FieldProblem;
use serde::{Deserialize, Serialize};

use crate::accounts::Account;
use crate::clock::Time;
use crate::db::{self, schema::notices};
use crate::ids::{AccountId, NoticeId};

/// A row of `notices`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = notices)]
pub(super) struct Notice {
    pub id: NoticeId,
    pub title: String,
    pub body: String,
    pub pinned: bool,
    pub author: String,
    pub created_at: Time,
    pub updated_at: Time,
}

/// Who reads, and since when they are here: what was published before then is not news to them.
#[derive(Clone, Debug)]
pub struct Reader {
    pub account: AccountId,
    pub joined_at: Time,
}

impl From<&Account> for Reader {
    fn from(account: &Account) -> Self {
        Self {
            account: account.id.clone(),
            joined_at: account.created_at,
        }
    }
}

/// The key of a page of notices: pinned ones stand first, then the newest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoticeKey {
    pub(super) pinned: bool,
    pub(super) id: uuid::Uuid,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error("no such notice")]
    NotFound,
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(fields) => Self::invalid(fields),
            Error::NotFound => Self::not_found("notice"),
            Error::Db(cause) => cause.into(),
        }
    }
}
