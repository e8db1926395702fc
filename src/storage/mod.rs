//! Where bytes are: those of films and files, named by their content, and those that are still arriving. No HTTP types
//! here.
//!
//! [`Storage`] is what a place for finished bytes can do. There are two: a folder of this machine ([`local`]), and a
//! bucket of an S3-compatible service ([`s3`]). Both pass the same tests. Who has which bytes is not known here, and a
//! caller sees to it that the same bytes are not adopted and removed at the same time.

pub mod blob_hash;
pub mod content;
mod fetched;
pub mod local;
pub mod s3;
pub mod staging;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use futures_util::future::BoxFuture;

pub use blob_hash::{BlobHash, NotABlobHash};
pub use content::{Content, RemoteObject};
pub use fetched::LocalFile;
pub use local::LocalBlobs;
pub use staging::{Growing, StagingFolder};

use crate::config::{StorageConfig, StorageTarget};

/// Bytes that can be read.
#[derive(Debug)]
pub struct Blob {
    pub content: Content,
    /// Their number.
    pub size: u64,
}

/// How a file became a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// It is in place now.
    Placed,
    /// The same content was in place before.
    AlreadyThere,
}

/// A place for finished bytes. A blob never changes once it is in place, and its name is the hash of its content.
pub trait Storage: fmt::Debug + Send + Sync + 'static {
    /// Puts a finished file into place without replacing anything; when it returns, that is durable. The file stays
    /// where it is until its owner removes it, and its content must be that of `id`. What was interrupted can be done
    /// again, and goes on where it stopped if it can.
    ///
    /// # Errors
    /// `InvalidData` when a blob of another length bears the name; what the place answers.
    fn adopt<'a>(&'a self, from: &'a Path, id: &'a BlobHash) -> BoxFuture<'a, io::Result<Adopted>>;

    /// Opens a blob for reading.
    ///
    /// # Errors
    /// `NotFound` when there is none; what the place answers.
    fn open<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<Blob>>;

    /// Removes a blob, which may be gone already.
    ///
    /// # Errors
    /// What the place answers.
    fn remove<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<()>>;

    /// The blobs whose hash begins with this byte, and their lengths.
    ///
    /// # Errors
    /// What the place answers.
    fn list(&self, first: u8) -> BoxFuture<'_, io::Result<HashMap<BlobHash, u64>>>;

    /// A file of this machine with the bytes of a blob, for tools that read files: the blob itself, or a copy that goes
    /// with the value.
    ///
    /// # Errors
    /// `NotFound` when there is no such blob; what the place answers.
    fn local_file<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<LocalFile>>;

    /// Removes what a process that has ended left on this machine. For the server, once, when it starts.
    ///
    /// # Errors
    /// What the disk answers.
    fn tidy(&self) -> BoxFuture<'_, io::Result<()>>;

    /// Blobs whose adoption was interrupted and has not gone on for so long.
    ///
    /// # Errors
    /// What the disk answers.
    fn interrupted(&self, idle: Duration) -> BoxFuture<'_, io::Result<Vec<BlobHash>>>;

    /// Gives an interrupted adoption up, and frees what it took.
    ///
    /// # Errors
    /// What the place answers.
    fn give_up<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<()>>;
}

/// The place that the configuration names. `folder` is the storage folder of this machine.
///
/// # Errors
/// A sentence for the operator.
pub fn of_config(config: &StorageConfig, folder: &Path) -> Result<Arc<dyn Storage>, String> {
    Ok(match config.target()? {
        StorageTarget::Folder(_) => Arc::new(LocalBlobs::new(folder.join("blobs"))),
        StorageTarget::S3(address) => Arc::new(s3::S3Blobs::connect(&address, config, folder)?),
    })
}

/// What a blob of another length under the same name is.
fn wrong_length(id: &BlobHash) -> io::Error {
    let message = format!("the blob {id} has another length");
    io::Error::new(io::ErrorKind::InvalidData, message)
}
