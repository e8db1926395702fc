//! The program itself against the real server: each command, its output and its exit code.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod download;
mod films;
mod house;
mod money;
mod program;
mod sign_in;
mod wire;
