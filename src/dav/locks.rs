//! Locks, in the database: they outlive a restart, end by themselves, and are of one drive.
//!
//! Each question reads the live locks of the drive, of which there are few, and asks [`lock_rules`]. A lock is made in
//! the transaction that looked whether it may be. A token is good for the account that made it and for nobody else,
//! whoever learns it; two sessions of one account are told apart by who sends the token.

use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use dav_server::davpath::DavPath;
use dav_server::ls::{DavLock, DavLockSystem, LsFuture};
use playhouse_api::problem::ErrorCode;
use uuid::Uuid;
use xmltree::{Element, EmitterConfig, Namespace};

use super::lock_rules::{self, Change, Lock};
use super::store::{self, LockRow};
use super::visit::{Act, Visit};
use super::{address, body, xml};
use crate::clock::{Clock, Time};
use crate::db::{self, Conn, Db};
use crate::drive::{Drive, DrivePath};
use crate::error::Error;
use crate::ids::AccountId;

/// Locks of one drive at a time.
const MAX_LOCKS: usize = 1000;
/// Seconds that a lock is good for when its client does not say, and at most.
const DEFAULT_SECONDS: i64 = 600;
const MAX_SECONDS: i64 = 3600;
/// Bytes of what a client says of itself.
const MAX_OWNER: usize = 4096;

/// The locks of the drive that a request is about.
#[derive(Clone)]
pub(super) struct Locks {
    pub db: Db,
    pub clock: Clock,
    pub drive: Drive,
    pub visit: Visit,
}

impl std::fmt::Debug for Locks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Locks").finish_non_exhaustive()
    }
}

/// What became of the wish for a lock.
enum Made {
    Locked(LockRow),
    Conflict(LockRow),
    TooMany,
}

/// The live locks of a drive as rows, and as the rules see them; in the same order.
fn live_in(
    conn: &mut Conn,
    account: &AccountId,
    now: Time,
) -> db::Result<(Vec<LockRow>, Vec<Lock>)> {
    let rows = store::live(conn, account, now)?;
    let (rows, locks) = rows
        .into_iter()
        .filter_map(|row| {
            let path = DrivePath::parse(&row.path).ok()?;
            let lock = Lock {
                token: row.token.clone(),
                path,
                is_deep: row.is_deep,
                is_shared: row.is_shared,
            };
            Some((row, lock))
        })
        .unzip();
    Ok((rows, locks))
}

/// A lock that stands, for the answers that name it.
pub(super) fn live_rows(
    conn: &mut Conn,
    account: &AccountId,
    now: Time,
) -> db::Result<Vec<(LockRow, Lock)>> {
    let (rows, locks) = live_in(conn, account, now)?;
    Ok(rows.into_iter().zip(locks).collect())
}

fn row_of(rows: &[LockRow], lock: &Lock) -> Option<LockRow> {
    rows.iter().find(|row| row.token == lock.token).cloned()
}

fn seconds(timeout: Option<Duration>) -> i64 {
    let wanted = timeout.map_or(DEFAULT_SECONDS, |it| {
        i64::try_from(it.as_secs()).unwrap_or(MAX_SECONDS)
    });
    wanted.clamp(1, MAX_SECONDS)
}

fn path_of(path: &DavPath) -> Option<DrivePath> {
    address::parse(&path.with_prefix().as_url_string())
}

/// The element as text, if it is not too long to be kept.
fn to_text(owner: &Element) -> Option<String> {
    let mut owner = owner.clone();
    owner.prefix = Some("D".to_owned());
    owner
        .namespaces
        .get_or_insert_with(Namespace::empty)
        .force_put("D", xml::DAV);
    let mut text = Vec::new();
    let config = EmitterConfig::new().write_document_declaration(false);
    owner.write_with_config(&mut text, config).ok()?;
    let text = String::from_utf8(text).ok()?;
    (text.len() <= MAX_OWNER && body::check(text.as_bytes()).is_ok()).then_some(text)
}

/// A lock that nobody can pass: the answer when the locks could not be asked.
fn closed(path: &DavPath) -> DavLock {
    DavLock {
        token: String::new(),
        path: Box::new(path.clone()),
        principal: None,
        owner: None,
        timeout_at: None,
        timeout: None,
        shared: false,
        deep: true,
    }
}

