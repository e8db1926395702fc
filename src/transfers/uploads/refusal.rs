//! What can go wrong with an upload, and how it is told.

use actix_web::http::header::{HeaderName, HeaderValue};
use playhouse_api::problem::{ErrorCode, FieldCode, FieldProblem};

use super::model::Stop;
use crate::db;
use crate::events::EndReason;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such upload")]
    NotFound,
    #[error("the upload has expired")]
    Expired,
    #[error("only an admin may upload films")]
    Forbidden,
    #[error("the access token lacks the scope {0}")]
    MissingScope(&'static str),
    #[error("the request cannot be understood: {0}")]
    Malformed(&'static str),
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error("more than {max} bytes")]
    TooLarge { max: i64 },
    #[error("more bytes than the {size} that were declared")]
    TooLong { size: i64 },
    #[error("its length is {size} already")]
    LengthKnown { size: i64 },
    #[error("a final upload takes no bytes")]
    IsFinal,
    #[error("no such part")]
    NoSuchPart,
    #[error("the parts: {0}")]
    Parts(&'static str),
    #[error("too many open uploads")]
    TooManyOpen { max: i64 },
    #[error("the upload stands at {at}")]
    OffsetMismatch { at: i64 },
    #[error("the bytes do not match their checksum")]
    ChecksumMismatch { at: i64 },
    #[error("the body did not arrive whole")]
    Cut { at: i64 },
    #[error("no byte arrived for too long")]
    Stalled { at: i64 },
    #[error("stopped: {0:?}")]
    Stopped(Stop),
    #[error("there is no room on the disk")]
    NoRoom,
    #[error("the upload is not finished")]
    Incomplete,
    #[error("the upload has been used")]
    Used,
    #[error("the name is taken: {0}")]
    NameTaken(String),
    #[error("the drive has no room")]
    OverQuota,
    #[error("the destination refuses: {detail}")]
    Refused { code: ErrorCode, detail: String },
    #[error("there is no drive")]
    NoDestination,
    #[error("the upload's actor does not answer")]
    Busy,
    #[error("the staging file")]
    Disk(#[source] std::io::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::NoRoom,
            _ => Self::Disk(error),
        }
    }
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let new = |code, detail: &str| Self::new(code, detail);
        match error {
            Error::NotFound => Self::not_found("upload"),
            Error::Expired => new(
                ErrorCode::Expired,
                "This upload has expired. Begin a new one.",
            ),
            Error::Forbidden => new(ErrorCode::Forbidden, "Only an admin may upload films."),
            Error::MissingScope(scope) => Self::new(
                ErrorCode::MissingScope,
                format!("The access token lacks the scope {scope}."),
            ),
            Error::Malformed(detail) => new(ErrorCode::BadRequest, detail),
            Error::Invalid(fields) => Self::invalid(fields),
            Error::TooLarge { max } => Self::new(
                ErrorCode::PayloadTooLarge,
                format!("This house takes files of at most {max} bytes."),
            ),
            Error::TooLong { size } => Self::new(
                ErrorCode::PayloadTooLarge,
                format!("More bytes came than the {size} that were declared."),
            ),
            Error::LengthKnown { size } => Self::new(
                ErrorCode::Conflict,
                format!("The length of this upload is {size} already, and stays so."),
            ),
            Error::IsFinal => new(
                ErrorCode::Forbidden,
                "The bytes of a final upload are those of its parts.",
            ),
            Error::NoSuchPart => Self::not_found("part"),
            Error::Parts(detail) => new(ErrorCode::Conflict, detail),
            Error::TooManyOpen { max } => Self::new(
                ErrorCode::Conflict,
                format!("An account has at most {max} open uploads. Finish or delete one."),
            ),
            Error::Incomplete => new(
                ErrorCode::UploadIncomplete,
                "The upload is not finished. Send the rest of it first.",
            ),
            Error::Used => new(ErrorCode::Conflict, "This upload has been used already."),
            Error::NameTaken(detail) => Self::new(ErrorCode::NameTaken, detail),
            Error::OverQuota => new(
                ErrorCode::OverQuota,
                "The drive has no room for this. Make some, and try again.",
            ),
            Error::Refused { code, detail } => Self::new(code, detail),
            Error::NoDestination => Self::field(
                "purpose",
                FieldCode::OutOfRange,
                "This house takes no uploads for the drive.",
            ),
            Error::NoRoom => new(
                ErrorCode::InsufficientStorage,
                "The disk of the house has no room for this.",
            ),
            Error::Busy => new(ErrorCode::Busy, "The upload is busy. Try again.").retry_after(2),
            Error::Stopped(stop) => stopped(stop),
            Error::Disk(cause) => Self::internal(cause),
            Error::Db(cause) => cause.into(),
            Error::OffsetMismatch { .. }
            | Error::ChecksumMismatch { .. }
            | Error::Cut { .. }
            | Error::Stalled { .. } => standing_at(&error),
        }
    }
}

/// Refusals that say where the upload stands.
fn standing_at(error: &Error) -> crate::error::Error {
    let (code, at, what) = match *error {
        Error::OffsetMismatch { at } => (ErrorCode::OffsetMismatch, at, "This is not its offset."),
        Error::ChecksumMismatch { at } => (
            ErrorCode::ChecksumMismatch,
            at,
            "The bytes do not match their checksum and were not kept.",
        ),
        Error::Stalled { at } => (
            ErrorCode::RequestTimeout,
            at,
            "No byte arrived for too long.",
        ),
        Error::Cut { at } => (ErrorCode::BadRequest, at, "The body did not arrive whole."),
        _ => return crate::error::Error::internal("this refusal has no offset"),
    };
    let detail = format!("{what} The upload stands at {at}.");
    crate::error::Error::new(code, detail).with_header(
        HeaderName::from_static("upload-offset"),
        HeaderValue::from(at),
    )
}

fn stopped(stop: Stop) -> crate::error::Error {
    use crate::accounts::Error as Accounts;
    match stop {
        Stop::Preempted => crate::error::Error::new(
            ErrorCode::Conflict,
            "Another request goes on with this upload.",
        ),
        Stop::AccessEnded(EndReason::Locked) => Accounts::Locked.into(),
        Stop::AccessEnded(_) => Accounts::NotSignedIn.into(),
        Stop::Deleted => crate::error::Error::not_found("upload"),
        Stop::Pausing => crate::error::Error::new(
            ErrorCode::Unavailable,
            "The server is stopping. What arrived is kept; come back in a moment.",
        )
        .retry_after(5),
    }
}
