//! Shares as their owners see them: made, listed, taken back.

use std::sync::Arc;

use chrono::TimeDelta;
use playhouse_api::drive as api;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;

use super::model::{Error, Share, ShareKey};
use super::store;
use crate::accounts::{Accounts, Throttle, Viewer};
use crate::clock::{Clock, Time};
use crate::config::AccountsConfig;
use crate::db::{self, Conn, Db};
use crate::drive::{Contents, Drive, Entry, policy};
use crate::error::FieldChecks;
use crate::ids::{AccountId, EntryId, ShareId};
use crate::media::{Media, Purpose};
use crate::page::PageRequest;

pub(super) type Result<T> = std::result::Result<T, Error>;

/// Shares that an account may have at a time.
const MAX_SHARES: i64 = 1000;

/// Bytes of a password: bcrypt reads no more than the second.
const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 4..=72;

/// So far ahead a share may end.
const LONGEST: TimeDelta = TimeDelta::days(36_500);

/// The shares of the house; cheap to copy.
#[derive(Clone)]
pub struct Shares {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) accounts: Accounts,
    pub(super) media: Media,
    pub(super) contents: Contents,
    /// Wrong passwords, by share and address.
    pub(super) throttle: Arc<Throttle>,
}

impl Shares {
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        accounts: Accounts,
        media: Media,
        contents: Contents,
        config: &AccountsConfig,
    ) -> Shares {
        Shares {
            db,
            clock,
            accounts,
            media,
            contents,
            throttle: Arc::new(Throttle::new(config.free_attempts)),
        }
    }

    /// Shares a file or folder of the caller's own drive.
    ///
    /// # Errors
    /// What [`policy::may_change`] and [`Drive::get_in`] refuse; [`Error::WholeDrive`], [`Error::Invalid`],
    /// [`Error::TooMany`].
    pub async fn create(
        &self,
        who: &Viewer,
        entry: EntryId,
        asked: api::NewShare,
    ) -> Result<api::Share> {
        let owner = policy::may_change(who)?.clone();
        let now = self.clock.now();
        check(&asked, now)?;
        let password_hash = match asked.password {
            Some(password) => Some(self.accounts.hash_secret(password.into_inner()).await?),
            None => None,
        };
        let share = Share {
            id: ShareId::generate(),
            account_id: owner,
            entry_id: entry,
            password_hash,
            expires_at: asked.expires_at.map(|at| at.naive_utc()),
            max_uses: asked.max_uses,
            uses: 0,
            created_at: now,
        };
        let row = share.clone();
        let entry = self.db.write(move |conn| insert(conn, &row)).await?;
        let token = self.link(&share.id).await?;
        Ok(share.view(&entry, &token))
    }

    /// The caller's own shares, the latest first.
    ///
    /// # Errors
    /// What [`policy::may_read`] refuses.
    pub async fn list(
        &self,
        who: &Viewer,
        page: PageRequest<ShareKey>,
    ) -> Result<Page<api::Share>> {
        let owner = policy::may_read(who)?.clone();
        let (after, limit) = (page.after, page.rows_to_fetch());
        let (rows, entries) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let after = after.map(|key| ShareId::from(key.id));
                let rows = store::list(conn, &owner, after.as_ref(), limit)?;
                let ids: Vec<EntryId> = rows.iter().map(|row| row.entry_id.clone()).collect();
                let entries = Drive::describe_in(conn, &owner, &ids)?;
                Ok((rows, entries))
            })
            .await?;
        let page = page.page(rows, |row| ShareKey { id: row.id.uuid() });
        let mut items = Vec::with_capacity(page.items.len());
        for share in page.items {
            // Its row goes with its entry, so there is one.
            if let Some(entry) = entries.get(&share.entry_id) {
                items.push(share.view(entry, &self.link(&share.id).await?));
            }
        }
        Ok(Page {
            items,
            next_cursor: page.next_cursor,
        })
    }

    /// Removes the shares of an account that leaves, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, account: &AccountId) -> db::Result<()> {
        store::delete_all(conn, account)
    }

    /// Takes a share of the caller back, at once: what it gives out at this moment is stopped.
    ///
    /// # Errors
    /// What [`policy::may_change`] refuses; [`Error::NotFound`].
    pub async fn remove(&self, who: &Viewer, id: ShareId) -> Result<()> {
        let owner: AccountId = policy::may_change(who)?.clone();
        let share = id.clone();
        let was_there = self
            .db
            .write::<_, Error, _>(move |conn| Ok(store::delete(conn, &owner, &share)?))
            .await?;
        if !was_there {
            return Err(Error::NotFound);
        }
        self.media.transfers().stop_share(&id);
        Ok(())
    }

    /// What the link of a share bears.
    async fn link(&self, id: &ShareId) -> Result<String> {
        let signed = self.media.sign(Purpose::Share, id.uuid().as_bytes()).await;
        Ok(signed?)
    }
}

fn check(asked: &api::NewShare, now: Time) -> Result<()> {
    let mut checks = FieldChecks::default();
    if let Some(password) = &asked.password {
        let password = password.reveal();
        let detail = "password has 4 to 72 bytes.";
        let code = if password.len() < *PASSWORD_BYTES.start() {
            FieldCode::TooShort
        } else {
            FieldCode::TooLong
        };
        let fits = PASSWORD_BYTES.contains(&password.len());
        checks.require(fits, "password", code, detail);
        let has_nul = password.contains('\0');
        let detail = "password has no NUL characters.";
        checks.require(!has_nul, "password", FieldCode::InvalidFormat, detail);
    }
    let ahead = asked.expires_at.map(|at| at.naive_utc() - now);
    checks.require(
        ahead.is_none_or(|ahead| ahead > TimeDelta::zero() && ahead <= LONGEST),
        "expires_at",
        FieldCode::OutOfRange,
        "expires_at is in the future, at most 100 years.",
    );
    checks.require(
        asked.max_uses.is_none_or(|max| max > 0),
        "max_uses",
        FieldCode::OutOfRange,
        "max_uses is at least 1.",
    );
    checks.finish().map_err(Error::Invalid)
}

fn insert(conn: &mut Conn, share: &Share) -> Result<Entry> {
    let entry = Drive::get_in(conn, &share.account_id, &share.entry_id)?;
    if entry.is_root() {
        return Err(Error::WholeDrive);
    }
    if store::count(conn, &share.account_id)? >= MAX_SHARES {
        return Err(Error::TooMany { max: MAX_SHARES });
    }
    store::insert(conn, share)?;
    Ok(entry)
}
