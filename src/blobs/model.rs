//! The types of this slice, and what can go wrong in it.

use std::path::PathBuf;

use playhouse_api::problem::ErrorCode;

use crate::clock::Time;
use crate::db;
use crate::ids::BlobId;
use crate::storage::{BlobHash, NotABlobHash};

/// Some bytes, as the database knows them.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::blobs)]
pub struct Blob {
    pub id: BlobId,
    /// Hexadecimal; also their name in the storage.
    pub blake3: String,
    pub size: i64,
    /// Hexadecimal, computed in the background.
    pub sha256: Option<String>,
    pub md5: Option<String>,
    pub created_at: Time,
}

impl Blob {
    /// Their name in the storage.
    #[must_use]
    pub fn name(&self) -> Option<BlobHash> {
        self.blake3.parse().ok()
    }
}

/// A finished file that is to be kept.
#[derive(Clone, Debug)]
pub struct NewBlob {
    /// Where it is now. It stays there until its owner removes it.
    pub path: PathBuf,
    /// The hash of its content, in lower-case hex.
    pub blake3: String,
    /// Its length in bytes.
    pub size: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    NotAHash(#[from] NotABlobHash),
    /// A reference to bytes that nobody has.
    #[error("no row has the bytes {0}")]
    NoSuchBlob(BlobId),
    /// More references were given up than there are.
    #[error("the bytes {id} have {refs} references, and {count} were to be released")]
    Miscounted { id: BlobId, refs: i64, count: i64 },
    #[error("the bytes are not in the storage as recorded: {actual} bytes instead of {expected}")]
    WrongLength { expected: i64, actual: u64 },
    #[error("the storage")]
    Storage(#[from] std::io::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether there is no room for more bytes.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        matches!(self, Self::Storage(cause) if cause.kind() == std::io::ErrorKind::StorageFull)
    }

    /// The same as an error of input and output, for whoever knows no other ones.
    #[must_use]
    pub fn into_io(self) -> std::io::Error {
        match self {
            Self::Storage(cause) => cause,
            other => std::io::Error::other(other),
        }
    }
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(cause) => cause.into(),
            error if error.is_storage_full() => Self::new(
                ErrorCode::InsufficientStorage,
                "The storage of the server is full.",
            ),
            error => Self::internal(error),
        }
    }
}
