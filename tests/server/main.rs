//! The server as a program: its command line, how it starts and stops, and what is true of every answer.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod answers;
mod configuration;
mod console;
mod documents;
mod migrations;
mod program;
mod starting;
