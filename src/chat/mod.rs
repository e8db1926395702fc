//! Friends, rooms and what is said in them.
//!
//! A room is a log of events with the numbers 1, 2, 3 and so on, and everything else about it (who is in it, what its
//! messages say now, who has read how far) is what the log comes to. Keeps true: the numbers of a room have no gap;
//! nothing is answered before it is durable; the same `client_msg_id` of a sender is one message for ever; a private
//! room is of two who were friends, and only friends write in it; whoever left or was put out gets nothing more.
//! Does not know who is connected: whoever delivers registers a [`Listener`] and is told after each commit.

mod feed;
mod http;
mod limits;
mod listeners;
mod model;
mod policy;
mod refusal;
mod sending;
mod service;
mod store;
mod text;
mod writer;

pub use feed::{Circle, Hello, Listener, Missed, Presence, RoomHead, Sent};
pub use http::configure;
pub use refusal::Error;
pub use service::{Caller, Chat, Part, PartRequest};
