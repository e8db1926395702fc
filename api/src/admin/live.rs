//! What goes on in the house at this moment, in figures.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What this server carries now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveStats {
    /// Live connections (WebSocket).
    pub connections: i64,
    /// Accounts that have one.
    pub accounts_online: i64,
    /// Films being watched, each screen by itself.
    pub streams: i64,
    /// Downloads of films and files of which something is being sent.
    pub transfers: i64,
    /// Uploads of which something is being received.
    pub uploads: i64,
}

/// Background work by how it stands; what was done long ago is not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobStats {
    pub waiting: i64,
    pub running: i64,
    pub done: i64,
    pub failed: i64,
    pub cancelled: i64,
}

/// Room, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StorageStats {
    /// What films and files take, equal bytes counted once.
    pub used: i64,
    /// What is left on the disk of the data folder; null when it cannot be told.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub free: Option<i64>,
}

/// What was asked of this server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestStats {
    /// The last 15 minutes, the earliest first; the last one still runs.
    pub minutes: Vec<MinuteStats>,
}

/// One minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MinuteStats {
    /// When it began.
    pub at: DateTime<Utc>,
    pub requests: i64,
    /// Answers with a status from 500 on.
    pub errors: i64,
}
