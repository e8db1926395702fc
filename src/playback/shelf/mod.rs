//! A member's shelf: the films that they have begun, and those that they want to see later.

pub(super) mod http;
mod service;
pub(super) mod store;
