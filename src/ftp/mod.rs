//! The drives over FTP, with TLS on request (RFC 959, 2228, 2389, 2428, 3659, 4217), off unless it is configured.
//!
//! A way in like the others: names, quota, permissions and versions are those of [`drive`](crate::drive), uploads are
//! [`uploads`](crate::transfers::uploads), downloads [`contents`](crate::drive::content). Nothing is decided here but
//! how a client is spoken to.
//!
//! Keeps true: nobody is asked for a password in the clear when TLS is required; what a client sends before it has
//! signed in is bounded, in bytes and in time; a session ends when its account is locked or its token or password
//! has ended; a file is in the drive when 226 is answered, and a file that was cut is not, but can be gone on with.
//! Only passive data connections are made, and only with the address that the control connection came from.

mod asking;
mod carrying;
mod command;
mod data;
mod door;
mod files;
mod guests;
mod listing;
mod receiving;
mod reply;
mod sending;
mod session;
mod signing;
mod tls;
mod transfer;
mod wire;

pub use door::{Door, Parts};
