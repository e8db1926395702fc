//! The program itself against the real server: each command, its output and its exit code.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod chat;
mod chat_hostile;
mod download;
mod drive;
mod drive_faults;
mod drive_shell;
mod films;
mod friends;
mod hostile;
mod house;
mod money;
mod program;
mod rooms;
mod sign_in;
mod terminal;
mod tree;
mod wire;
