//! Friends, rooms and what is said in them.
//!
//! A room is a log of events with numbers from 1 on and no gap. Reading the log in order gives the room as it stands.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::patch;

mod last;
mod own;

pub use last::LastMessage;
pub use own::{EarlierText, OwnMessage};

/// The most characters of a message.
pub const MAX_BODY: usize = 4000;

/// The most characters of a room's name.
pub const MAX_ROOM_NAME: usize = 64;

/// Body of `POST /friends/requests`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFriendRequest {
    pub username: String,
}

/// Body of `POST /rooms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRoom {
    /// 1 to 64 characters; unique in the house, whatever its case.
    pub name: String,
}

/// Body of `POST /rooms/join`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRoom {
    pub name: String,
}

/// Body of `PATCH /rooms/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomChanges {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Seconds between two messages of one member; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 86400))]
    pub slow_mode_seconds: Option<i64>,
    /// Days that events are kept; null for what the house says.
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 1, maximum = 36500))]
    pub retention_days: Option<Option<i64>>,
}

/// Body of `POST /rooms/{id}/members`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// A friend of who invites.
    pub account_id: Uuid,
}

/// Body of `PATCH /rooms/{id}/members/{account_id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberChanges {
    /// `owner` hands the room over: the caller becomes a moderator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoomRole>,
    /// Until when the member may only read; null lets them speak again.
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>))]
    pub muted_until: Option<Option<DateTime<Utc>>>,
}

/// Body of `POST /rooms/{id}/messages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMessage {
    /// 1 to 64 characters, unique for its sender: a message that is sent again under the same id is not made again.
    pub client_msg_id: String,
    /// 1 to 4000 characters, lines and tabs allowed, no other control characters.
    pub body: String,
    /// A message of the same room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Uuid>,
}

/// Body of `PATCH /rooms/{id}/messages/{message_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageChanges {
    pub body: String,
}

/// Body of `PUT /rooms/{id}/read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadRoom {
    /// Everything up to this event is read. A mark that is further already stays.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub seq: i64,
}

/// Query of `GET /rooms/{id}/events`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct EventQuery {
    /// The events after this one, the earliest of them first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 0))]
    pub after_seq: Option<i64>,
    /// The latest events before this one. Without either, the latest of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 0))]
    pub before_seq: Option<i64>,
    /// Only events whose text is the present text of a message, and holds these words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// `next_cursor` of the page before, in place of `after_seq` or `before_seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Query of `GET /rooms/{id}/messages`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct MessageQuery {
    /// The messages after this event, the earliest of them first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 0))]
    pub after_seq: Option<i64>,
    /// The latest messages before this event. Without either, the latest of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 0))]
    pub before_seq: Option<i64>,
    /// `next_cursor` of the page before, in place of `after_seq` or `before_seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Somebody, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    pub id: Uuid,
    pub username: String,
}

