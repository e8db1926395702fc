//! Watching: what a film is to the one who looks at it, playback addresses, and where they stopped.
//!
//! Keeps true: a playback address works for one account and one film, for a while; its bytes pass
//! the same policy as a download's. Watching has no record beyond the position.

mod http;
mod model;
mod service;
mod store;

pub use http::{configure, configure_media};
pub use model::Error;
pub use service::Playback;
