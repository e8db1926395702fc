//! What is made of real films: each is written by ffmpeg here, published, waited for, and looked at with ffprobe.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod access;
mod bucket;
mod extras;
mod hostile;
mod killed;
mod ladder;
mod sounds;
mod stage;
