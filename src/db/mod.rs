//! The database: SQLite in the data folder by default, PostgreSQL by address.
//!
//! Everything above speaks to [`Db`]: [`Db::read`] for a look, [`Db::write`] for a change. A change runs in one
//! serializable transaction on both backends (SQLite has a single writer, which commits what waits together;
//! PostgreSQL detects conflicts and the change is tried again), so a rule that reads before it writes needs no locks of its own. Diesel blocks, so the work runs
//! on a few dedicated threads behind bounded queues; a full queue answers [`Error::Busy`] at once.

mod connect;
mod fixed;
mod group;
mod lanes;
pub mod migrate;
pub mod schema;
mod types;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::{PgConnection, SqliteConnection};

use crate::config::DatabaseConfig;
pub use connect::{Target, connect};
pub(crate) use fixed::{Fixed, as_text, json};
use group::GroupLane;
use lanes::Lane;
pub(crate) use types::text_enum;

/// A connection to either backend. [`Target`] decides which, by the scheme of the address.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs one diesel expression on the inner connection: for `ON CONFLICT`, batch inserts and other SQL that the
/// common backend lacks.
macro_rules! on_backend {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Pg($inner) => $body,
            $crate::db::Conn::Sqlite($inner) => $body,
        }
    };
}
pub(crate) use on_backend;

/// How often a change that lost against another one is tried again. Dozens of uploads of one account all change its
/// sums at once, and most attempts lose then.
const ATTEMPTS: u32 = 30;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database refused a query")]
    Query(#[from] DieselError),
    #[error("the database has more to do than its queue holds")]
    Busy,
    #[error("no connection to the database: {0}")]
    Unavailable(String),
    #[error("the database job panicked")]
    Panicked,
    #[error("the commit that this was in failed: {0}")]
    NotCommitted(String),
}

impl Error {
    /// The name of the constraint that a change broke, or on SQLite the columns that it names.
    #[must_use]
    pub fn broken_constraint(&self) -> Option<&str> {
        match self {
            Self::Query(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)) => {
                Some(info.constraint_name().unwrap_or_else(|| info.message()))
            }
            _ => None,
        }
    }

    /// Whether the disk of the database has no room left. SQLite and PostgreSQL have no kind of their own for it.
    #[must_use]
    pub fn is_for_want_of_room(&self) -> bool {
        let says = |message: &str| FULL.iter().any(|full| message.contains(full));
        match self {
            Self::Query(DieselError::DatabaseError(_, info)) => says(info.message()),
            Self::NotCommitted(message) => says(message),
            _ => false,
        }
    }
}

/// SQLITE_FULL; ENOSPC as PostgreSQL passes it on.
const FULL: [&str; 2] = ["database or disk is full", "No space left on device"];

pub type Result<T> = std::result::Result<T, Error>;

/// How much a change may lose when the power fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// Nothing once it is answered: money, offsets, accounts.
    Full,
    /// The last moments: positions, progress, marks of use.
    Relaxed,
}

/// A handle to the database; cheap to copy.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Lane,
    writers: Writers,
    is_sqlite: bool,
}

