//! Addresses that serve bytes: the tokens in them, and the way from a valid one to a response.
//!
//! Keeps true: an address names one account and cannot be guessed or altered; whoever is signed
//! in beside it must be its owner; the second request for the same bytes asks neither database
//! nor disk. Who may have a film is not decided here, but by the slices that give addresses out.

pub mod http;
mod model;
mod service;
mod store;
mod tokens;

pub use model::{Error, Stored};
pub use service::{Media, may_use_address};
pub use tokens::{Purpose, Watch};
