//! What can go wrong in this slice, and which problem each is.

use playhouse_api::problem::{ErrorCode, FieldCode, FieldProblem};

use crate::accounts;
use crate::db;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such account")]
    NoSuchAccount,
    #[error("no such room, or the caller is not in it")]
    NoSuchRoom,
    #[error("no such {0}")]
    NotFound(&'static str),
    #[error("that is the caller")]
    Yourself,
    #[error("they are friends already")]
    AlreadyFriends,
    #[error("they are not friends")]
    NotFriends,
    #[error("the caller has blocked them")]
    Blocked,
    #[error("the name of the room is taken")]
    RoomNameTaken,
    #[error("the caller is banned from the room")]
    Banned,
    #[error("that member is banned from the room")]
    IsBanned,
    #[error("the caller may only read")]
    Muted,
    #[error("the room is slow")]
    SlowMode { retry_after: u64 },
    #[error("too many requests")]
    Throttled { retry_after: u64 },
    #[error("{0}")]
    Forbidden(&'static str),
    #[error("{0}")]
    Conflict(&'static str),
    #[error("the id was used for a message of another room")]
    OtherRoom,
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error("too many changes wait")]
    Busy,
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl Error {
    /// One field is not valid.
    pub(super) fn field(field: &str, code: FieldCode, detail: &str) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, code, detail)])
    }

    /// The error itself, unless it is a fault of the database, which fails everything in the same transaction.
    pub(super) fn not_of_the_database(self) -> db::Result<Self> {
        match self {
            Self::Db(fault) | Self::Accounts(accounts::Error::Db(fault)) => Err(fault),
            other => Ok(other),
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let new = |code, detail: &str| Self::new(code, detail);
        match error {
            Error::NoSuchAccount => new(ErrorCode::NoSuchAccount, "Nobody here has this name."),
            Error::NoSuchRoom => new(
                ErrorCode::NoSuchRoom,
                "There is no such room among those that are open to you.",
            ),
            Error::NotFound(what) => Self::not_found(what),
            Error::Yourself => new(ErrorCode::Yourself, "This is your own account."),
            Error::AlreadyFriends => new(ErrorCode::AlreadyFriends, "You are friends already."),
            Error::NotFriends => new(
                ErrorCode::NotFriends,
                "Only friends do this with each other.",
            ),
            Error::Blocked => new(
                ErrorCode::Conflict,
                "You have blocked this account. Unblock it first.",
            ),
            Error::RoomNameTaken => new(
                ErrorCode::RoomNameTaken,
                "A room has this name already. Choose another one.",
            ),
            Error::Banned => new(ErrorCode::Banned, "You may not come back into this room."),
            Error::IsBanned => new(
                ErrorCode::Conflict,
                "This account is banned from the room. Lift the ban first.",
            ),
            Error::Muted => new(ErrorCode::Muted, "You may only read here at present."),
            Error::SlowMode { retry_after } => {
                let detail = format!("This room is slow. Write again in {retry_after} seconds.");
                Self::new(ErrorCode::SlowMode, detail).retry_after(retry_after)
            }
            Error::Throttled { retry_after } => {
                let detail = format!("Too much at once. Try again in {retry_after} seconds.");
                Self::new(ErrorCode::TooManyRequests, detail).retry_after(retry_after)
            }
            Error::Forbidden(detail) => new(ErrorCode::Forbidden, detail),
            Error::Conflict(detail) => new(ErrorCode::Conflict, detail),
            Error::OtherRoom => new(
                ErrorCode::IdempotencyMismatch,
                "You used this client_msg_id for a message of another room.",
            ),
            Error::Invalid(fields) => Self::invalid(fields),
            Error::Busy => new(
                ErrorCode::Busy,
                "More messages wait than the server can queue.",
            )
            .retry_after(1),
            Error::Accounts(error) => error.into(),
            Error::Db(error) => error.into(),
        }
    }
}
