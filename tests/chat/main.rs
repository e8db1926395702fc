//! Friends, rooms and messages over HTTP, against the real server.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod crowd;
mod feed;
mod friends;
mod history;
mod last;
mod limits;
mod messages;
mod moderation;
mod people;
mod rooms;
mod sums;
mod upgrade;
