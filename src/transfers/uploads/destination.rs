//! What the files of the drive are for. The drive registers itself here; uploads know nothing else of it.

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use playhouse_api::uploads::OnConflict;
use uuid::Uuid;

use super::model::{CompletedUpload, Error};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::AccountId;

/// Where a file shall be, as its client said it. It has not been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub path: String,
    pub on_conflict: OnConflict,
    /// When the content changed, as far as the client knows.
    pub modified_at: Option<Time>,
    /// The content that it shall replace, as `If-Match` names it; anything when None.
    pub if_match: Option<String>,
}

/// A file that came whole, with no row of its own.
#[derive(Clone, Debug)]
pub struct WholeFile {
    /// Where the bytes are. They are durable and do not change any more.
    pub path: PathBuf,
    pub size: i64,
    /// Lower-case hex.
    pub blake3: String,
    pub content_type: String,
}

/// The entry that an upload became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub entry_id: Uuid,
    /// False when it took the place of a file that was there.
    pub is_new: bool,
}

/// Takes files into a tree with a quota.
///
/// `reserved` of an account always equals the sum over its uploads, because every row that begins, changes or ends does
/// so in the transaction that calls one of these. What runs in a transaction may run more than once.
///
/// It must not hold the [`Uploads`](super::Uploads) that it is registered with: they hold each other up.
pub trait Destination: Send + Sync {
    /// In the transaction that makes the upload's row: looks whether the name is valid, and free or to be replaced, and
    /// reserves `size` bytes (0 when the length is not known, or when parts hold them already).
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NameTaken`], [`Error::OverQuota`], [`Error::Refused`].
    fn begin_in(
        &self,
        conn: &mut Conn,
        owner: &AccountId,
        at: &Target,
        size: i64,
    ) -> Result<(), Error>;

    /// In the transaction that changes or ends the row: `delta` bytes more, or fewer, are reserved. Fewer always works.
    ///
    /// # Errors
    /// [`Error::OverQuota`], having changed nothing.
    fn reserve_in(&self, conn: &mut Conn, owner: &AccountId, delta: i64) -> Result<(), Error>;

    /// Puts a file whose last byte is durable into the tree: in one transaction the entry, the bytes' row, `upload.size`
    /// from reserved to used, and [`mark_placed_in`](super::mark_placed_in). The answer to the last byte waits for it.
    ///
    /// It is called again when it failed, and after a crash, as long as that transaction has not been committed. The
    /// bytes stay at `upload.path` until uploads remove them, which is after this has returned.
    ///
    /// # Errors
    /// As for [`begin_in`](Self::begin_in). Then the upload stays as it is, complete, with what it has reserved.
    fn finish<'a>(
        &'a self,
        upload: CompletedUpload,
        target: Target,
        owner: AccountId,
    ) -> BoxFuture<'a, Result<Placed, Error>>;

    /// Puts a file for which nothing was begun or reserved into the tree, in one transaction: all that
    /// [`begin_in`](Self::begin_in) and [`finish`](Self::finish) look at and do. The bytes stay at `file.path`.
    ///
    /// # Errors
    /// As for [`begin_in`](Self::begin_in), having changed nothing.
    fn put<'a>(
        &'a self,
        file: WholeFile,
        target: Target,
        owner: AccountId,
    ) -> BoxFuture<'a, Result<Placed, Error>>;
}
