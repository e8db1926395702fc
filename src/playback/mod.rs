//! Watching: what a film is to the one who looks at it, playback addresses, where they stopped, and what they want to see.
//!
//! Keeps true: a playback address works for one account and one film, for a while; its bytes pass
//! the same policy as a download's. Watching has no record beyond the position.

mod http;
mod model;
mod service;
mod shelf;
mod store;

pub use http::{configure, configure_media};
pub use model::Error;
pub use service::Playback;
