//! The types of this slice, and what can go wrong in it.

use actix_web::http::header;
use playhouse_api::problem::ErrorCode;

use crate::blobs;
use crate::clock::Time;
use crate::db;
use crate::movies::Movie;
use crate::transfers::serve::Refusal;

/// A file in the storage, and how it is offered.
#[derive(Clone, Debug)]
pub struct Stored {
    /// In hex.
    pub blake3: String,
    /// Bytes.
    pub size: i64,
    /// In hex, when it is known.
    pub sha256: Option<String>,
    pub stored_at: Time,
    pub content_type: String,
    pub file_name: String,
}

impl From<&Movie> for Stored {
    fn from(movie: &Movie) -> Self {
        Self {
            blake3: movie.blob.blake3.clone(),
            size: movie.blob.size,
            sha256: movie.blob.sha256.clone(),
            stored_at: movie.blob.created_at,
            content_type: movie.content_type.clone(),
            file_name: movie.file_name.clone(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the address has no valid token")]
    NoSuchAddress,
    #[error("the address has expired")]
    Expired,
    #[error("the address belongs to another account")]
    Foreign,
    #[error("transfers are being stopped")]
    Stopping,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the blob {0} is not in the storage as recorded")]
    Storage(String, #[source] blobs::Error),
    #[error("the signing key is damaged")]
    SigningKey,
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let new = |code, detail: &str| Self::new(code, detail);
        match error {
            Error::NoSuchAddress => Self::not_found("address; ask for a new one"),
            Error::Expired => new(
                ErrorCode::Expired,
                "This address has expired. Ask for a new one.",
            ),
            Error::Foreign => new(
                ErrorCode::Forbidden,
                "This address belongs to another account.",
            ),
            Error::Stopping | Error::Refused(Refusal::Stopped) => new(
                ErrorCode::Unavailable,
                "This transfer is being stopped. Try again in a moment.",
            )
            .retry_after(2),
            Error::Refused(refusal) => refused(refusal),
            Error::Db(error) => error.into(),
            error @ (Error::Storage(..) | Error::SigningKey) => Self::internal(error),
        }
    }
}

fn refused(refusal: Refusal) -> crate::error::Error {
    use crate::error::Error as Answer;
    match refusal {
        Refusal::PreconditionFailed => Answer::new(
            ErrorCode::PreconditionFailed,
            "The file is not the version that you have a part of.",
        ),
        Refusal::RangeNotSatisfiable { size } => {
            let detail = format!("The file has {size} bytes; the range lies outside of them.");
            let answer = Answer::new(ErrorCode::RangeNotSatisfiable, detail);
            match format!("bytes */{size}").parse::<header::HeaderValue>() {
                Ok(value) => answer.with_header(header::CONTENT_RANGE, value),
                Err(_) => answer,
            }
        }
        other => Answer::internal(other),
    }
}
