//! What can go wrong in watching.

use playhouse_api::problem::{ErrorCode, FieldCode};

use crate::{db, media, membership};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the position is not one of the film")]
    NoSuchPosition,
    #[error("no such film")]
    NoSuchFilm,
    #[error("the account watches {0} films already")]
    NoSeat(usize),
    #[error(transparent)]
    Refused(#[from] membership::Error),
    #[error(transparent)]
    Media(#[from] media::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchPosition => Self::field(
                "seconds",
                FieldCode::OutOfRange,
                "seconds is from 0 to the length of the film.",
            ),
            Error::NoSuchFilm => Self::not_found("film"),
            Error::NoSeat(most) => Self::new(
                ErrorCode::TooManyStreams,
                format!(
                    "This account watches {most} films already, on all its devices together. Stop one; half a minute \
                     later there is room."
                ),
            )
            .retry_after(30),
            Error::Refused(error) => error.into(),
            Error::Media(error) => error.into(),
            Error::Db(error) => error.into(),
        }
    }
}
