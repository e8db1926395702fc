//! Download tickets and their records.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Query of `GET /downloads`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct DownloadQuery {
    /// Admins: the records of this account instead of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Uuid>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Answer of `POST /movies/{id}/downloads`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ticket {
    pub id: Uuid,
    /// Serves the bytes, by range if asked, from `available_at` to `expires_at`.
    pub url: String,
    /// How long to wait, as of now.
    pub wait_seconds: i64,
    pub available_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Bytes.
    pub size: i64,
    pub file_name: String,
}

/// How far a download has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DownloadState {
    /// The wait is not over.
    Waiting,
    /// May start.
    Ready,
    /// Bytes are moving.
    Running,
    /// The connection went away; a range request goes on.
    Paused,
    /// Every byte was delivered.
    Completed,
    /// Stopped by the server: account locked, film purged.
    Aborted,
    /// The ticket ran out before the end.
    Expired,
}

/// The record of one ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DownloadRecord {
    pub id: Uuid,
    pub movie_id: Uuid,
    pub title: String,
    /// What the account paid for the film, in minor units.
    pub price_paid: i64,
    pub created_at: DateTime<Utc>,
    /// Bytes delivered so far.
    pub bytes_sent: i64,
    /// Bytes of the file.
    pub size: i64,
    pub state: DownloadState,
}
