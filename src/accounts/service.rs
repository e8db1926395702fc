//! The rules of accounts, and the transactions that keep them.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use playhouse_api::accounts as api;
use playhouse_api::page::Page;
use playhouse_api::webhooks::{AccountFacts, Happening};
use tokio::sync::Semaphore;

use super::credentials::{check_password, check_profile, check_username};
use super::model::{Account, AccountKey, Error, Role};
use super::passwords::Passwords;
use super::store::{self, Changes, NewRow, traces};
use super::throttle::Throttle;
use crate::clock::{Clock, Time};
use crate::config::{AccountsConfig, SessionsConfig};
use crate::db::{self, Conn, Db};
use crate::error::FieldChecks;
use crate::events::{AccessEnded, EndReason, Events};
use crate::ids::{AccessTokenId, AccountId, SessionId};
use crate::limits::Buckets;
use crate::page::PageRequest;

mod access;
mod administering;
mod basic;
mod leaving;
mod sessions;
mod setup;

type Result<T> = std::result::Result<T, Error>;

/// The accounts of the house; cheap to copy.
#[derive(Clone)]
pub struct Accounts {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) events: Events,
    passwords: Passwords,
    throttle: Arc<Throttle>,
    /// By address; none without a limit.
    registrations: Option<Arc<Mutex<Buckets<IpAddr>>>>,
    access: Arc<access::AccessCache>,
    verified: Arc<basic::Verified>,
    /// Those who are looked up because they open a live connection.
    arrivals: Arc<Semaphore>,
    sessions: SessionsConfig,
    config: AccountsConfig,
}

/// A login session that has just been opened.
#[derive(Debug)]
pub struct Opened {
    pub token: String,
    pub session: SessionId,
    pub expires_at: Time,
    pub account: Account,
}

