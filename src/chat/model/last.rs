//! What was said last in a room, as a list of rooms shows it.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use playhouse_api::chat as api;

use crate::clock::Time;
use crate::ids::{AccountId, MessageId, RoomId};

/// The latest message of a room, its text cut to what is shown.
#[derive(Clone, Debug, QueryableByName)]
pub(in crate::chat) struct LastRow {
    #[diesel(sql_type = Text)]
    pub room_id: RoomId,
    #[diesel(sql_type = Text)]
    pub message_id: MessageId,
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    #[diesel(sql_type = Text)]
    pub account_id: AccountId,
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub said: Option<String>,
    #[diesel(sql_type = Timestamp)]
    pub created_at: Time,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub edited_at: Option<Time>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub deleted_at: Option<Time>,
}

impl LastRow {
    pub(super) fn view(&self) -> api::LastMessage {
        api::LastMessage {
            message_id: self.message_id.uuid(),
            seq: self.seq,
            kind: match (self.deleted_at, self.edited_at) {
                (Some(_), _) => api::EventKind::Delete,
                (None, Some(_)) => api::EventKind::Edit,
                (None, None) => api::EventKind::Message,
            },
            author: api::Person {
                id: self.account_id.uuid(),
                username: self.username.clone(),
            },
            text: self.said.clone(),
            created_at: self.created_at.and_utc(),
        }
    }
}
