//! Live connections: what happens in the house reaches its members at once, over one WebSocket each.
//!
//! Each connection has a Session actor ([`session`]) and a seat at its worker ([`seat`]) with an outbox bounded in bytes
//! ([`outbox`]). The [`house`] knows whose connections are where; each worker has one [`hub`] by which other threads reach
//! its seats. A room that somebody listens to has a Room actor ([`room`]). An event is encoded once, and costs a connection one write however many come together.
//!
//! Keeps true: a slow reader holds up nobody, and is ended with a code that says to come back; whoever's access ends is
//! ended at once and gets nothing later; nothing here is truth, so a client that comes back and says where it was misses
//! nothing. No rules of rooms or notices are here.

mod body;
mod ending;
mod figures;
mod frames;
mod house;
mod http;
mod hub;
mod intake;
mod limits;
mod listeners;
mod looking;
mod outbox;
mod presence;
mod requests;
mod room;
mod rooms;
mod seat;
mod service;
mod session;
mod subscribing;
mod typing;

use std::time::Duration;

pub use http::configure;
pub use hub::Hub;
pub use service::Realtime;

/// How long a stopping server waits for goodbyes.
const STOP_WITHIN: Duration = Duration::from_secs(2);
