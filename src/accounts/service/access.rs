//! Who a token stands for, and the access tokens of integrations.
//!
//! Answers are remembered for a few seconds. Each carries the generation that was current before the database was
//! asked; every change of access on this node begins a new generation, so what was read before a lock or a sign-out
//! is never used after it. Another node notices within [`REMEMBERED`].

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use playhouse_api::accounts as api;
use playhouse_api::problem::FieldCode;
use quick_cache::sync::Cache;
use tokio::sync::SemaphorePermit;

use super::{Accounts, Result};
use crate::accounts::credentials::{Fingerprint, new_access_token, token_hash};
use crate::accounts::model::{Account, Error, Role, Via, Viewer};
use crate::accounts::store::{self, TokenRow};
use crate::clock::Time;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::events::EndReason;
use crate::ids::{AccessTokenId, AccountId};

const REMEMBERED: TimeDelta = TimeDelta::seconds(5);
/// Tokens that are remembered.
const CAPACITY: usize = 10_000;
/// The mark of use in the database may be this much behind.
const TOUCH_AFTER: TimeDelta = TimeDelta::minutes(1);
const MAX_TOKENS: usize = 100;
/// How many who open a live connection are looked up at once.
pub(super) const ARRIVALS: usize = 32;

pub(super) struct AccessCache {
    viewers: Cache<Fingerprint, Remembered>,
    generation: AtomicU64,
}

#[derive(Clone)]
struct Remembered {
    viewer: Arc<Viewer>,
    generation: u64,
    at: Time,
}

impl Default for AccessCache {
    fn default() -> Self {
        Self {
            viewers: Cache::new(CAPACITY),
            generation: AtomicU64::new(0),
        }
    }
}

impl AccessCache {
    /// What was read before this is not used any more.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    pub(super) fn get(&self, token: &Fingerprint, now: Time) -> Option<Arc<Viewer>> {
        let known = self.viewers.get(token)?;
        let is_current = known.generation == self.generation() && now - known.at < REMEMBERED;
        is_current.then_some(known.viewer)
    }

    /// Remembers whom the database named in that generation.
    pub(super) fn remember(
        &self,
        token: Fingerprint,
        viewer: &Arc<Viewer>,
        generation: u64,
        at: Time,
    ) {
        let known = Remembered {
            viewer: Arc::clone(viewer),
            generation,
            at,
        };
        self.viewers.insert(token, known);
    }
}

impl Accounts {
    /// Who the token of a login session or an integration stands for.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] when it stands for nobody (any more), [`Error::Locked`].
    pub async fn identify(&self, token: &str, address: IpAddr) -> Result<Arc<Viewer>> {
        let fingerprint = Fingerprint::of(token);
        let now = self.clock.now();
        if let Some(viewer) = self.access.get(&fingerprint, now) {
            return Ok(viewer);
        }
        let generation = self.access.generation();
        let hash = fingerprint.to_text();
        let viewer = Arc::new(self.look_up(hash, address.to_string(), now).await?);
        self.access.remember(fingerprint, &viewer, generation, now);
        Ok(viewer)
    }

