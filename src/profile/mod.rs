//! Profiles: an account with what other slices know of it: its balance, its unread notices, its room on the drive.
//!
//! Owns no table. Each answer is put together in one read, so its parts belong to one moment.

mod http;
mod service;

pub use http::configure;
pub use service::Profiles;
