//! The WebSocket at `GET /api/v1/realtime`: what its text frames say.
//!
//! A frame holds one JSON object, or several joined by newlines, in both directions. A client sends [`Request`]s; the
//! server answers each that has an `id` with a [`Reply`], and pushes [`crate::events::Event`]s. The first frame from
//! the server is the [`Hello`].

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::Account;
use crate::chat;
use crate::problem::Problem;

/// The version of what is spoken here.
pub const PROTOCOL: u32 = 1;

/// The address, below [`crate::BASE_PATH`].
pub const PATH: &str = "realtime";

/// Why the server ended a connection. From 3000 to 3499: come back and resume. From 3500 to 3999: do not.
pub mod close {
    /// The server stops.
    pub const STOPPING: u16 = 3001;
    /// The client reads too slowly.
    pub const TOO_SLOW: u16 = 3008;
    /// The server could not say hello now.
    pub const BUSY: u16 = 3013;
    /// The account signed in elsewhere, and may be signed in at one place only.
    pub const SIGNED_IN_ELSEWHERE: u16 = 3501;
    /// The account is locked.
    pub const LOCKED: u16 = 3502;
    /// The session or token has ended.
    pub const SIGNED_OUT: u16 = 3503;

    /// Whether a client may come back after this code. A connection that broke without one may as well.
    #[must_use]
    pub fn may_return(code: u16) -> bool {
        !(3500..4000).contains(&code)
    }
}

/// A request of a client. On the wire: `{"id": 1, "op": "ping"}`, with the fields of the operation beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Comes back in the answer. Without it there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(flatten)]
    pub op: Op,
}

/// What a client may ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Is anybody there? Answered `{}`.
    Ping {},
    /// Listens to a room. With `after_seq` and `epoch` the answer holds all that came after that event, or says to
    /// start over. Who has seen nothing, `after_seq` 0, needs no `epoch`. Answered [`Subscribed`].
    Subscribe {
        room: Uuid,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_seq: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<String>,
    },
    /// Does not listen any more. Answered `{}`.
    Unsubscribe { room: Uuid },
    /// Sends a message; durable when it is answered, with its event. The same `client_msg_id` again is answered with
    /// the original.
    Send {
        room: Uuid,
        client_msg_id: String,
        body: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Uuid>,
    },
    /// Everything up to an event is read. Answered with the mark.
    Read { room: Uuid, seq: i64 },
    /// Tells those who listen to a room that one is writing. Answered `{}`.
    Typing { room: Uuid },
    /// Looks at these accounts from now on, and at no others. Answered [`Watched`].
    Presence { accounts: Vec<Uuid> },
}

/// The answer to [`Op::Subscribe`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// Whether `events` is all that came after `after_seq`. If not, forget what was seen and read the history.
    pub recovered: bool,
    /// There when `recovered` is true, also when nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Arc<chat::Event>>>,
    /// Every event after this one is pushed.
    pub seq: i64,
    /// Names the log.
    pub epoch: String,
}

/// The answer to [`Op::Presence`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Those of the accounts that one may look at.
    pub accounts: Vec<PresenceEvent>,
}

/// Whether somebody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceEvent {
    pub account_id: Uuid,
    pub online: bool,
    /// Of who is not online: when their last live connection was there, if both sides show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Somebody writes in a room. It holds for [`TYPING_SECONDS`], or until their message comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypingEvent {
    pub room_id: Uuid,
    pub account_id: Uuid,
    pub username: String,
}

/// How long somebody is shown as writing.
pub const TYPING_SECONDS: u64 = 5;

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply<T> {
    /// The id of the request; null when what came was no request.
    pub re: Option<u64>,
    #[serde(flatten)]
    pub answer: Answer<T>,
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer<T> {
    Ok(T),
    Error(Box<Problem>),
}

/// The first push of a connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hello {
    pub protocol: u32,
    /// Names this connection in the server's log.
    pub connection: Uuid,
    pub account: Account,
    /// All rooms of the account.
    pub rooms: Vec<chat::Room>,
    pub friends: Vec<chat::Friend>,
    /// Who asks to be friends.
    pub incoming: Vec<chat::FriendRequest>,
    /// Notices published since the account joined, and not marked as read.
    pub unread_notices: i64,
}