    /// Waits for one's turn to be looked up as somebody who opens a live connection. After a restart of the house all
    /// come back at once, and would fill the database's queue before anybody else.
    pub(in crate::accounts) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed; and without a turn it is only slower for others.
        self.arrivals.acquire().await.ok()
    }

    /// Whether somebody who came in is still let in, as the transaction sees it.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::NotSignedIn`] when the session or token has ended.
    pub fn may_stay_in(conn: &mut Conn, account: &Account, via: &Via) -> Result<()> {
        let is_open = match via {
            Via::Session(id) => store::has_session(conn, id)?,
            Via::Token { id, .. } => store::has_token(conn, id)?,
            Via::Password => true,
        };
        match () {
            () if account.is_locked => Err(Error::Locked),
            () if is_open => Ok(()),
            () => Err(Error::NotSignedIn),
        }
    }

    /// Whether somebody who came in is still let in, now.
    ///
    /// # Errors
    /// As [`Accounts::may_stay_in`]; [`Error::NotFound`] when the account was deleted.
    pub async fn may_stay(&self, viewer: &Viewer) -> Result<()> {
        let (id, via) = (viewer.id().clone(), viewer.via.clone());
        self.db
            .read(move |conn| {
                let account = Self::get_in(conn, &id)?;
                Self::may_stay_in(conn, &account, &via)
            })
            .await
    }

    async fn look_up(&self, hash: String, address: String, now: Time) -> Result<Viewer> {
        let key = hash.clone();
        let session = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_session(conn, &key)?))
            .await?;
        if let Some((session, account)) = session {
            if session.expires_at <= now {
                return Err(Error::NotSignedIn);
            }
            if account.is_locked {
                return Err(Error::Locked);
            }
            if now - session.last_seen_at >= TOUCH_AFTER {
                let (id, expires_at) = (
                    session.id.clone(),
                    now + TimeDelta::days(self.sessions.days),
                );
                self.db
                    .write_relaxed::<_, Error, _>(move |conn| {
                        Ok(store::touch_session(conn, &id, now, expires_at, &address)?)
                    })
                    .await?;
            }
            return Ok(Viewer {
                account: Arc::new(account),
                via: Via::Session(session.id),
            });
        }
        self.look_up_token(hash, now).await
    }

    async fn look_up_token(&self, hash: String, now: Time) -> Result<Viewer> {
        let found = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_token(conn, &hash)?))
            .await?;
        let Some((token, account)) = found else {
            return Err(Error::NotSignedIn);
        };
        if token.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::NotSignedIn);
        }
        if account.is_locked {
            return Err(Error::Locked);
        }
        if token
            .last_used_at
            .is_none_or(|last| now - last >= TOUCH_AFTER)
        {
            let id = token.id.clone();
            self.db
                .write_relaxed::<_, Error, _>(move |conn| Ok(store::touch_token(conn, &id, now)?))
                .await?;
        }
        let scopes = scopes(&token.scopes);
        Ok(Viewer {
            account: Arc::new(account),
            via: Via::Token {
                id: token.id,
                scopes,
            },
        })
    }

    /// Makes an access token; its secret is shown this once.
    ///
    /// # Errors
    /// [`Error::Invalid`]: a name, a scope that the account does not have, an end that is past, too many tokens.
    pub async fn create_token(
        &self,
        owner: &Viewer,
        asked: api::AccessTokenRequest,
    ) -> Result<api::NewAccessToken> {
        let now = self.clock.now();
        let mut asked = asked;
        asked.scopes.sort_unstable();
        asked.scopes.dedup();
        let is_admin = owner.account.role == Role::Admin;
        let mut checks = FieldChecks::default();
        checks.required_line(&asked.name, "name", 100);
        checks.require(
            !asked.scopes.is_empty(),
            "scopes",
            FieldCode::Required,
            "A token needs at least one scope.",
        );
        let within = is_admin || !asked.scopes.contains(&api::Scope::Admin);
        checks.require(
            within,
            "scopes",
            FieldCode::OutOfRange,
            "Only an admin's token has the scope admin.",
        );
        let is_future = asked.expires_at.is_none_or(|end| end.naive_utc() > now);
        checks.require(
            is_future,
            "expires_at",
            FieldCode::OutOfRange,
            "expires_at must be in the future.",
        );
        checks.finish().map_err(Error::Invalid)?;
        let secret = new_access_token();
        let row = TokenRow {
            id: AccessTokenId::generate(),
            account_id: owner.id().clone(),
            name: asked.name,
            token_hash: token_hash(&secret),
            scopes: asked
                .scopes
                .iter()
                .map(|it| scope_text(*it))
                .collect::<Vec<_>>()
                .join(" "),
            created_at: now,
            expires_at: asked.expires_at.map(|end| end.naive_utc()),
            last_used_at: None,
        };
        let token = token_view(row.clone());
        self.db.write(move |conn| insert_token(conn, &row)).await?;
        Ok(api::NewAccessToken {
            token,
            secret: secret.into(),
        })
    }

    /// The access tokens of an account, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_tokens(&self, account: AccountId) -> Result<Vec<api::AccessToken>> {
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::list_tokens(conn, &account)?))
            .await?;
        Ok(rows.into_iter().map(token_view).collect())
    }

    /// Revokes an access token of its owner, at once.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revoke_token(&self, account: AccountId, id: AccessTokenId) -> Result<()> {
        let (owner, token) = (account.clone(), id.clone());
        let was_there = self
            .db
            .write::<_, Error, _>(move |conn| Ok(store::delete_token(conn, &owner, &token)?))
            .await?;
        if !was_there {
            return Err(Error::NotFound("token"));
        }
        self.tell_tokens_ended(&account, vec![id], EndReason::TokenRevoked);
        Ok(())
    }
}

fn insert_token(conn: &mut Conn, row: &TokenRow) -> Result<()> {
    if store::list_tokens(conn, &row.account_id)?.len() >= MAX_TOKENS {
        let mut checks = FieldChecks::default();
        checks.require(
            false,
            "name",
            FieldCode::OutOfRange,
            "An account has at most 100 tokens. Revoke one first.",
        );
        checks.finish().map_err(Error::Invalid)?;
    }
    Ok(store::insert_token(conn, row)?)
}

fn scope_text(scope: api::Scope) -> &'static str {
    match scope {
        api::Scope::Read => "read",
        api::Scope::Write => "write",
        api::Scope::Admin => "admin",
    }
}

fn scopes(text: &str) -> Vec<api::Scope> {
    let all = [api::Scope::Read, api::Scope::Write, api::Scope::Admin];
    all.into_iter()
        .filter(|scope| text.split(' ').any(|word| word == scope_text(*scope)))
        .collect()
}

fn token_view(row: TokenRow) -> api::AccessToken {
    api::AccessToken {
        id: row.id.uuid(),
        name: row.name,
        scopes: scopes(&row.scopes),
        created_at: row.created_at.and_utc(),
        expires_at: row.expires_at.map(|end| end.and_utc()),
        last_used_at: row.last_used_at.map(|last| last.and_utc()),
    }
}
