//! How a file is served: the transfers slice behind a real server on port 0.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

/// Runs a test through every door.
macro_rules! each {
    ($($name:ident),* $(,)?) => {
        mod remote {
            $(#[actix_web::test] async fn $name() { super::$name(super::Door::Remote).await; })*
        }
        mod buffered {
            $(#[actix_web::test] async fn $name() { super::$name(super::Door::Buffered).await; })*
        }
        mod direct {
            $(#[actix_web::test] async fn $name() { super::$name(super::Door::Direct).await; })*
        }
    };
}

mod answers;
mod connections;
mod objects;
mod served;
