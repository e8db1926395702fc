//! Members take their data along, and leave without a trace of who they were.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod deleting;
mod export;
mod house;
mod rooms;
mod tables;
