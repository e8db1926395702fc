//! The types of this slice as the database keeps them, and what a change of a room asks for.

use std::collections::HashMap;

use playhouse_api::chat as api;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::text;
use crate::clock::Time;
use crate::db::schema::{messages, room_events, room_members, rooms};
use crate::db::text_enum;
use crate::ids::{AccountId, MessageId, RoomId};

mod last;

pub(super) use last::LastRow;

text_enum! {
    pub enum RequestState { Pending = "pending", Ignored = "ignored" }
}

text_enum! {
    pub enum RoomKind { Group = "group", Private = "private" }
}

text_enum! {
    /// What a member may do in a room; see [`policy`](super::policy).
    pub enum RoomRole { Owner = "owner", Moderator = "moderator", Member = "member" }
}

text_enum! {
    pub enum EventKind {
        Message = "message", Edit = "edit", Delete = "delete", Reaction = "reaction", Join = "join", Leave = "leave",
        Rename = "rename", Kick = "kick", Role = "role", Mute = "mute", Settings = "settings",
    }
}

impl From<RoomKind> for api::RoomKind {
    fn from(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Group => Self::Group,
            RoomKind::Private => Self::Private,
        }
    }
}

impl From<RoomRole> for api::RoomRole {
    fn from(role: RoomRole) -> Self {
        match role {
            RoomRole::Owner => Self::Owner,
            RoomRole::Moderator => Self::Moderator,
            RoomRole::Member => Self::Member,
        }
    }
}

impl From<api::RoomRole> for RoomRole {
    fn from(role: api::RoomRole) -> Self {
        match role {
            api::RoomRole::Owner => Self::Owner,
            api::RoomRole::Moderator => Self::Moderator,
            api::RoomRole::Member => Self::Member,
        }
    }
}

impl From<EventKind> for api::EventKind {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Message => Self::Message,
            EventKind::Edit => Self::Edit,
            EventKind::Delete => Self::Delete,
            EventKind::Reaction => Self::Reaction,
            EventKind::Join => Self::Join,
            EventKind::Leave => Self::Leave,
            EventKind::Rename => Self::Rename,
            EventKind::Kick => Self::Kick,
            EventKind::Role => Self::Role,
            EventKind::Mute => Self::Mute,
            EventKind::Settings => Self::Settings,
        }
    }
}

/// Who somebody is to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub id: AccountId,
    pub username: String,
}

impl Name {
    #[must_use]
    pub(super) fn view(&self) -> api::Person {
        api::Person {
            id: self.id.uuid(),
            username: self.username.clone(),
        }
    }
}

/// User names by account.
pub(super) type Names = HashMap<AccountId, String>;

/// A row of `rooms`.
#[derive(
    Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset,
)]
#[diesel(table_name = rooms, treat_none_as_null = true)]
pub struct RoomRow {
    pub id: RoomId,
    pub kind: RoomKind,
    pub name: String,
    pub name_key: Option<String>,
    pub pair_key: Option<String>,
    pub epoch: String,
    pub first_seq: i64,
    pub last_seq: i64,
    pub members_count: i64,
    pub slow_mode_seconds: i64,
    pub retention_days: Option<i64>,
    pub created_at: Time,
    pub last_event_at: Time,
}

impl RoomRow {
    /// A room without events and members.
    #[must_use]
    pub fn new(kind: RoomKind, name: &str, now: Time) -> Self {
        Self {
            id: RoomId::generate(),
            kind,
            name: name.to_owned(),
            name_key: (kind == RoomKind::Group).then(|| text::name_key(name)),
            pair_key: None,
            epoch: format!("{:016x}", rand::random::<u64>()),
            first_seq: 1,
            last_seq: 0,
            members_count: 0,
            slow_mode_seconds: 0,
            retention_days: None,
            created_at: now,
            last_event_at: now,
        }
    }

    /// What is unique to the private room of two.
    #[must_use]
    pub fn pair_key(one: &AccountId, other: &AccountId) -> String {
        let (low, high) = (one.min(other), one.max(other));
        format!("{low}:{high}")
    }

    /// The other one of a private room.
    #[must_use]
    pub fn peer_of(&self, who: &AccountId) -> Option<AccountId> {
        let (low, high) = self.pair_key.as_deref()?.split_once(':')?;
        let other = if who.as_str() == low { high } else { low };
        Uuid::parse_str(other).ok().map(AccountId::from)
    }
}

/// A row of `room_members`.
#[derive(
    Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset,
)]
#[diesel(table_name = room_members, treat_none_as_null = true)]
pub struct MemberRow {
    pub room_id: RoomId,
    pub account_id: AccountId,
    pub role: RoomRole,
    pub read_seq: i64,
    pub joined_at: Time,
    pub muted_until: Option<Time>,
    pub last_sent_at: Option<Time>,
}

impl MemberRow {
    #[must_use]
    pub fn is_muted(&self, now: Time) -> bool {
        self.muted_until.is_some_and(|until| until > now)
    }

