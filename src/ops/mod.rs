//! For whoever runs the house: is it alive, what does it measure, what have its admins done.

mod http;
mod metrics;

pub use http::{configure, configure_probes};
pub use metrics::Metrics;