enum Writers {
    /// SQLite: one, which commits what waits together.
    One(GroupLane),
    /// PostgreSQL: several, and the server does the same.
    Many(Lane),
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("is_sqlite", &self.inner.is_sqlite)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Opens the pools. The schema must be there: see [`migrate`].
    ///
    /// # Errors
    /// When the database cannot be reached or opened.
    pub fn open(target: &Target, config: &DatabaseConfig) -> Result<Self> {
        let is_sqlite = matches!(target, Target::Sqlite(_));
        let (name, queue) = ("db-write", config.queue);
        let writers = match is_sqlite {
            true => Writers::One(GroupLane::start(name, target, queue)?),
            false => Writers::Many(Lane::start(name, target, config.writers, queue)?),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                readers: Lane::start("db-read", target, config.readers, config.queue)?,
                writers,
                is_sqlite,
            }),
        })
    }

    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.inner.is_sqlite
    }

    /// Runs a look on a reading connection.
    ///
    /// # Errors
    /// What `look` answers; [`Error::Busy`] when the queue is full.
    pub async fn read<T, E, F>(&self, look: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        self.inner.readers.run(look).await
    }

    /// Runs a change in one serializable transaction; what it answers is durable when this returns.
    /// `change` may run more than once, so it must not act outside the database.
    ///
    /// # Errors
    /// What `change` answers, after the transaction was undone; [`Error::Busy`] when the queue is full, or when the
    /// change lost against others every time.
    pub async fn write<T, E, F>(&self, change: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + std::error::Error + Send + 'static,
        F: FnMut(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        self.change(Durability::Full, change).await
    }

    /// As [`Db::write`], for what may be lost in a power cut: positions, progress, marks of use.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_relaxed<T, E, F>(&self, change: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + std::error::Error + Send + 'static,
        F: FnMut(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        self.change(Durability::Relaxed, change).await
    }

    async fn change<T, E, F>(
        &self,
        durability: Durability,
        mut change: F,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + std::error::Error + Send + 'static,
        F: FnMut(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        match &self.inner.writers {
            Writers::One(lane) => lane.run(durability, change).await,
            Writers::Many(lane) => {
                lane.run(move |conn| serializable(conn, durability, &mut change))
                    .await
            }
        }
    }
}

/// One change in one transaction, tried again while it loses against others.
fn serializable<T, E>(
    conn: &mut Conn,
    durability: Durability,
    change: &mut impl FnMut(&mut Conn) -> std::result::Result<T, E>,
) -> std::result::Result<T, E>
where
    E: From<Error> + std::error::Error + 'static,
{
    let mut attempt = 1;
    loop {
        match in_transaction(conn, durability, change) {
            Err(error) if lost_a_race(&error) => {
                if attempt == ATTEMPTS {
                    tracing::warn!(
                        attempts = ATTEMPTS,
                        "a change lost against others every time"
                    );
                    return Err(Error::Busy.into());
                }
                stand_back(attempt);
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Waits a moment of chance, longer after each attempt, so that those who lost do not meet again.
#[expect(
    clippy::disallowed_methods,
    reason = "this thread belongs to the database: no executor waits with it"
)]
fn stand_back(attempt: u32) {
    let longest_us = 500_u64 << attempt.min(7);
    std::thread::sleep(Duration::from_micros(rand::random_range(0..longest_us)));
}

fn in_transaction<T, E: From<Error>>(
    conn: &mut Conn,
    durability: Durability,
    change: &mut impl FnMut(&mut Conn) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    begin(conn, durability).map_err(|error| E::from(error.into()))?;
    match change(conn) {
        Ok(value) => {
            if let Err(error) =
                on_backend!(conn, c => AnsiTransactionManager::commit_transaction(c))
            {
                roll_back(conn);
                return Err(E::from(error.into()));
            }
            Ok(value)
        }
        Err(error) => {
            roll_back(conn);
            Err(error)
        }
    }
}

/// Runs a part of a change so that it is undone alone when it fails. A failure of the database itself must fail the
/// whole change: it may have to be tried again.
///
/// # Errors
/// What `part` answers, after it was undone.
pub fn in_part<T, E: From<Error>>(
    conn: &mut Conn,
    part: impl FnOnce(&mut Conn) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let told = |error: DieselError| E::from(Error::from(error));
    on_backend!(&mut *conn, c => AnsiTransactionManager::begin_transaction(c)).map_err(told)?;
    match part(conn) {
        Ok(value) => {
            on_backend!(conn, c => AnsiTransactionManager::commit_transaction(c)).map_err(told)?;
            Ok(value)
        }
        Err(error) => {
            on_backend!(conn, c => AnsiTransactionManager::rollback_transaction(c))
                .map_err(told)?;
            Err(error)
        }
    }
}

fn begin(conn: &mut Conn, durability: Durability) -> diesel::QueryResult<()> {
    match conn {
        Conn::Pg(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL SERIALIZABLE")?;
            if durability == Durability::Relaxed {
                c.batch_execute("SET LOCAL synchronous_commit = off")?;
            }
            Ok(())
        }
        Conn::Sqlite(c) => {
            c.batch_execute(match durability {
                Durability::Full => "PRAGMA synchronous = FULL",
                Durability::Relaxed => "PRAGMA synchronous = NORMAL",
            })?;
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
        }
    }
}

fn roll_back(conn: &mut Conn) {
    if let Err(error) = on_backend!(conn, c => AnsiTransactionManager::rollback_transaction(c)) {
        tracing::warn!(%error, "could not undo a transaction");
    }
}

/// Whether PostgreSQL gave this transaction up in favour of another one.
fn lost_a_race(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(DieselError::DatabaseError(kind, info)) = error.downcast_ref::<DieselError>() {
            return matches!(kind, DatabaseErrorKind::SerializationFailure)
                || info.message().contains("deadlock detected");
        }
        next = error.source();
    }
    false
}
