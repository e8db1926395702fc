//! The queue of background work, without the films: what workers do, and what survives them.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod ends;
mod house;
mod leases;
mod sharing;
mod telling;
