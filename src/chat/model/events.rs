//! The events of a log: as rows, as the API shows them, and before they have their numbers.

use playhouse_api::chat as api;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EventKind, MessageRow, Names, RoomRow};
use crate::chat::text;
use crate::clock::Time;
use crate::db::schema::room_events;
use crate::ids::{AccountId, MessageId, RoomId};

/// What only some kinds of events have; kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::chat) struct Detail {
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
    pub(in crate::chat) fn to_text(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        serde_json::to_string(self).ok()
    }
}

/// A row of `room_events`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
// An insert names all columns, so that its text is always the same.
#[diesel(table_name = room_events, treat_none_as_default_value = false)]
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
    pub(in crate::chat) fn view(&self, names: &Names) -> api::Event {
        let detail = self.detail.as_deref().map(serde_json::from_str::<Detail>);
        let detail = detail.and_then(Result::ok).unwrap_or_default();
        let says = matches!(self.kind, EventKind::Message | EventKind::Edit);
        let links = match &self.body {
            Some(body) if says => text::links(body),
            _ => Vec::new(),
        };
        self.view_with(detail, links, names)
    }

    fn view_with(&self, detail: Detail, links: Vec<api::Link>, names: &Names) -> api::Event {
        let person = |id: &Option<AccountId>| id.as_ref().map(|id| person(id, names));
        let says = matches!(self.kind, EventKind::Message | EventKind::Edit);
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

/// A message is its own event, as long as it is not edited: only then the log has a row of what it said before.
impl MessageRow {
    /// The event that said it.
    pub(in crate::chat) fn event(&self) -> EventRow {
        EventRow {
            detail: self.detail().to_text(),
            ..self.bare_event()
        }
    }

    /// The event that said it, as the API shows it.
    pub(in crate::chat) fn event_view(&self, links: Vec<api::Link>, names: &Names) -> api::Event {
        self.bare_event().view_with(self.detail(), links, names)
    }

    /// Those whom it names, as the row keeps them.
    pub(in crate::chat) fn named(accounts: &[AccountId]) -> Option<String> {
        let accounts: Vec<_> = accounts.iter().map(AccountId::as_str).collect();
        serde_json::to_string(&accounts)
            .ok()
            .filter(|_| !accounts.is_empty())
    }

    fn bare_event(&self) -> EventRow {
        EventRow {
            room_id: self.room_id.clone(),
            seq: self.seq,
            kind: EventKind::Message,
            message_id: Some(self.id.clone()),
            account_id: Some(self.account_id.clone()),
            by_id: None,
            body: self.body.clone(),
            detail: None,
            at: self.created_at,
        }
    }

    /// Of a deleted one nothing is told but that it was there.
    fn detail(&self) -> Detail {
        if self.deleted_at.is_some() {
            return Detail::default();
        }
        let named = self.named.as_deref().map(serde_json::from_str);
        Detail {
            client_msg_id: Some(self.client_msg_id.clone()),
            reply_to: self.reply_to.as_ref().map(MessageId::uuid),
            mentions: named.and_then(Result::ok).unwrap_or_default(),
            ..Detail::default()
        }
    }
}

/// Somebody by their id; whoever is not known has an empty name.
pub(in crate::chat) fn person(id: &AccountId, names: &Names) -> api::Person {
    api::Person {
        id: id.uuid(),
        username: names.get(id).cloned().unwrap_or_default(),
    }
}

/// What an event says, before it has its number.
#[derive(Clone, Debug)]
pub(in crate::chat) struct Draft {
    pub kind: EventKind,
    pub message_id: Option<MessageId>,
    pub account: AccountId,
    pub by: Option<AccountId>,
    pub body: Option<String>,
    pub detail: Detail,
}

impl Draft {
    pub(in crate::chat) fn new(kind: EventKind, account: &AccountId) -> Self {
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
    pub(in crate::chat) fn numbered(self, room: &mut RoomRow, now: Time) -> EventRow {
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