impl Accounts {
    /// Starts the password threads.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(
        db: Db,
        clock: Clock,
        events: Events,
        config: &AccountsConfig,
        sessions: &SessionsConfig,
    ) -> Result<Self> {
        Ok(Self {
            db,
            clock,
            events,
            passwords: Passwords::start(config)?,
            throttle: Arc::new(Throttle::new(config.free_attempts)),
            registrations: (config.registrations_per_hour > 0).then(|| {
                let buckets = Buckets::new(config.registrations_per_hour, 60 * 60);
                Arc::new(Mutex::new(buckets))
            }),
            access: Arc::default(),
            verified: Arc::default(),
            arrivals: Arc::new(Semaphore::new(access::ARRIVALS)),
            sessions: sessions.clone(),
            config: config.clone(),
        })
    }

    #[must_use]
    pub fn is_registration_open(&self) -> bool {
        self.config.registration_open
    }

    /// Registers a member.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`], [`Error::Throttled`], [`Error::Invalid`], [`Error::UsernameTaken`].
    pub async fn register(&self, new: api::NewAccount, address: IpAddr) -> Result<Account> {
        if !self.config.registration_open {
            return Err(Error::RegistrationClosed);
        }
        if let Some(registrations) = &self.registrations {
            let mut all = registrations.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.clock.now();
            if let Some(retry_after) = all.wait(&address, now) {
                return Err(Error::Throttled { retry_after });
            }
            all.take(address, now);
        }
        let row = self.new_row(new, Role::Member).await?;
        let events = self.events.clone();
        let account = self
            .db
            .write(move |conn| {
                let account = insert(conn, &row)?;
                events.tell_in(conn, row.created_at, &registered(&account))?;
                Ok::<_, Error>(account)
            })
            .await?;
        self.events.committed();
        Ok(account)
    }

    /// Makes an account, whether registration is open or not. Nobody outside of the house is told.
    ///
    /// # Errors
    /// As [`Accounts::register`].
    pub async fn create(&self, new: api::NewAccount, role: Role) -> Result<Account> {
        let row = self.new_row(new, role).await?;
        self.db.write(move |conn| insert(conn, &row)).await
    }

    /// Checks what was asked for and hashes the password.
    async fn new_row(&self, new: api::NewAccount, role: Role) -> Result<NewRow> {
        let mut checks = FieldChecks::default();
        check_username(&mut checks, &new.username);
        check_password(
            &mut checks,
            "password",
            new.password.reveal(),
            &new.username,
        );
        check_profile(
            &mut checks,
            [
                ("real_name", new.real_name.as_deref()),
                ("phone", new.phone.as_deref()),
                ("address", new.address.as_deref()),
                ("email", new.email.as_deref()),
                ("locale", new.locale.as_deref()),
            ],
        );
        checks.finish().map_err(Error::Invalid)?;
        let now = self.clock.now();
        Ok(NewRow {
            id: AccountId::generate(),
            username_key: new.username.to_lowercase(),
            username: new.username,
            password_hash: self.passwords.hash(new.password.into_inner()).await?,
            real_name: new.real_name,
            phone: new.phone,
            address: new.address,
            email: new.email,
            locale: new.locale,
            role,
            is_locked: false,
            created_at: now,
            updated_at: now,
        })
    }

    /// bcrypt refuses a password that is too long or has a NUL; such a one is merely wrong.
    async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let is_possible = password.len() <= super::passwords::MAX_BYTES && !password.contains('\0');
        let password = if is_possible { password } else { String::new() };
        Ok(self.passwords.verify(password, hash).await? && is_possible)
    }

    /// The hash of a password that guards something else than an account, made in the same bounded pool.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn hash_secret(&self, password: String) -> Result<String> {
        self.passwords.hash(password).await
    }

    /// Whether a password is the one that a hash was made of.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn verify_secret(&self, password: String, hash: String) -> Result<bool> {
        self.verify(password, Some(hash)).await
    }

    /// Changes the password and ends every other session, and every access token.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`] when the present password is wrong, [`Error::Throttled`], [`Error::Invalid`].
    pub async fn change_password(
        &self,
        account: &Account,
        keep: Option<SessionId>,
        asked: api::PasswordChange,
        address: IpAddr,
    ) -> Result<()> {
        let now = self.clock.now();
        self.confirm(account, asked.current_password.into_inner(), address)
            .await?;
        let mut checks = FieldChecks::default();
        check_password(
            &mut checks,
            "new_password",
            asked.new_password.reveal(),
            &account.username,
        );
        checks.finish().map_err(Error::Invalid)?;
        let hash = self.passwords.hash(asked.new_password.into_inner()).await?;
        let changes = Changes {
            password_hash: Some(hash),
            updated_at: Some(now),
            ..Changes::default()
        };
        let id = account.id.clone();
        let (tokens, sessions) = self
            .db
            .write::<_, Error, _>(move |conn| {
                store::update(conn, &id, &changes)?;
                let tokens = store::delete_tokens(conn, &id)?;
                Ok((tokens, store::delete_sessions(conn, &id, keep.as_ref())?))
            })
            .await?;
        self.tell_tokens_ended(&account.id, tokens, EndReason::PasswordChanged);
        self.tell_ended(&account.id, sessions, EndReason::PasswordChanged);
        self.events.access_ended(&AccessEnded {
            account: account.id.clone(),
            session: None,
            token: None,
            password: true,
            reason: EndReason::PasswordChanged,
        });
        Ok(())
    }

    /// Changes the owner's own fields.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn change_profile(&self, id: AccountId, asked: api::ProfileChanges) -> Result<()> {
        let mut checks = FieldChecks::default();
        let value = |field: &'static str, change: &'_ Option<Option<String>>| {
            (field, change.clone().flatten())
        };
        let fields = [
            value("real_name", &asked.real_name),
            value("phone", &asked.phone),
            value("address", &asked.address),
            value("email", &asked.email),
            value("locale", &asked.locale),
        ];
        check_profile(
            &mut checks,
            fields
                .each_ref()
                .map(|(field, value)| (*field, value.as_deref())),
        );
        checks.finish().map_err(Error::Invalid)?;
        let hides = asked.show_last_seen == Some(false);
        let changes = Changes {
            real_name: asked.real_name,
            phone: asked.phone,
            address: asked.address,
            email: asked.email,
            locale: asked.locale,
            show_last_seen: asked.show_last_seen,
            // What is not shown is not kept either.
            last_seen_at: hides.then_some(None),
            updated_at: Some(self.clock.now()),
            ..Changes::default()
        };
        self.db
            .write::<_, Error, _>(move |conn| Ok(store::update(conn, &id, &changes)?))
            .await?;
        self.access.forget();
        Ok(())
    }

    /// One account.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, id: AccountId) -> Result<Account> {
        self.db.read(move |conn| get_in(conn, &id)).await
    }

    /// The account of this user name, whatever its case.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find_by_name(&self, name: String) -> Result<Option<Account>> {
        let found = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_by_name(conn, &name)?))
            .await?;
        Ok(found.map(|(account, _)| account))
    }

    /// Whether somebody can administer this house.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_admin(&self) -> Result<bool> {
        self.db
            .read::<_, Error, _>(|conn| Ok(store::count_admins(conn)? > 0))
            .await
    }

    /// Accounts by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        part: Option<String>,
        page: PageRequest<AccountKey>,
    ) -> Result<Page<api::Account>> {
        let fetch = page.rows_to_fetch();
        let after = page.after.clone().map(|key| key.0);
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(store::list(conn, part.as_deref(), after.as_deref(), fetch)?)
            })
            .await?;
        let now = self.clock.now();
        Ok(page
            .page(rows, |row| AccountKey(row.username.to_lowercase()))
            .map(|row| row.view(now)))
    }

    /// Extends VIP by whole days from now, or from its present end if that is later. For use in a transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn extend_vip_in(conn: &mut Conn, id: &AccountId, days: i64, now: Time) -> Result<Time> {
        let account = get_in(conn, id)?;
        let from = account.vip_until.map_or(now, |until| until.max(now));
        let until = from + TimeDelta::days(days);
        let changes = Changes {
            vip_until: Some(Some(until)),
            updated_at: Some(now),
            ..Changes::default()
        };
        store::update(conn, id, &changes)?;
        Ok(until)
    }

    /// The account as the transaction sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn get_in(conn: &mut Conn, id: &AccountId) -> Result<Account> {
        get_in(conn, id)
    }

    /// Drops what is remembered of who may enter: call it after a change that [`Accounts`] did not make itself.
    pub fn forget_access(&self) {
        self.access.forget();
    }

    /// Removes sessions whose time is over.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self) -> Result<usize> {
        let now = self.clock.now();
        self.db
            .write_relaxed::<_, Error, _>(move |conn| {
                Ok(store::delete_expired_sessions(conn, now)?)
            })
            .await
    }

    /// Notes when accounts were here last; says of which this may be shown.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_seen_in(conn: &mut Conn, seen: &[(AccountId, Time)]) -> db::Result<Vec<AccountId>> {
        let mut shown = Vec::new();
        for (account, at) in seen {
            if traces::note_seen(conn, account, *at)? {
                shown.push(account.clone());
            }
        }
        Ok(shown)
    }

    fn tell_ended(&self, account: &AccountId, sessions: Vec<SessionId>, reason: EndReason) {
        self.access.forget();
        for session in sessions {
            self.events.access_ended(&AccessEnded {
                account: account.clone(),
                session: Some(session),
                token: None,
                password: false,
                reason,
            });
        }
    }

    fn tell_tokens_ended(
        &self,
        account: &AccountId,
        tokens: Vec<AccessTokenId>,
        reason: EndReason,
    ) {
        self.access.forget();
        for token in tokens {
            self.events.access_ended(&AccessEnded {
                account: account.clone(),
                session: None,
                token: Some(token),
                password: false,
                reason,
            });
        }
    }
}

fn insert(conn: &mut Conn, row: &NewRow) -> Result<Account> {
    store::insert(conn, row).map_err(|error| match error.broken_constraint() {
        Some(name) if name.contains("username_key") => Error::UsernameTaken,
        _ => error.into(),
    })?;
    get_in(conn, &row.id)
}

/// What others are told of somebody new.
fn registered(account: &Account) -> Happening {
    Happening::AccountRegistered(AccountFacts {
        id: account.id.uuid(),
        username: account.username.clone(),
    })
}

fn get_in(conn: &mut Conn, id: &AccountId) -> Result<Account> {
    store::find(conn, id)?.ok_or(Error::NotFound("account"))
}
