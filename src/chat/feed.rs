//! The seam to whoever delivers what happens: who is told, and what they may ask.

use std::collections::HashSet;
use std::sync::Arc;

use playhouse_api::chat::{Event, Friends, Room};

use crate::ids::{AccountId, RoomId};

/// Told after each commit, in the order of `seq` for every room, on the thread that committed; must not block.
pub trait Listener: Send + Sync {
    /// Events of one room that are durable now, ascending and without a gap.
    fn committed(&self, room: &RoomId, events: &[Arc<Event>]);

    /// [`Chat::circle`](super::Chat::circle) of this account may have another answer now, for a reason that is not an
    /// event of one of its rooms: a friendship or a block began or ended.
    fn circle_changed(&self, _account: &AccountId) {}

    /// A room has gone with its last member. Nothing comes of it any more.
    fn closed(&self, _room: &RoomId) {}
}

/// Says who is connected.
pub trait Presence: Send + Sync {
    fn is_online(&self, account: &AccountId) -> bool;
}

/// What somebody needs to know when they come in.
#[derive(Clone, Debug)]
pub struct Hello {
    /// All rooms of the account.
    pub rooms: Vec<Room>,
    /// Friends, requests and blocks.
    pub friends: Friends,
}

/// Whose presence somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    pub accounts: HashSet<AccountId>,
    /// Whether they also see when the others were here last: who does not show it does not see it.
    pub sees_last: bool,
}

/// Where the log of a room ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomHead {
    pub first_seq: i64,
    pub last_seq: i64,
    pub epoch: String,
}

/// What somebody has missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// All of it, ascending and without a gap.
    Everything(Vec<Arc<Event>>),
    /// Too much, or of another log: forget what was seen, and begin at the head.
    StartOver,
}

/// What came of a message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    New(Arc<Event>),
    /// It was there already, under the same `client_msg_id`.
    Again(Arc<Event>),
}

impl Sent {
    #[must_use]
    pub fn event(&self) -> &Arc<Event> {
        match self {
            Self::New(event) | Self::Again(event) => event,
        }
    }
}
