//! What the load generators have in common.

pub mod generator;
pub mod measure;
pub mod wire;
