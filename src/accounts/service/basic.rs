//! A sign-in that comes with every request, by user name and password or access token: for WebDAV and FTP, whose
//! clients keep no login session.
//!
//! Checking a password costs a third of a second, so one that was right is remembered for a while: under a keyed hash,
//! together with the stored hash that it was right for. That says nothing of who may enter. The account is read again
//! every few seconds and after every change of access on this node, as for any token, and once its stored hash is
//! another one the password is checked anew.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use quick_cache::sync::Cache;
use rand::RngCore as _;

use super::{Accounts, Result};
use crate::accounts::credentials::{Fingerprint, is_token};
use crate::accounts::model::{Account, Error, Via, Viewer};
use crate::accounts::store;
use crate::clock::Time;

/// Passwords that are remembered.
const CAPACITY: usize = 1000;
const REMEMBERED: TimeDelta = TimeDelta::minutes(15);

/// Passwords that were right, of this process only.
pub(super) struct Verified {
    key: [u8; 32],
    right: Cache<Fingerprint, Right>,
}

#[derive(Clone)]
struct Right {
    /// The stored hash that it was right for.
    hash: Arc<str>,
    at: Time,
}

impl Right {
    fn fits(&self, hash: Option<&str>, now: Time) -> bool {
        hash == Some(&*self.hash) && now - self.at < REMEMBERED
    }
}

impl Default for Verified {
    fn default() -> Self {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        Self {
            key,
            right: Cache::new(CAPACITY),
        }
    }
}

impl Accounts {
    /// Who a user name stands for, with their password or one of their access tokens.
    ///
    /// Wrong passwords are slowed as at the log-in; one that was right a moment ago is not held up by them.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], [`Error::NotSignedIn`] for a token that is not good (any more), [`Error::Locked`],
    /// [`Error::Throttled`], [`Error::Busy`].
    pub async fn basic(
        &self,
        username: &str,
        secret: &str,
        address: IpAddr,
    ) -> Result<Arc<Viewer>> {
        if is_token(secret) {
            let viewer = self.identify(secret, address).await?;
            let is_theirs = viewer.account.username.eq_ignore_ascii_case(username);
            return is_theirs.then_some(viewer).ok_or(Error::WrongCredentials);
        }
        let key = Fingerprint::keyed(&self.verified.key, &[&username.to_lowercase(), secret]);
        let now = self.clock.now();
        if let Some(viewer) = self.access.get(&key, now) {
            return Ok(viewer);
        }
        let generation = self.access.generation();
        let account = self.check_password(username, secret, key, address).await?;
        let viewer = Arc::new(Viewer {
            account: Arc::new(account),
            via: Via::Password,
        });
        self.access.remember(key, &viewer, generation, now);
        Ok(viewer)
    }

    async fn check_password(
        &self,
        username: &str,
        secret: &str,
        key: Fingerprint,
        address: IpAddr,
    ) -> Result<Account> {
        let name = username.to_owned();
        let found = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_by_name(conn, &name)?))
            .await?;
        let (account, hash) = found.unzip();
        // Connections that begin together wait for the first of them instead of checking the same password.
        let guard = match self.verified.right.get_value_or_guard_async(&key).await {
            Ok(right) if right.fits(hash.as_deref(), self.clock.now()) => None,
            Ok(_) => Some(None),
            Err(guard) => Some(Some(guard)),
        };
        if let Some(guard) = guard {
            let right = self.check_slowly(username, secret, hash, address).await?;
            match guard {
                Some(guard) => drop(guard.insert(right)),
                None => self.verified.right.insert(key, right),
            }
        }
        match account {
            Some(account) if account.is_locked => Err(Error::Locked),
            Some(account) => Ok(account),
            None => Err(Error::WrongCredentials),
        }
    }

    async fn check_slowly(
        &self,
        username: &str,
        secret: &str,
        hash: Option<String>,
        address: IpAddr,
    ) -> Result<Right> {
        let now = self.clock.now();
        if let Some(retry_after) = self.throttle.wait(username, address, now) {
            return Err(Error::Throttled { retry_after });
        }
        let is_right = self.verify(secret.to_owned(), hash.clone()).await?;
        let Some(hash) = hash.filter(|_| is_right) else {
            self.throttle.failed(username, address, now);
            return Err(Error::WrongCredentials);
        };
        self.throttle.succeeded(username);
        Ok(Right {
            hash: hash.into(),
            at: now,
        })
    }
}
