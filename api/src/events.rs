//! What the server pushes to an account's connected sessions.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::Account;
use crate::admin::JobState;
use crate::chat::{self, FriendRequest, Friendship, ReadMark, RoomChange};
use crate::notices::Notice;
use crate::realtime::{Hello, PresenceEvent, TypingEvent};

/// A push. On the wire the kind is in `ev`, beside the fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Event {
    /// The first push of a connection.
    Hello(Box<Hello>),
    /// An upload or a download moved.
    Transfer(TransferEvent),
    /// A notice was published or changed.
    Notice(Notice),
    /// A job in the background of a film changed its state, or got on. For admins.
    Job(JobEvent),
    /// The balance of the wallet changed.
    Wallet(WalletEvent),
    /// What the account may has changed: its role, its VIP time or its quota.
    Account(Box<AccountEvent>),
    /// Somebody asks the account to be friends.
    FriendRequest(FriendRequest),
    /// The account and somebody else are friends now, or no more.
    Friend(Friendship),
    /// The account has read on another screen.
    Read(ReadMark),
    /// A room has come to the account, or gone from it.
    Room(RoomChange),
    /// Something happened in a room that the connection listens to.
    Event(Box<chat::Event>),
    /// Somebody whom the connection looks at has come or gone.
    Presence(PresenceEvent),
    /// Somebody writes in a room that the connection listens to.
    Typing(TypingEvent),
    /// This login session is over.
    SessionEnded,
}

/// Progress of an upload or a download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransferEvent {
    /// Id of the upload or of the ticket.
    pub id: Uuid,
    pub kind: TransferKind,
    /// Bytes that are durable (upload: the offset that a client may go on from, whatever happens) or delivered
    /// (download).
    pub sent: i64,
    /// Bytes of the whole file; null while an upload has not said.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub size: Option<i64>,
    pub state: TransferState,
}

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TransferKind {
    Upload,
    Download,
}

/// How a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TransferState {
    Running,
    Paused,
    Completed,
    Aborted,
}

/// What the wallet holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WalletEvent {
    /// In minor units.
    pub balance: i64,
    /// How many entries the ledger has. A push with fewer than one before it is older.
    pub entries: i64,
}

/// What an account may now. Read `GET /me` again for the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountEvent {
    #[serde(flatten)]
    pub account: Account,
    /// Bytes of drive that an admin has set; null for what the house gives.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub quota: Option<i64>,
}

/// How a job of a film stands now, in the words of `GET /admin/jobs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobEvent {
    /// The job.
    pub id: Uuid,
    /// What it does, such as `poster`.
    pub kind: String,
    pub movie_id: Uuid,
    /// What exactly, in the words of the kind, such as `720p`.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub payload: Option<String>,
    pub state: JobState,
    /// How much of it is done, in per cent.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100))]
    pub progress: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_carries_its_kind_beside_its_fields() {
        let event = Event::Transfer(TransferEvent {
            id: Uuid::nil(),
            kind: TransferKind::Upload,
            sent: 5,
            size: Some(9),
            state: TransferState::Running,
        });
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "ev": "transfer", "id": Uuid::nil(), "kind": "upload",
                "sent": 5, "size": 9, "state": "running"
            })
        );
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}
