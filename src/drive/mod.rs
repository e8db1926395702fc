//! Drives: each member's own files, as a tree of folders.
//!
//! Keeps true: a name is taken once in a folder; every path ends at the root of its owner, and nobody else sees it;
//! the bytes used are the sum over files, kept versions and trash, and never more than the quota allows. Bytes are not
//! here but in blobs, by reference; uploads bring them in. The one [`Drive`] serves the web API, WebDAV, FTP and shares.

mod below;
pub mod content;
mod listing;
mod model;
mod name;
pub mod policy;
pub mod quota;
mod service;
mod store;
mod trash;
mod tree;

pub use content::Contents;
pub use model::{
    Changes, Content, Digests, Entry, EntryKey, Error, Kind, Node, Row, TrashKey, Usage, Version,
};
pub use name::{DrivePath, MAX_DEPTH, MAX_NAME, MAX_PATH, Name, NameError};
pub use service::Drive;
