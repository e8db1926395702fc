//! What every slice's `http.rs` shares: the request's context, extractors, conditional answers and page queries.

pub mod conditional;
pub mod extract;
pub mod gate;
pub mod metrics;
pub mod recent;
pub mod request;
pub mod security;
pub mod tls;
