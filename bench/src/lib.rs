//! What the load generators have in common.

pub mod measure;
pub mod wire;
