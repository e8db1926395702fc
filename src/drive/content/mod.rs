//! The bytes of drives on their way out: a file with ranges, a folder as a zip archive.
//!
//! Keeps true: the gate is asked for every request, also for those that join a download under way; a download belongs
//! to what let it in (a login session, an access token, one use of a share) and ends with that; all that one drive
//! gives out shares one rate; nothing of a member's is ever shown as a page of this house. Shares bring a gate of their
//! own and use the rest.

mod http;
mod journal;
mod model;
mod rates;
mod service;
mod shelf;

pub use http::{configure_bytes, document};
pub use model::{Asked, Error, Permit};
pub use service::Contents;
