//! Blobs: the bytes of films and files, named by their content. No HTTP types here.

pub mod blob_hash;
pub mod local;

pub use blob_hash::BlobHash;
pub use local::{Blob, LocalBlobs};
