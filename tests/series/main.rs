//! Series: what members see of them, and what admins do with them.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod changing;
mod house;
mod seeing;
