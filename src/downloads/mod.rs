//! Downloads and playback: who gets the bytes of a film, by which address, and what is recorded.
//!
//! Keeps true: every byte of a film passes [`policy`]; a ticket's wait is kept by the server; an
//! address with a token names one account and one film and cannot be guessed; a record says how
//! many different bytes were delivered. How bytes are streamed is not here: see
//! [`crate::transfers`].

mod http;
mod journal;
mod media;
mod model;
pub mod policy;
mod service;
mod store;
mod tokens;
mod watching;

pub use http::configure;
pub use media::configure as configure_media;
pub use model::Error;
pub use service::Downloads;
