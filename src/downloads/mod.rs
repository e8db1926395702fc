//! Downloads: tickets for the bytes of a film, and what is recorded of them.
//!
//! Keeps true: every byte passes [`crate::membership::policy`]; a ticket's wait is kept by the server; a record says
//! how many different bytes were delivered. How an address is made and read is in
//! [`crate::media`], how bytes are streamed in [`crate::transfers`].

mod http;
mod journal;
mod model;
mod policy;
mod service;
mod store;

pub use http::{configure, configure_media};
pub use model::Error;
pub use service::Downloads;
