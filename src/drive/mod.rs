//! Drives: each member's own files, as a tree of folders.
//!
//! Keeps true: a name is taken once in a folder; every path ends at the root of its owner, and nobody else sees it;
//! the bytes used are the sum over files, kept versions and trash, and never more than the quota allows. Bytes are not
//! here but in blobs, by reference; uploads bring them in. The one [`Drive`] serves the web API, WebDAV, FTP and shares.

mod below;
mod changing;
pub mod content;
mod copying;
mod destination;
mod http;
mod leaving;
mod listing;
mod model;
mod name;
mod placing;
pub mod policy;
mod properties;
mod purge;
pub mod quota;
mod refusal;
mod service;
mod store;
mod trash;
mod tree;
mod turns;
mod versions;

pub use content::Contents;
pub use copying::CopyTo;
pub use http::configure;
pub use model::{
    Changes, Content, Digests, Entry, EntryKey, Error, IfMatch, Kind, Node, Row, TrashKey, Usage,
    Version,
};
pub use name::{DrivePath, MAX_DEPTH, MAX_NAME, MAX_PATH, Name, NameError};
pub use placing::NewFile;
pub use properties::Property;
pub use service::Drive;