fn dav_lock(row: &LockRow, path: &DavPath) -> DavLock {
    let at = DrivePath::parse(&row.path).ok().and_then(|at| {
        let mut at = DavPath::new(&address::format(&at, false)).ok()?;
        at.set_prefix(address::ROOT).ok()?;
        Some(at)
    });
    let owner = row.owner.as_deref();
    DavLock {
        token: row.token.clone(),
        path: Box::new(at.unwrap_or_else(|| path.clone())),
        principal: row.principal.clone(),
        owner: owner.and_then(|text| Element::parse(text.as_bytes()).ok().map(Box::new)),
        timeout_at: Some(SystemTime::from(row.expires_at.and_utc())),
        timeout: row
            .timeout_seconds
            .and_then(|it| u64::try_from(it).ok())
            .map(Duration::from_secs),
        shared: row.is_shared,
        deep: row.is_deep,
    }
}

impl Locks {
    /// Runs one change of the locks of this drive.
    async fn write<T, F>(&self, mut change: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn, &AccountId, Time) -> db::Result<T> + Send + 'static,
    {
        let (account, now) = (self.visit.owner(), self.clock.now());
        let done = self
            .db
            .write::<_, db::Error, _>(move |conn| change(conn, &account, now))
            .await;
        done.map_err(|error| self.visit.refuse(error)).ok()
    }

    async fn live(&self) -> Option<(Vec<LockRow>, Vec<Lock>)> {
        let (account, now) = (self.visit.owner(), self.clock.now());
        let found = self
            .db
            .read::<_, db::Error, _>(move |conn| live_in(conn, &account, now))
            .await;
        found.map_err(|error| self.visit.refuse(error)).ok()
    }

    async fn make(&self, new: LockRow, at: DrivePath) -> Option<Made> {
        self.write(move |conn, account, now| {
            store::delete_expired(conn, now)?;
            let (rows, locks) = live_in(conn, account, now)?;
            if let Some(lock) = lock_rules::conflicting(&locks, &at, new.is_deep, new.is_shared)
                && let Some(row) = row_of(&rows, lock)
            {
                return Ok(Made::Conflict(row));
            }
            if rows.len() >= MAX_LOCKS {
                return Ok(Made::TooMany);
            }
            let new = LockRow {
                account_id: account.clone(),
                created_at: now,
                expires_at: now + TimeDelta::seconds(new.timeout_seconds.unwrap_or(0)),
                ..new.clone()
            };
            store::insert(conn, &new)?;
            Ok(Made::Locked(new))
        })
        .await
    }

    /// Whether a change puts a name into a folder, or takes it away.
    async fn is_of_name(&self, path: &DrivePath) -> bool {
        match self.visit.act {
            Act::Delete | Act::Move | Act::Copy | Act::MakeFolder => true,
            Act::Put | Act::Lock => {
                let there = self.drive.resolve(self.visit.owner(), path.clone()).await;
                !matches!(there, Ok(Some(_)))
            }
            Act::Unlock | Act::ChangeProperties => false,
        }
    }
}

