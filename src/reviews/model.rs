//! The types of this slice, and what can go wrong in it.

use playhouse_api::chat::Person;
use playhouse_api::problem::{ErrorCode, FieldProblem};
use playhouse_api::reviews as api;

use crate::clock::Time;
use crate::db::{self, schema};
use crate::ids::{AccountId, CommentId, MovieId};
use crate::membership;

/// A row of `ratings`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::ratings)]
pub(super) struct Rated {
    pub account_id: AccountId,
    pub movie_id: MovieId,
    pub stars: i32,
    pub updated_at: Time,
}

/// A row of `comments`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::comments)]
pub(super) struct Comment {
    pub id: CommentId,
    pub movie_id: MovieId,
    pub account_id: AccountId,
    pub body: String,
    pub created_at: Time,
    pub edited_at: Option<Time>,
    pub is_hidden: bool,
    /// How many have reported it.
    pub reports: i64,
}

impl Comment {
    /// The comment as the API shows it; `author` is the user name.
    pub(super) fn view(&self, author: &str, with_hidden: bool) -> api::Comment {
        let is_shown = with_hidden || !self.is_hidden;
        api::Comment {
            id: self.id.uuid(),
            movie_id: self.movie_id.uuid(),
            author: person(&self.account_id, author),
            text: is_shown.then(|| self.body.clone()),
            created_at: self.created_at.and_utc(),
            edited_at: self.edited_at.map(|at| at.and_utc()),
            hidden: self.is_hidden,
        }
    }
}

pub(super) fn person(id: &AccountId, username: &str) -> Person {
    Person {
        id: id.uuid(),
        username: username.to_owned(),
    }
}

/// A row of `comment_reports`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::comment_reports)]
pub(super) struct Report {
    pub comment_id: CommentId,
    pub account_id: AccountId,
    pub reason: Option<String>,
    pub created_at: Time,
}

/// Which comments admins look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// And not hidden.
    Reported,
    Hidden,
    All,
}

impl From<api::CommentState> for State {
    fn from(state: api::CommentState) -> Self {
        match state {
            api::CommentState::Reported => Self::Reported,
            api::CommentState::Hidden => Self::Hidden,
            api::CommentState::All => Self::All,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such film")]
    NoSuchFilm,
    #[error("no such comment")]
    NoSuchComment,
    #[error("the comment is somebody else's")]
    NotYours,
    #[error("the comment is the caller's own")]
    Yours,
    #[error("the comment is hidden")]
    Hidden,
    #[error("too many comments")]
    Throttled { retry_after: u64 },
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error(transparent)]
    Refused(#[from] membership::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchFilm => Self::not_found("film"),
            Error::NoSuchComment => Self::not_found("comment"),
            Error::NotYours => Self::new(
                ErrorCode::Forbidden,
                "Only who wrote a comment may do this.",
            ),
            Error::Yours => Self::new(
                ErrorCode::Yourself,
                "This comment is your own. Delete it instead.",
            ),
            Error::Hidden => Self::new(
                ErrorCode::Conflict,
                "An admin has hidden this comment. It can be deleted, and not changed.",
            ),
            Error::Throttled { retry_after } => Self::new(
                ErrorCode::TooManyRequests,
                format!("This account writes too many comments. Try again in {retry_after} s."),
            )
            .retry_after(retry_after),
            Error::Invalid(fields) => Self::invalid(fields),
            Error::Refused(cause) => cause.into(),
            Error::Db(cause) => cause.into(),
        }
    }
}
