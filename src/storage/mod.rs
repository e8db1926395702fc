//! Blobs: the bytes of films and files, named by their content; and those that are still arriving. No HTTP types here.

pub mod blob_id;
pub mod local;
pub mod staging;

pub use blob_id::BlobId;
pub use local::{Adopted, Blob, LocalBlobs};
pub use staging::{Growing, StagingFolder};
