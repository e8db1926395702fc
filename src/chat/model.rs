//! The types of this slice as the database keeps them, and what a change of a room asks for.

use std::collections::HashMap;

use playhouse_api::chat as api;
use uuid::Uuid;

use super::text;
use crate::clock::Time;
use crate::db::schema::{messages, room_members, rooms};
use crate::ids::{AccountId, MessageId, RoomId};

mod events;
mod kinds;
mod last;

pub(super) use events::{Draft, EventRow, person};
pub(super) use kinds::{EventKind, RequestState, RoomKind, RoomRole};
pub(super) use last::LastRow;

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
    Clone,
    Debug,
    diesel::Queryable,
    diesel::QueryableByName,
    diesel::Selectable,
    diesel::Insertable,
    diesel::AsChangeset,
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
    Clone,
    Debug,
    diesel::Queryable,
    diesel::QueryableByName,
    diesel::Selectable,
    diesel::Insertable,
    diesel::AsChangeset,
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

/// A row of `messages`.
#[derive(
    Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset,
)]
#[diesel(table_name = messages, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct MessageRow {
    pub id: MessageId,
    pub room_id: RoomId,
    pub seq: i64,
    pub account_id: AccountId,
    pub client_msg_id: String,
    pub body: Option<String>,
    pub reply_to: Option<MessageId>,
    /// Whom it named when it was said, as JSON.
    pub named: Option<String>,
    pub created_at: Time,
    pub edited_at: Option<Time>,
    pub deleted_at: Option<Time>,
}
