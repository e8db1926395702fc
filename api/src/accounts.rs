//! Accounts, login sessions and access tokens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::patch;
use crate::secret::Secret;

/// User names are `[A-Za-z0-9_]`, at least this many characters.
pub const USERNAME_MIN: usize = 3;
/// At most this many characters of user name.
pub const USERNAME_MAX: usize = 32;
/// Passwords have at least this many bytes.
pub const PASSWORD_MIN: usize = 8;
/// At most this many bytes: bcrypt reads no further.
pub const PASSWORD_MAX: usize = 72;

/// How an account that was deleted is called. No user name has a space, so nobody is called so.
pub const DELETED_USERNAME: &str = "deleted account";

/// Body of `POST /setup`: makes the first admin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setup {
    /// The one-time token that the server printed on its first start.
    pub token: Secret,
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 3, max_length = 32, pattern = "^[A-Za-z0-9_]+$")
    )]
    pub username: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 72))]
    pub password: Secret,
}

/// Body of `POST /accounts`: registers a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccount {
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 3, max_length = 32, pattern = "^[A-Za-z0-9_]+$")
    )]
    pub username: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 72))]
    pub password: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// BCP 47 tag, such as `en` or `zh-Hans`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// Body of `POST /sessions`: signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSession {
    pub username: String,
    pub password: Secret,
    /// What the member sees in the list of sessions; made from the user agent when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// Body of `PATCH /me`. Null clears a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileChanges {
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub real_name: Option<Option<String>>,
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub phone: Option<Option<String>>,
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<Option<String>>,
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub email: Option<Option<String>>,
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub locale: Option<Option<String>>,
    /// Whether others see when this account was here last. Who does not show it does not see it of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_last_seen: Option<bool>,
}

/// Body of `DELETE /me`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountDeletion {
    /// The account's own, once more.
    pub password: Secret,
}

/// Body of `PUT /me/password`. It ends the other sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    pub current_password: Secret,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 72))]
    pub new_password: Secret,
}

/// Body of `POST /me/tokens`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessTokenRequest {
    pub name: String,
    /// At least one.
    pub scopes: Vec<Scope>,
    /// Never, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// What an account may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    #[default]
    Member,
    Admin,
}

/// What an access token may do on behalf of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Look.
    Read,
    /// Change what the account owns, and buy.
    Write,
    /// What the account may do as an admin.
    Admin,
}

/// An account as its owner and admins see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    pub id: Uuid,
    pub username: String,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub real_name: Option<String>,
    pub role: Role,
    /// Whether `vip_until` is still to come.
    pub is_vip: bool,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub vip_until: Option<DateTime<Utc>>,
    pub is_locked: bool,
    pub created_at: DateTime<Utc>,
}

/// Answer of `GET /me` and `PATCH /me`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    #[serde(flatten)]
    pub account: Account,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub phone: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub address: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub email: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub locale: Option<String>,
    /// What the wallet holds, in minor units.
    pub balance: i64,
    /// Published since this account joined, and not marked as read.
    pub unread_notices: i64,
    pub drive: DriveUse,
    /// Whether others see when this account was here last, and this account when others were.
    pub show_last_seen: bool,
}

/// How much of the drive is taken, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriveUse {
    pub used: i64,
    pub quota: i64,
}

/// Answer of `POST /sessions`. The token is shown once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenedSession {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub token: Secret,
    pub expires_at: DateTime<Utc>,
    pub account: Account,
}

/// A login session in the owner's list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginSession {
    pub id: Uuid,
    pub device: String,
    /// The address that it was last used from.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub address: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Whether this is the session that asked.
    pub current: bool,
}

/// An access token in the owner's list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessToken {
    pub id: Uuid,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub expires_at: Option<DateTime<Utc>>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Answer of `POST /me/tokens`. The secret is shown once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccessToken {
    #[serde(flatten)]
    pub token: AccessToken,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub secret: Secret,
}
