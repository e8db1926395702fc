//! What a look at everything finds.

use std::fmt;

use serde::Serialize;

use crate::db;

/// Something that is not as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "damage", rename_all = "snake_case")]
pub enum Damage {
    /// A row without bytes.
    Missing { blake3: String, size: i64 },
    /// Bytes were cut off or added.
    WrongLength {
        blake3: String,
        size: i64,
        actual: u64,
    },
    /// The length is right and the bytes are not.
    WrongHash { blake3: String, actual: String },
    /// The disk or the service did not give the bytes out.
    Unreadable { blake3: String, error: String },
    /// Bytes that no row has.
    NoRow { blake3: String, size: u64 },
    /// The row counts others than those that have it.
    WrongCount {
        blake3: String,
        refs: i64,
        holders: i64,
    },
    /// What an account is said to use is not the sum of its files, or what is said to be reserved not that of its
    /// uploads.
    WrongQuota {
        account_id: String,
        used: i64,
        actual_used: i64,
        reserved: i64,
        actual_reserved: i64,
    },
    /// The stars and votes that are shown of a film are not those of its ratings.
    WrongRating {
        movie_id: String,
        stars: i64,
        actual_stars: i64,
        votes: i64,
        actual_votes: i64,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { blake3, size } => write!(f, "missing        {blake3} ({size} bytes)"),
            Self::WrongLength {
                blake3,
                size,
                actual,
            } => write!(
                f,
                "wrong length   {blake3} ({actual} bytes instead of {size})"
            ),
            Self::WrongHash { blake3, actual } => {
                write!(f, "wrong hash     {blake3} (the bytes have {actual})")
            }
            Self::Unreadable { blake3, error } => write!(f, "unreadable     {blake3} ({error})"),
            Self::NoRow { blake3, size } => {
                write!(f, "without a row  {blake3} ({size} bytes)")
            }
            Self::WrongCount {
                blake3,
                refs,
                holders,
            } => write!(
                f,
                "wrong count    {blake3} ({holders} have it, {refs} are counted)"
            ),
            Self::WrongQuota {
                account_id,
                used,
                actual_used,
                reserved,
                actual_reserved,
            } => write!(
                f,
                "wrong quota    account {account_id} (used {actual_used}, recorded {used}; \
                 reserved {actual_reserved}, recorded {reserved})"
            ),
            Self::WrongRating {
                movie_id,
                stars,
                actual_stars,
                votes,
                actual_votes,
            } => write!(
                f,
                "wrong rating   film {movie_id} ({actual_stars} stars of {actual_votes} votes, recorded {stars} of {votes})"
            ),
        }
    }
}

/// How far it has come, and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Contents that were looked at.
    pub contents: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Contents that are recorded; grows with those that come meanwhile.
    pub of_contents: u64,
    pub of_bytes: u64,
    /// Findings.
    pub damage: u64,
}

/// What is told while it runs.
#[derive(Debug)]
pub enum Event<'a> {
    Progress(Summary),
    Found(&'a Damage),
}

/// Why it could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the storage could not be read")]
    Storage(#[from] std::io::Error),
    #[error("the database could not be read")]
    Db(#[from] db::Error),
}
