//! Ratings and comments: what members write, what admins do with it, and how much of it there may be.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod comments;
mod house;
mod limits;
mod moderation;
mod rating;
