//! Login sessions: opened with a password, listed and ended by their owner.

use std::net::IpAddr;

use chrono::TimeDelta;
use playhouse_api::accounts as api;
use serde_json::json;

use super::{Accounts, Opened, Result};
use crate::accounts::credentials::{new_token, token_hash};
use crate::accounts::model::{Account, Error};
use crate::accounts::store::{self, SessionRow};
use crate::audit::{self, Actor};
use crate::config::Concurrent;
use crate::events::EndReason;
use crate::ids::{AccountId, SessionId};

impl Accounts {
    /// Opens a login session. With the single-session policy, the others of the account end.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`] for a wrong name as for a wrong password, [`Error::Locked`], [`Error::Throttled`].
    pub async fn sign_in(
        &self,
        asked: api::NewSession,
        device: String,
        address: IpAddr,
    ) -> Result<Opened> {
        let now = self.clock.now();
        let name = asked.username;
        if let Some(retry_after) = self.throttle.wait(&name, address, now) {
            return Err(Error::Throttled { retry_after });
        }
        let key = name.clone();
        let found = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_by_name(conn, &key)?))
            .await?;
        let (account, hash) = found.unzip();
        let is_right = self.verify(asked.password.into_inner(), hash).await?;
        let Some(account) = account.filter(|_| is_right) else {
            self.throttle.failed(&name, address, now);
            return Err(Error::WrongCredentials);
        };
        self.throttle.succeeded(&name);
        if account.is_locked {
            return Err(Error::Locked);
        }
        self.open_session(account, device, address).await
    }

    async fn open_session(
        &self,
        account: Account,
        device: String,
        address: IpAddr,
    ) -> Result<Opened> {
        let now = self.clock.now();
        let token = new_token();
        let row = SessionRow {
            id: SessionId::generate(),
            account_id: account.id.clone(),
            token_hash: token_hash(&token),
            device,
            address: address.to_string(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + TimeDelta::days(self.sessions.days),
        };
        let (session, expires_at) = (row.id.clone(), row.expires_at);
        let is_single = self.sessions.concurrent == Concurrent::Single;
        let ended = self
            .db
            .write::<_, Error, _>(move |conn| {
                let ended = if is_single {
                    store::delete_sessions(conn, &row.account_id, None)?
                } else {
                    Vec::new()
                };
                store::insert_session(conn, &row)?;
                Ok(ended)
            })
            .await?;
        self.tell_ended(&account.id, ended, EndReason::SignedInElsewhere);
        Ok(Opened {
            token,
            session,
            expires_at,
            account,
        })
    }

    /// The login sessions of an account that are still good, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_sessions(
        &self,
        account: AccountId,
        current: Option<SessionId>,
    ) -> Result<Vec<api::LoginSession>> {
        let now = self.clock.now();
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::list_sessions(conn, &account, now)?))
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| session_view(row, current.as_ref()))
            .collect())
    }

    /// Ends one login session of its owner.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not one of theirs.
    pub async fn end_session(&self, account: AccountId, session: SessionId) -> Result<()> {
        let (owner, id) = (account.clone(), session.clone());
        let was_there = self
            .db
            .write::<_, Error, _>(move |conn| Ok(store::delete_session(conn, &owner, &id)?))
            .await?;
        if !was_there {
            return Err(Error::NotFound("session"));
        }
        self.tell_ended(&account, vec![session], EndReason::SignedOut);
        Ok(())
    }

    /// An admin ends a login session of somebody.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not one of that account.
    pub async fn end_session_of(
        &self,
        actor: Actor,
        account: AccountId,
        session: SessionId,
    ) -> Result<()> {
        let now = self.clock.now();
        let (owner, id) = (account.clone(), session.clone());
        self.db
            .write::<_, Error, _>(move |conn| {
                if !store::delete_session(conn, &owner, &id)? {
                    return Err(Error::NotFound("session"));
                }
                let (action, detail) = ("account.end_session", json!({"session": id.as_str()}));
                audit::record(conn, now, &actor, action, owner.as_str(), &detail)?;
                Ok(())
            })
            .await?;
        self.tell_ended(&account, vec![session], EndReason::SignedOut);
        Ok(())
    }
}

fn session_view(row: SessionRow, current: Option<&SessionId>) -> api::LoginSession {
    api::LoginSession {
        id: row.id.uuid(),
        current: Some(&row.id) == current,
        device: row.device,
        address: Some(row.address),
        created_at: row.created_at.and_utc(),
        last_seen_at: row.last_seen_at.and_utc(),
        expires_at: row.expires_at.and_utc(),
    }
}
