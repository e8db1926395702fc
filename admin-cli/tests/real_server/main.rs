//! The program itself against the real server: each command, its output and its exit code.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

mod accounts;
mod catalogue;
mod comments;
mod films;
mod house;
mod notices;
mod program;
mod publish;
mod series;
mod sign_in;
mod webhooks;
