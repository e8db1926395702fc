//! What can go wrong in a drive, and how it is told.

use playhouse_api::problem::{ErrorCode, FieldCode};

use super::name::{MAX_DEPTH, NameError};
use crate::accounts;
use crate::blobs;
use crate::db;
use crate::transfers::uploads::UploadError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such entry")]
    NotFound,
    #[error("no such version")]
    NoVersion,
    #[error("{field} {cause}")]
    Name {
        field: &'static str,
        cause: NameError,
    },
    #[error("{0} {1}")]
    Field(&'static str, &'static str),
    #[error("the cursor belongs to another order")]
    WrongCursor,
    #[error("{0} is taken")]
    NameTaken(String),
    #[error("{0} is not a folder")]
    NotAFolder(&'static str),
    #[error("a folder has no content")]
    NotAFile,
    #[error("the root stays as it is")]
    Root,
    #[error("a folder cannot be put into itself")]
    Cycle,
    #[error("the tree would be too deep")]
    TooDeep,
    #[error("more than {max} entries at once")]
    TooMany { max: usize },
    #[error("too many properties")]
    TooManyProperties,
    #[error("it is in the trash")]
    InTrash,
    #[error("it is not in the trash")]
    NotInTrash,
    #[error("it has changed")]
    Changed,
    #[error("over quota: {wanted} bytes wanted, {free} free")]
    OverQuota { wanted: i64, free: i64 },
    #[error("the account is locked")]
    Locked,
    #[error("the access token lacks the scope {0}")]
    MissingScope(&'static str),
    #[error("the bytes")]
    Blobs(#[from] blobs::Error),
    #[error("the upload")]
    Upload(#[from] UploadError),
    #[error("the owner's account")]
    Account(#[from] accounts::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl Error {
    /// A name or path in a field of a request that breaks the rule.
    pub fn name(field: &'static str) -> impl Fn(NameError) -> Self {
        move |cause| Self::Name { field, cause }
    }
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let conflict = |detail: &str| Self::new(ErrorCode::Conflict, detail);
        match error {
            Error::NotFound => Self::not_found("file or folder"),
            Error::NoVersion => Self::not_found("version"),
            Error::Name { field, cause } => {
                let (code, detail) = bad_name(field, cause);
                Self::field(field, code, &detail)
            }
            Error::Field(field, what) => {
                Self::field(field, FieldCode::InvalidFormat, &format!("{field} {what}."))
            }
            Error::WrongCursor => Self::field(
                "cursor",
                FieldCode::InvalidFormat,
                "cursor belongs to a list in another order.",
            ),
            Error::NameTaken(name) => Self::new(
                ErrorCode::NameTaken,
                format!("There is a file or folder named {name} already."),
            ),
            Error::NotAFolder(field) => Self::field(
                field,
                FieldCode::InvalidFormat,
                &format!("{field} names a file, not a folder."),
            ),
            Error::NotAFile => conflict("A folder has no versions."),
            Error::Root => conflict("The root of the drive stays as it is."),
            Error::Cycle => conflict("A folder cannot be put into itself."),
            Error::TooDeep => conflict(&format!(
                "Folders are at most {MAX_DEPTH} deep, and a path has at most 4096 bytes."
            )),
            Error::TooMany { max } => {
                conflict(&format!("At most {max} entries are copied at once."))
            }
            Error::TooManyProperties => Self::new(
                ErrorCode::InsufficientStorage,
                "An entry has at most 64 properties of 16 KiB together.",
            ),
            Error::InTrash => conflict("It is in the trash. Restore it first."),
            Error::NotInTrash => conflict("It is not in the trash."),
            Error::Changed => Self::new(
                ErrorCode::PreconditionFailed,
                "It has changed since it was read. Read it again.",
            ),
            Error::OverQuota { wanted, free } => Self::new(
                ErrorCode::OverQuota,
                format!("This needs {wanted} bytes; the drive has {free} left."),
            ),
            Error::Locked => accounts::Error::Locked.into(),
            Error::MissingScope(scope) => Self::new(
                ErrorCode::MissingScope,
                format!("The access token lacks the scope {scope}."),
            ),
            Error::Blobs(cause) => cause.into(),
            Error::Upload(cause) => cause.into(),
            Error::Account(cause) => cause.into(),
            Error::Db(cause) => cause.into(),
        }
    }
}

/// What to say of a field that holds no name or path.
pub(super) fn bad_name(field: &str, cause: NameError) -> (FieldCode, String) {
    let code = match cause {
        NameError::Empty => FieldCode::Required,
        NameError::NameTooLong | NameError::PathTooLong | NameError::TooDeep => FieldCode::TooLong,
        _ => FieldCode::InvalidFormat,
    };
    (code, format!("{field} {cause}."))
}
