//! Watching: what a film is to the one who looks at it, playback addresses, where they stopped, and what they want to see.
//!
//! Keeps true: a playback address works for one account and one film, for a while; its bytes pass
//! the same policy as a download's, and again while they are sent. Whoever has not bought a film gets
//! no byte of it beyond its preview. Watching has no record beyond the position.

mod asked;
mod giving;
mod http;
mod leaving;
mod model;
mod seats;
mod service;
mod shelf;
mod store;

pub use http::{configure, configure_media};
pub use model::Error;
pub use service::Playback;