impl DavLockSystem for Locks {
    fn lock(
        &'_ self,
        path: &DavPath,
        principal: Option<&str>,
        owner: Option<&Element>,
        timeout: Option<Duration>,
        shared: bool,
        deep: bool,
    ) -> LsFuture<'_, Result<DavLock, DavLock>> {
        let path = path.clone();
        let new = path_of(&path).map(|at| {
            let row = LockRow {
                token: Uuid::new_v4().urn().to_string(),
                account_id: self.visit.owner(),
                path: at.to_string(),
                principal: principal.map(str::to_owned),
                owner: owner.and_then(to_text),
                is_deep: deep,
                is_shared: shared,
                timeout_seconds: Some(seconds(timeout)),
                created_at: Time::default(),
                expires_at: Time::default(),
            };
            (row, at)
        });
        Box::pin(async move {
            let Some((new, at)) = new else {
                return Err(closed(&path));
            };
            match self.make(new, at).await {
                Some(Made::Locked(row)) => Ok(dav_lock(&row, &path)),
                Some(Made::Conflict(row)) => Err(dav_lock(&row, &path)),
                Some(Made::TooMany) => {
                    let detail = format!("A drive has at most {MAX_LOCKS} locks.");
                    self.visit
                        .refuse(Error::new(ErrorCode::InsufficientStorage, detail));
                    Err(closed(&path))
                }
                None => Err(closed(&path)),
            }
        })
    }

    fn unlock(&'_ self, path: &DavPath, token: &str) -> LsFuture<'_, Result<(), ()>> {
        let (at, token) = (path_of(path), token.to_owned());
        Box::pin(async move {
            let at = at.ok_or(())?;
            let removed = self.write(move |conn, account, now| {
                let (_, locks) = live_in(conn, account, now)?;
                let is_there = lock_rules::is_locked_with(&locks, &at, &token);
                if is_there {
                    store::delete(conn, std::slice::from_ref(&token))?;
                }
                Ok(is_there)
            });
            removed
                .await
                .filter(|is_there| *is_there)
                .map(drop)
                .ok_or(())
        })
    }

    fn refresh(
        &'_ self,
        path: &DavPath,
        token: &str,
        timeout: Option<Duration>,
    ) -> LsFuture<'_, Result<DavLock, ()>> {
        let (path, token, seconds) = (path.clone(), token.to_owned(), seconds(timeout));
        Box::pin(async move {
            let at = path_of(&path).ok_or(())?;
            let prolonged = self.write(move |conn, account, now| {
                let (rows, locks) = live_in(conn, account, now)?;
                let held = locks.iter().find(|it| it.token == token && it.covers(&at));
                let Some(row) = held.and_then(|lock| row_of(&rows, lock)) else {
                    return Ok(None);
                };
                let expires_at = now + TimeDelta::seconds(seconds);
                store::prolong(conn, &token, seconds, expires_at)?;
                Ok(Some(LockRow {
                    timeout_seconds: Some(seconds),
                    expires_at,
                    ..row
                }))
            });
            let row = prolonged.await.flatten().ok_or(())?;
            Ok(dav_lock(&row, &path))
        })
    }

    /// `ignore_principal` is how dav-server asks whether a condition of `If` holds: whether this token is a lock here.
    fn check(
        &'_ self,
        path: &DavPath,
        _: Option<&str>,
        ignore_principal: bool,
        deep: bool,
        submitted_tokens: &[String],
    ) -> LsFuture<'_, Result<(), DavLock>> {
        let (path, tokens) = (path.clone(), submitted_tokens.to_vec());
        Box::pin(async move {
            let (Some(at), Some((rows, locks))) = (path_of(&path), self.live().await) else {
                return Err(closed(&path));
            };
            if ignore_principal {
                let is_held = |token: &String| lock_rules::is_locked_with(&locks, &at, token);
                return if tokens.iter().all(is_held) {
                    Ok(())
                } else {
                    Err(closed(&path))
                };
            }
            if locks.is_empty() {
                return Ok(());
            }
            let change = Change {
                path: &at,
                is_deep: deep,
                is_of_name: self.is_of_name(&at).await,
            };
            match lock_rules::forbidding(&locks, change, &tokens) {
                Some(lock) => {
                    let row = row_of(&rows, lock);
                    Err(row.map_or_else(|| closed(&path), |row| dav_lock(&row, &path)))
                }
                None => Ok(()),
            }
        })
    }

    fn discover(&'_ self, path: &DavPath) -> LsFuture<'_, Vec<DavLock>> {
        let path = path.clone();
        Box::pin(async move {
            let (Some(at), Some((rows, locks))) = (path_of(&path), self.live().await) else {
                return Vec::new();
            };
            let here = rows.iter().zip(&locks).filter(|(_, lock)| lock.covers(&at));
            here.map(|(row, _)| dav_lock(row, &path)).collect()
        })
    }

    fn delete(&'_ self, path: &DavPath) -> LsFuture<'_, Result<(), ()>> {
        let at = path_of(path);
        Box::pin(async move {
            let at = at.ok_or(())?;
            let removed = self.write(move |conn, account, now| {
                let (_, locks) = live_in(conn, account, now)?;
                let gone = locks.into_iter().filter(|it| it.path.starts_with(&at));
                let tokens: Vec<String> = gone.map(|it| it.token).collect();
                store::delete(conn, &tokens)
            });
            removed.await.ok_or(())
        })
    }
}
