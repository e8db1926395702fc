//! The types of this slice, and what can go wrong in it.

use std::sync::Arc;

use playhouse_api::accounts as api;
use playhouse_api::problem::{ErrorCode, FieldProblem};
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::db::{self, text_enum};
use crate::ids::{AccessTokenId, AccountId, SessionId};

text_enum! {
    /// What an account may do.
    pub enum Role { Member = "member", Admin = "admin" }
}

impl From<Role> for api::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<api::Role> for Role {
    fn from(role: api::Role) -> Self {
        match role {
            api::Role::Member => Self::Member,
            api::Role::Admin => Self::Admin,
        }
    }
}

/// A row of `accounts`, without the password.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::accounts)]
pub struct Account {
    pub id: AccountId,
    pub username: String,
    pub real_name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub email: Option<String>,
    pub locale: Option<String>,
    pub role: Role,
    pub is_locked: bool,
    pub vip_until: Option<Time>,
    pub quota_bytes: Option<i64>,
    pub created_at: Time,
    pub last_seen_at: Option<Time>,
    /// Whether others see when this account was here last; who does not show it does not see it of others either.
    pub show_last_seen: bool,
}

impl Account {
    #[must_use]
    pub fn is_vip(&self, now: Time) -> bool {
        self.vip_until.is_some_and(|until| until > now)
    }

    /// The account as the API shows it.
    #[must_use]
    pub fn view(&self, now: Time) -> api::Account {
        api::Account {
            id: self.id.uuid(),
            username: self.username.clone(),
            real_name: self.real_name.clone(),
            role: self.role.into(),
            is_vip: self.is_vip(now),
            vip_until: self.vip_until.map(|until| until.and_utc()),
            is_locked: self.is_locked,
            created_at: self.created_at.and_utc(),
        }
    }
}

/// How somebody proved who they are.
#[derive(Clone, Debug)]
pub enum Via {
    Session(SessionId),
    /// User name and password with the request itself.
    Password,
    Token {
        id: AccessTokenId,
        scopes: Vec<api::Scope>,
    },
}

/// Somebody who proved who they are.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub account: Arc<Account>,
    pub via: Via,
}

impl Viewer {
    #[must_use]
    pub fn id(&self) -> &AccountId {
        &self.account.id
    }

    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.account.role == Role::Admin && self.has_scope(api::Scope::Admin)
    }

    /// A login session may do all that its account may, and so may a password.
    #[must_use]
    pub fn has_scope(&self, scope: api::Scope) -> bool {
        match &self.via {
            Via::Session(_) | Via::Password => true,
            Via::Token { scopes, .. } => scopes.contains(&scope),
        }
    }
}

/// The key of a page of accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountKey(pub(super) String);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the user name is taken")]
    UsernameTaken,
    #[error("user name or password is wrong")]
    WrongCredentials,
    #[error("the account is locked")]
    Locked,
    #[error("not signed in")]
    NotSignedIn,
    #[error("too many attempts")]
    Throttled { retry_after: u64 },
    #[error("the house is set up")]
    SetupDone,
    #[error("the set-up token is wrong")]
    WrongSetupToken,
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error("no such {0}")]
    NotFound(&'static str),
    #[error("this would leave the house without an admin")]
    LastAdmin,
    #[error("too many passwords to hash")]
    Busy,
    #[error("hashing failed")]
    Hash(#[from] bcrypt::BcryptError),
    #[error("could not keep the set-up token")]
    TokenFile(#[from] std::io::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let new = |code, detail: &str| Self::new(code, detail);
        match error {
            Error::UsernameTaken => new(
                ErrorCode::UsernameTaken,
                "Somebody has this user name already. Choose another one.",
            ),
            Error::WrongCredentials => new(
                ErrorCode::WrongCredentials,
                "The user name or the password is wrong.",
            ),
            Error::Locked => new(
                ErrorCode::AccountLocked,
                "This account is locked. Ask an admin of the house.",
            ),
            Error::NotSignedIn => new(ErrorCode::NotSignedIn, "Sign in, or send an access token."),
            Error::Throttled { retry_after } => {
                let detail = format!("Too many attempts. Try again in {retry_after} seconds.");
                Self::new(ErrorCode::TooManyRequests, detail).retry_after(retry_after)
            }
            Error::SetupDone => new(
                ErrorCode::SetupDone,
                "The house has its first admin already.",
            ),
            Error::WrongSetupToken => new(
                ErrorCode::Forbidden,
                "The set-up token is wrong. The server printed it on its first start.",
            ),
            Error::RegistrationClosed => new(
                ErrorCode::RegistrationClosed,
                "This house takes no new members at present.",
            ),
            Error::Invalid(fields) => Self::invalid(fields),
            Error::NotFound(what) => Self::not_found(what),
            Error::LastAdmin => new(
                ErrorCode::Conflict,
                "This is the last admin who can sign in. Make another one first.",
            ),
            Error::Busy => new(
                ErrorCode::Busy,
                "Too many people are signing in. Try again in a moment.",
            )
            .retry_after(2),
            Error::Hash(cause) => Self::internal(cause),
            Error::TokenFile(cause) => Self::internal(cause),
            Error::Db(cause) => cause.into(),
        }
    }
}
