//! For whoever runs the house: is it alive, what does it measure, how much is in it, what have its admins done.

mod http;
mod stats;

pub use http::{configure, configure_probes};
pub use stats::{Sources, Stats};
