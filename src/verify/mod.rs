//! Looks whether everything is as it is recorded: every byte is read and hashed, and every sum is counted again.
//!
//! Changes nothing. It runs beside a server that works on the same house, so what looks like damage is looked at again
//! before it is told: bytes may have come or gone meanwhile. It reads the tables of other slices, because a count can
//! only be checked against what it counts.

mod model;
mod service;
mod store;

pub use model::{Damage, Error, Event, Summary};
pub use service::Verify;