/// Answer of `GET /friends`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Friends {
    pub friends: Vec<Friend>,
    /// Who asks the caller, the latest first.
    pub incoming: Vec<FriendRequest>,
    /// Whom the caller has asked, the latest first.
    pub outgoing: Vec<FriendRequest>,
    /// Whom the caller has blocked.
    pub blocked: Vec<Blocked>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Friend {
    pub account: Person,
    pub online: bool,
    pub since: DateTime<Utc>,
    /// When their last live connection was there. Null while they are online, and when either of the two does not show
    /// it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// A request that waits; `account` is the other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FriendRequest {
    pub account: Person,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Blocked {
    pub account: Person,
    pub created_at: DateTime<Utc>,
}

/// Answer of `POST /friends/requests` and of accepting one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Friendship {
    pub account: Person,
    /// `friends` at once when the other side had asked already.
    pub state: FriendState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FriendState {
    Pending,
    Friends,
    /// In a push only: they are friends no more, or the request was withdrawn.
    Removed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RoomKind {
    Group,
    /// Two friends.
    Private,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RoomRole {
    Owner,
    Moderator,
    Member,
}

/// A room, as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Room {
    pub id: Uuid,
    /// Of a private room, the user name of the other one.
    pub name: String,
    pub kind: RoomKind,
    /// The number of the earliest event that is kept.
    pub first_seq: i64,
    pub last_seq: i64,
    /// How far the caller has read.
    pub read_seq: i64,
    /// `last_seq - read_seq`.
    pub unread: i64,
    /// Messages after `read_seq` that name the caller.
    pub mentions: i64,
    /// Names the log. What was seen under another epoch does not count any more.
    pub epoch: String,
    pub members_count: i64,
    /// The caller's.
    pub role: RoomRole,
    /// Until when the caller may only read.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub muted_until: Option<DateTime<Utc>>,
    pub slow_mode_seconds: i64,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub retention_days: Option<i64>,
    /// The other one of a private room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Person>,
    pub created_at: DateTime<Utc>,
    pub last_event_at: DateTime<Utc>,
    /// What was said last; null when nobody has said anything that is kept.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_message: Option<Box<LastMessage>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    pub account: Person,
    pub role: RoomRole,
    pub joined_at: DateTime<Utc>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub muted_until: Option<DateTime<Utc>>,
    /// As for a friend; null also when there is a block between the two.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Somebody who may not come back into a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ban {
    pub account: Person,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventKind {
    Message,
    /// `body` is the new text.
    Edit,
    /// The message is gone, and its text out of every event.
    Delete,
    /// `body` is the emoji; `removed` says that it was taken back.
    Reaction,
    /// `by` is who invited.
    Join,
    Leave,
    /// `body` is the new name.
    Rename,
    /// `by` put `account` out; `banned` says that they may not come back.
    Kick,
    /// `account` has another `role` now.
    Role,
    /// `account` may only read until `muted_until`, or speak again when it is absent.
    Mute,
    /// `slow_mode_seconds` and `retention_days` as they are now.
    Settings,
}

/// One event of a room's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub room_id: Uuid,
    pub seq: i64,
    pub kind: EventKind,
    /// The message that it says or changes.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub message_id: Option<Uuid>,
    /// Whom it is about: who wrote the message, reacted, joined, left.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub account: Option<Person>,
    /// Who did it, when that was somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// Plain text. Null when there is none, and when the message was deleted since.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub body: Option<String>,
    pub at: DateTime<Utc>,
    /// Of a message, so that its sender knows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_msg_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Uuid>,
    /// Members whom the text names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Uuid>,
    /// What the text links to in this house.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Whether the text was deleted since.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleted: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub removed: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub banned: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoomRole>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_mode_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(it: &bool) -> bool {
    !it
}

/// Something of this house that a text names by its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    pub kind: LinkKind,
    /// The film's id, or the token of the share's page.
    pub id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LinkKind {
    Movie,
    Share,
}

/// A page of a room's log, in the order of `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    pub items: Vec<Event>,
    /// The next page in the direction of this one: later with `after_seq`, earlier otherwise. Null at the end.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub next_cursor: Option<String>,
    /// The number of the earliest event that is kept.
    pub first_seq: i64,
    pub last_seq: i64,
    pub epoch: String,
}

/// A message as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    pub id: Uuid,
    pub room_id: Uuid,
    /// Of the event that said it first.
    pub seq: i64,
    pub account: Person,
    /// Null when it was deleted.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub body: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub reply_to: Option<Uuid>,
    pub reactions: Vec<Reaction>,
    pub mentions: Vec<Uuid>,
    pub links: Vec<Link>,
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub edited_at: Option<DateTime<Utc>>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// How many reacted with an emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    pub emoji: String,
    pub count: i64,
    /// Whether the caller is among them.
    pub mine: bool,
}

/// Answer of `PUT /rooms/{id}/read`, and the push to the reader's other screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadMark {
    pub room_id: Uuid,
    pub read_seq: i64,
    pub unread: i64,
    pub mentions: i64,
}

/// A push: a room has come to the account, has changed for it, or has gone from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomChange {
    pub room_id: Uuid,
    /// Null when the account is no member any more.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub room: Option<Room>,
}
