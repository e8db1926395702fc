//! Blobs: the bytes of films and files, named by their content. No HTTP types here.

pub mod blob_id;
pub mod local;

pub use blob_id::BlobId;
pub use local::{Blob, LocalBlobs};
