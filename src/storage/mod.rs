//! Blobs: the bytes of films and files, named by their content; and those that are still arriving. No HTTP types here.

pub mod blob_hash;
pub mod local;
pub mod staging;

pub use blob_hash::BlobHash;
pub use local::{Adopted, Blob, LocalBlobs};
pub use staging::{Growing, StagingFolder};
