//! Blobs: the bytes of films and files, named by their content; and those that are still arriving. No HTTP types here.

pub mod blob_hash;
pub mod content;
pub mod local;
pub mod staging;

pub use blob_hash::{BlobHash, NotABlobHash};
pub use content::Content;
pub use local::{Adopted, Blob, LocalBlobs};
pub use staging::{Growing, StagingFolder};
