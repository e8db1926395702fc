//! What was said last in a room, for lists of rooms.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EventKind, Person};

/// The latest message of a room as it stands now. Joins and other events that say nothing are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastMessage {
    pub message_id: Uuid,
    /// Of the event that said it first.
    pub seq: i64,
    /// `message` as it was written, `edit` when it was edited since, `delete` when it was deleted.
    pub kind: EventKind,
    pub author: Person,
    /// Its first 200 characters. Null when it was deleted.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub text: Option<String>,
    pub created_at: DateTime<Utc>,
}
