//! WebDAV as its clients meet it, the well-behaved and the others. `litmus` and real clients are in
//! `scripts/test/webdav.sh`.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod addresses;
mod bodies;
mod locks;
mod preconditions;
mod properties;
mod puts;
mod reads;
mod signin;
mod trees;
mod wire;
