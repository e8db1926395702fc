//! Uploads by tus 1.0.0: files arrive in pieces, over connections that break and servers that stop.
//!
//! Keeps true: an offset is told only when the bytes below it are durable and the row says so; it never falls; bytes
//! above it count for nothing and are cut off. One [`UploadTransfer`](actor::UploadTransfer) actor owns an upload in
//! flight; a second writer takes over from the first. When the last byte is durable the row holds the BLAKE3 hash and
//! the fingerprint. What the bytes are, and what becomes of them, is for the slice that uses the upload: a film is
//! published later, a file of the drive goes to its [`Destination`] before its last byte is answered.

mod actor;
mod begin;
mod by_path;
mod checksum;
mod concat;
mod destination;
mod house;
mod http;
mod join;
mod local;
mod metadata;
mod model;
mod place;
mod policy;
mod put;
mod quota;
mod receive;
mod refusal;
mod service;
mod small;
mod stint;
mod store;
mod tus;
mod upkeep;

pub use by_path::PathUpload;
pub use destination::{Destination, Placed, Target, WholeFile};
pub use http::configure;
pub use model::{CompletedUpload, Error as UploadError};
pub use service::{Uploads, mark_placed_in, mark_used_in};
