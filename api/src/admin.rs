//! What admins see and do: accounts, credit, vouchers, the audit log, figures, settings and jobs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::{Account, DriveUse, LoginSession, Role};
use crate::patch;

mod live;
mod settings;
mod vouchers;

pub use live::{JobStats, LiveStats, MinuteStats, RequestStats, StorageStats};
pub use settings::{Setting, SettingGroup, SettingSource, Settings};
pub use vouchers::{NewVouchers, Voucher, VoucherFilter, VoucherQuery, VoucherState, Vouchers};

/// Query of `GET /admin/accounts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct AccountQuery {
    /// Part of the user name or the real name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Body of `PATCH /admin/accounts/{id}`. Null clears `vip_until`, and takes `quota` back to the
/// configured one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountChanges {
    /// Locking ends every session and token of the account at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_locked: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>))]
    pub vip_until: Option<Option<DateTime<Utc>>>,
    /// Bytes of drive.
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0))]
    pub quota: Option<Option<i64>>,
}

/// Body of `POST /admin/accounts/{id}/credit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCredit {
    /// Minor units.
    pub amount: i64,
    pub note: String,
}

/// Query of `GET /admin/audit`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct AuditQuery {
    /// Only what this user name did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Only this action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Query of `GET /admin/jobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct JobQuery {
    /// Only jobs in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub state: Option<JobState>,
    /// Only jobs of this kind, such as `rendition`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only jobs about this film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movie: Option<Uuid>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Answer of `GET /admin/accounts/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountDetail {
    #[serde(flatten)]
    pub account: Account,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub phone: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub address: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub email: Option<String>,
    /// What the wallet holds, in minor units.
    pub balance: i64,
    pub drive: DriveUse,
}

/// A login session in the list of an account's sessions for admins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSession {
    #[serde(flatten)]
    pub session: LoginSession,
    /// Live connections that it has to this server.
    pub connections: i64,
}

/// One admin action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// User name; null when the server acted by itself.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub actor: Option<String>,
    /// What was done, such as `movie.publish`.
    pub action: String,
    /// What it was done to, such as `movie`.
    pub target_kind: String,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub target_id: Option<String>,
    /// What changed; depends on the action.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub detail: serde_json::Value,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub request_id: Option<String>,
    /// The address that the request came from.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub address: Option<String>,
}

/// Answer of `GET /admin/stats`. Sizes in bytes, amounts in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stats {
    pub accounts: i64,
    pub vip_accounts: i64,
    pub locked_accounts: i64,
    /// Films in the catalogue, in any state.
    pub movies: i64,
    pub movies_processing: i64,
    pub movies_failed: i64,
    /// Films in the trash.
    pub movies_deleted: i64,
    /// Bytes of all films.
    pub movie_bytes: i64,
    pub notices: i64,
    pub orders: i64,
    /// The sum of all orders and memberships.
    pub revenue: i64,
    /// The sum of all wallets.
    pub wallet_total: i64,
    pub downloads: i64,
    pub downloads_running: i64,
    /// Bytes of films delivered.
    pub bytes_sent: i64,
    pub uploads_open: i64,
    pub jobs_waiting: i64,
    pub jobs_failed: i64,
    /// Of this moment; the figures above are a few seconds old.
    pub live: LiveStats,
    pub jobs: JobStats,
    pub storage: StorageStats,
    /// Of this moment.
    pub requests: RequestStats,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JobState {
    Waiting,
    Running,
    Done,
    Failed,
    /// An admin did not want it.
    Cancelled,
}

/// A piece of background work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: Uuid,
    /// Such as `film`, `rendition`, `poster`, `purge`.
    pub kind: String,
    /// What exactly, in the words of the kind, such as `720p`.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub payload: Option<String>,
    /// The job that asked for this one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub parent_id: Option<Uuid>,
    /// The highest is done first.
    pub priority: i32,
    pub state: JobState,
    /// How much of it is done, in per cent.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100))]
    pub progress: i32,
    pub attempts: i32,
    pub max_attempts: i32,
    /// Not before then.
    pub run_at: DateTime<Utc>,
    /// When its worker last said that it is alive.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub heartbeat_at: Option<DateTime<Utc>>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_error: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub movie_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Answer of `GET /admin/jobs/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobDetail {
    #[serde(flatten)]
    pub job: Job,
    /// The end of what the tool said that it runs; empty when it said nothing.
    pub log_tail: String,
    /// The jobs that it asked for.
    pub children: Vec<Job>,
}
