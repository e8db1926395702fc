//! The site: what the house says of itself, and the page for addresses that lead nowhere.

mod http;

pub use http::{configure, unknown_address};
