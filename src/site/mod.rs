//! The site: the web client's files and pages, what the house says of itself, and the answer of last resort.
//!
//! The client is embedded in the binary (see `build.rs`), so the house needs no folder of its own. Nothing here reads
//! from disk, and nothing that a visitor sends gets into a page.

mod assets;
mod http;
mod negotiation;
mod pages;
mod unknown;

pub use http::configure;
pub use negotiation::prefers_page;
pub use pages::{PAGES, configure_pages};
pub use unknown::unknown_address;
