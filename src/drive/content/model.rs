//! The types of what a drive gives out, and what can go wrong with it.

use playhouse_api::problem::ErrorCode;

use crate::accounts::{Account, Role};
use crate::clock::Time;
use crate::config::DriveConfig;
use crate::db;
use crate::drive::{self, Node};
use crate::media;
use crate::transfers::disposition::Offer;
use crate::transfers::live::Access;
use crate::transfers::zip::TooMuch;

/// What somebody wants of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To save it.
    Save,
    /// To see it in a sandbox, if it is of a type that can be shown.
    Preview,
}

impl From<Asked> for Offer {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Save => Self::Attachment,
            Asked::Preview => Self::Preview,
        }
    }
}

/// What a gate lets somebody have.
#[derive(Clone, Debug)]
pub struct Permit {
    pub access: Access,
    /// Whose drive it is: their rate holds, and they see the progress.
    pub owner: Account,
    pub node: Node,
}

/// Bytes a second that a drive may give out; none is without a limit.
pub(super) fn rate_of(owner: &Account, config: &DriveConfig, now: Time) -> Option<u64> {
    let rate = match owner.role {
        Role::Admin => config.admin_download_bytes_per_second,
        Role::Member if owner.is_vip(now) => config.vip_download_bytes_per_second,
        Role::Member => config.download_bytes_per_second,
    };
    (rate > 0).then_some(rate)
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Drive(#[from] drive::Error),
    #[error(transparent)]
    Media(#[from] media::Error),
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    #[error("too many archives are being made")]
    NoRoom,
    #[error("a file without its content: {0}")]
    NoContent(String),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Drive(error) => error.into(),
            Error::Media(error) => error.into(),
            Error::TooMuch(_) => Self::new(
                ErrorCode::PayloadTooLarge,
                "The folder has more files than one archive takes. Download its folders one by one.",
            ),
            Error::NoRoom => Self::new(
                ErrorCode::Busy,
                "Too many folders are being downloaded at present. Try again in a moment.",
            )
            .retry_after(5),
            error @ Error::NoContent(_) => Self::internal(error),
            Error::Db(error) => error.into(),
        }
    }
}
