//! The bytes of films and files, and who has them: one row for each content, with the number of its holders.
//!
//! Keeps true: equal bytes are in the storage once; a row counts the films, files and kept versions that have it, goes
//! with the last of them, and its bytes follow in the background; bytes without a row are cleared away. Holders of any
//! slice share a content without knowing of each other. Who may read the bytes is decided by those slices.
//!
//! A change that gives up bytes calls [`release_in`] after its own row is gone, in the same transaction. One that makes
//! a copy calls [`hold_in`]. Bytes that arrive come in through [`Blobs::keep`] and no other way.
//!
//! Bytes come and go under a lock of this process, so one server at a time works on a storage.

mod digests;
mod locks;
mod model;
mod reconcile;
mod service;
mod store;

pub use model::{Blob, Error, NewBlob, Result};
pub use reconcile::Reconciled;
pub use service::{Blobs, add_rows_in, hold_in, release_in};