    pub(super) fn view(&self, username: String) -> api::Member {
        api::Member {
            account: Name {
                id: self.account_id.clone(),
                username,
            }
            .view(),
            role: self.role.into(),
            joined_at: self.joined_at.and_utc(),
            muted_until: self.muted_until.map(|at| at.and_utc()),
            last_seen_at: None,
        }
    }
}

/// A room with what one of its members has to do with it.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub room: RoomRow,
    pub member: MemberRow,
    pub mentions: i64,
    /// The other one of a private room.
    pub peer: Option<Name>,
    pub last: Option<LastRow>,
}

impl Joined {
    pub(super) fn view(&self) -> api::Room {
        let (room, member) = (&self.room, &self.member);
        let peer = self.peer.as_ref();
        api::Room {
            id: room.id.uuid(),
            name: peer.map_or_else(|| room.name.clone(), |peer| peer.username.clone()),
            kind: room.kind.into(),
            first_seq: room.first_seq,
            last_seq: room.last_seq,
            read_seq: member.read_seq,
            unread: (room.last_seq - member.read_seq).max(0),
            mentions: self.mentions,
            epoch: room.epoch.clone(),
            members_count: room.members_count,
            role: member.role.into(),
            muted_until: member.muted_until.map(|at| at.and_utc()),
            slow_mode_seconds: room.slow_mode_seconds,
            retention_days: room.retention_days,
            peer: peer.map(Name::view),
            created_at: room.created_at.and_utc(),
            last_event_at: room.last_event_at.and_utc(),
            last_message: self.last.as_ref().map(LastRow::view).map(Box::new),
        }
    }
}

/// What only some kinds of events have; kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_msg_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banned: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<api::RoomRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<chrono::DateTime<chrono::Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_mode_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<i64>,
}

impl Detail {
    /// None when there is nothing to keep.
    pub(super) fn to_text(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        serde_json::to_string(self).ok()
    }
}

/// A row of `room_events`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = room_events)]
pub struct EventRow {
    pub room_id: RoomId,
    pub seq: i64,
    pub kind: EventKind,
    pub message_id: Option<MessageId>,
    pub account_id: Option<AccountId>,
    pub by_id: Option<AccountId>,
    pub body: Option<String>,
    pub detail: Option<String>,
    pub at: Time,
}

impl EventRow {
    /// The event as the API shows it.
    pub(super) fn view(&self, names: &Names) -> api::Event {
        let detail = self.detail.as_deref().map(serde_json::from_str::<Detail>);
        let detail = detail.and_then(Result::ok).unwrap_or_default();
        let person = |id: &Option<AccountId>| id.as_ref().map(|id| person(id, names));
        let says = matches!(self.kind, EventKind::Message | EventKind::Edit);
        let links = match &self.body {
            Some(body) if says => text::links(body),
            _ => Vec::new(),
        };
        api::Event {
            room_id: self.room_id.uuid(),
            seq: self.seq,
            kind: self.kind.into(),
            message_id: self.message_id.as_ref().map(MessageId::uuid),
            account: person(&self.account_id),
            by: person(&self.by_id),
            body: self.body.clone(),
            at: self.at.and_utc(),
            client_msg_id: detail.client_msg_id,
            reply_to: detail.reply_to,
            mentions: detail.mentions,
            links,
            deleted: says && self.body.is_none(),
            removed: detail.removed.unwrap_or(false),
            banned: detail.banned.unwrap_or(false),
            role: detail.role,
            muted_until: detail.muted_until,
            slow_mode_seconds: detail.slow_mode_seconds,
            retention_days: detail.retention_days,
        }
    }
}

/// Somebody by their id; whoever is not known has an empty name.
pub(super) fn person(id: &AccountId, names: &Names) -> api::Person {
    api::Person {
        id: id.uuid(),
        username: names.get(id).cloned().unwrap_or_default(),
    }
}

/// A row of `messages`.
#[derive(
    Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset,
)]
#[diesel(table_name = messages, treat_none_as_null = true)]
pub struct MessageRow {
    pub id: MessageId,
    pub room_id: RoomId,
    pub seq: i64,
    pub account_id: AccountId,
    pub client_msg_id: String,
    pub body: Option<String>,
    pub reply_to: Option<MessageId>,
    pub created_at: Time,
    pub edited_at: Option<Time>,
    pub deleted_at: Option<Time>,
}

/// What an event says, before it has its number.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub kind: EventKind,
    pub message_id: Option<MessageId>,
    pub account: AccountId,
    pub by: Option<AccountId>,
    pub body: Option<String>,
    pub detail: Detail,
}

impl Draft {
    pub(super) fn new(kind: EventKind, account: &AccountId) -> Self {
        Self {
            kind,
            message_id: None,
            account: account.clone(),
            by: None,
            body: None,
            detail: Detail::default(),
        }
    }

    /// The row with the number that comes next in the room.
    pub(super) fn numbered(self, room: &mut RoomRow, now: Time) -> EventRow {
        room.last_seq += 1;
        room.last_event_at = now;
        EventRow {
            room_id: room.id.clone(),
            seq: room.last_seq,
            kind: self.kind,
            message_id: self.message_id,
            account_id: Some(self.account),
            by_id: self.by,
            body: self.body,
            detail: self.detail.to_text(),
            at: now,
        }
    }
}
