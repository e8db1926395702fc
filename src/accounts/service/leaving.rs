//! The end of an account: what it was called, how its owner can be reached, and every way in.
//!
//! The row stays, without a person, because the ledger points to it; its name is free at once. To everything that asks
//! for an account it is as if it had never been.

use std::net::IpAddr;

use super::{Accounts, Result};
use crate::accounts::model::{Account, Error, Role};
use crate::accounts::store::{self, traces};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::events::{AccessEnded, EndReason};
use crate::ids::AccountId;

impl Accounts {
    /// Asks somebody who is signed in for their password, before what cannot be undone.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], [`Error::Throttled`], [`Error::Busy`].
    pub async fn confirm(
        &self,
        account: &Account,
        password: String,
        address: IpAddr,
    ) -> Result<()> {
        let now = self.clock.now();
        if let Some(retry_after) = self.throttle.wait(&account.username, address, now) {
            return Err(Error::Throttled { retry_after });
        }
        let id = account.id.clone();
        let hash = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_password(conn, &id)?))
            .await?;
        if !self.verify(password, hash).await? {
            self.throttle.failed(&account.username, address, now);
            return Err(Error::WrongCredentials);
        }
        Ok(())
    }

    /// Ends an account in the caller's transaction; answers what it was. After the commit, call
    /// [`Accounts::tell_retired`].
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was deleted before; [`Error::LastAdmin`].
    pub fn retire_in(conn: &mut Conn, id: &AccountId, now: Time) -> Result<Account> {
        let account = super::get_in(conn, id)?;
        traces::clear(conn, id, playhouse_api::accounts::DELETED_USERNAME, now)?;
        Self::forget_in(conn, id)?;
        if account.role == Role::Admin && store::count_admins(conn)? == 0 {
            return Err(Error::LastAdmin);
        }
        Ok(account)
    }

    /// Clears away what a request that was under way has written of an account since it was deleted.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, id: &AccountId) -> db::Result<()> {
        traces::clear_profile(conn, id)?;
        store::delete_sessions(conn, id, None)?;
        store::delete_tokens(conn, id)?;
        Ok(())
    }

    /// When an account was deleted; none when it was not.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn end_in(conn: &mut Conn, id: &AccountId) -> db::Result<Option<Time>> {
        traces::find_end(conn, id)
    }

    /// Everything that the account has under way ends before this returns.
    pub fn tell_retired(&self, id: &AccountId) {
        self.access.forget();
        self.events.access_ended(&AccessEnded {
            account: id.clone(),
            session: None,
            token: None,
            password: false,
            reason: EndReason::Deleted,
        });
    }
}
