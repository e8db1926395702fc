//! What can go wrong in this slice.

use playhouse_api::problem::ErrorCode;

use crate::accounts;
use crate::chat;
use crate::db;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("an export of this account is under way")]
    Exporting,
    #[error("too many exports are under way")]
    Busy,
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    #[error(transparent)]
    Chat(#[from] chat::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Exporting => Self::new(
                ErrorCode::Conflict,
                "An export of this account is under way. Wait for its end, or break it off.",
            ),
            Error::Busy => {
                Self::new(ErrorCode::Busy, "Too many exports are being made.").retry_after(30)
            }
            Error::Accounts(cause) => cause.into(),
            Error::Chat(cause) => cause.into(),
            Error::Db(cause) => cause.into(),
        }
    }
}
