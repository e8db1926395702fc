//! For third parties: the OpenAPI document and its reader, Atom feeds.

mod feeds;
mod http;
mod openapi;

pub use http::configure;
pub use openapi::{Document, document};
