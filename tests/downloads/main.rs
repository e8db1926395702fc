//! Downloads and playback over HTTP: tickets, their wait, who may, what is recorded.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod gate;
mod ranges;
mod seed;
mod shelf;
mod stops;
mod tickets;
mod watching;
mod wire;
