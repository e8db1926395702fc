//! The downloads under way on this node.
//!
//! Finding one costs a read lock on one of [`SHARDS`] maps. The actors run on a thread of their
//! own, apart from the workers that serve requests, so that they outlive the workers when the
//! server stops and can write their last words.
//!
//! A lock of an account must not slip in between the question "may this account?" and the entry
//! here: [`Transfers::admit`] takes the [`Generation`] from before the question, and refuses when
//! something was stopped since.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::time::Duration;

use actix::{Actor, Addr, Arbiter};

use crate::events::{AccessEnded, Events};
use crate::ids::{AccountId, MovieId, ShareId};

use super::actor::{Close, Look, Pace, Transfer};
use super::live::{Access, Journal, Live, LiveKey, Progress, Subject};

const SHARDS: usize = 16;

/// How long a stopping server waits for one actor's last word.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// A mark in time: nothing has been stopped since it was taken, or [`Transfers::admit`] says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation(u64);

/// Something was stopped since the generation was taken: ask again who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outdated;

/// A registry; cheap to copy.
#[derive(Clone)]
pub struct Transfers {
    inner: Arc<Inner>,
}

struct Inner {
    shards: [RwLock<HashMap<LiveKey, Entry>>; SHARDS],
    hasher: RandomState,
    generation: AtomicU64,
    thread: OnceLock<Arbiter>,
    pace: Pace,
}

struct Entry {
    live: Arc<Live>,
    actor: Addr<Transfer>,
}

impl Default for Transfers {
    fn default() -> Self {
        Self::with_pace(Pace::default())
    }
}

impl Transfers {
    /// A registry whose actors keep this rhythm.
    pub fn with_pace(pace: Pace) -> Transfers {
        Transfers {
            inner: Arc::new(Inner {
                shards: Default::default(),
                hasher: RandomState::new(),
                generation: AtomicU64::new(0),
                thread: OnceLock::new(),
                pace,
            }),
        }
    }

    /// Stops the transfers of an account at the moment it is locked, and those of a drive when the session or token
    /// that began them ends.
    pub fn listen(&self, events: &Events) {
        // Weak: the bus outlives the house in tests, and must not keep it.
        let inner: Weak<Inner> = Arc::downgrade(&self.inner);
        events.on_access_ended(move |ended| {
            if let Some(inner) = inner.upgrade() {
                Transfers { inner }.end_access(ended);
            }
        });
    }

    fn end_access(&self, ended: &AccessEnded) {
        if ended.is_everything() {
            self.stop_account(&ended.account);
        }
        if let Some(session) = &ended.session {
            self.stop_access(&Access::Session(session.clone()));
        }
        if ended.password {
            self.stop_access(&Access::Password(ended.account.clone()));
        }
        if let Some(token) = &ended.token {
            self.stop_access(&Access::Token(token.clone()));
        }
    }

    /// The download with this key, if it is under way. The caller counts as a request of it.
    pub fn find(&self, key: &LiveKey) -> Option<Arc<Live>> {
        let shard = read(self.shard(key));
        let entry = shard.get(key)?;
        // Under the lock, so that the actor sees it before it leaves.
        entry.live.join();
        Some(Arc::clone(&entry.live))
    }

    /// How a download stands, if it is under way on this node. It is no request of it.
    pub fn glance(&self, key: &LiveKey) -> Option<Progress> {
        let shard = read(self.shard(key));
        shard.get(key).map(|entry| entry.live.progress(false))
    }

    /// To be taken before asking whether somebody may have the bytes.
    pub fn generation(&self) -> Generation {
        Generation(self.inner.generation.load(Ordering::SeqCst))
    }

    /// Enters a download and starts its actor; when another request was faster, joins that one.
    /// Must be called inside an actix system.
    pub fn admit(
        &self,
        asked_at: Generation,
        live: Live,
        journal: Option<Box<dyn Journal>>,
    ) -> Result<Arc<Live>, Outdated> {
        let mut shard = write(self.shard(&live.key));
        if let Some(entry) = shard.get(&live.key) {
            entry.live.join();
            return Ok(Arc::clone(&entry.live));
        }
        if self.generation() != asked_at {
            return Err(Outdated);
        }
        let live = Arc::new(live);
        let transfer = Transfer::new(Arc::clone(&live), journal, self.clone(), self.inner.pace);
        let thread = self.inner.thread.get_or_init(Arbiter::new);
        let actor = Transfer::start_in_arbiter(&thread.handle(), |_| transfer);
        let entry = Entry {
            live: Arc::clone(&live),
            actor,
        };
        shard.insert(live.key.clone(), entry);
        Ok(live)
    }

    /// Ends everything an account has under way, at once.
    pub fn stop_account(&self, account: &AccountId) {
        self.stop(|live| live.owner == *account);
    }

    /// Ends everything under way of a film that is taken away.
    pub fn stop_movie(&self, movie: &MovieId) {
        let subject = Subject::Movie(movie.clone());
        self.stop(|live| live.subject == subject);
    }

    /// Ends what an account watches of a film: its bytes were allowed once and are no more.
    pub fn stop_watching(&self, account: &AccountId, movie: &MovieId) {
        self.stop(|live| is_watched(live, account, movie));
    }

    /// Whether something of a film is being sent to an account that watches it.
    pub fn is_watching(&self, account: &AccountId, movie: &MovieId) -> bool {
        self.inner.shards.iter().any(|shard| {
            let shard = read(shard);
            let mut all = shard.values();
            all.any(|it| is_watched(&it.live, account, movie) && it.live.flow.tally().open > 0)
        })
    }

    /// Ends everything that a share gives out.
    pub fn stop_share(&self, share: &ShareId) {
        self.stop(|live| {
            matches!(&live.key, LiveKey::Drive { access: Access::Share { share: of, .. }, .. } if of == share)
        });
    }

    /// Ends what is under way by a login session or an access token that has ended.
    fn stop_access(&self, access: &Access) {
        self.stop(|live| matches!(&live.key, LiveKey::Drive { access: of, .. } if of == access));
    }

    /// How many downloads are under way.
    pub fn count(&self) -> usize {
        self.inner.shards.iter().map(|it| read(it).len()).sum()
    }

    /// How many downloads of films and files are being sent now; watching is none.
    pub fn sending(&self) -> usize {
        let is_sent =
            |live: &Live| !matches!(live.key, LiveKey::Watch(..)) && live.flow.tally().open > 0;
        let shards = self.inner.shards.iter();
        shards
            .map(|it| read(it).values().filter(|it| is_sent(&it.live)).count())
            .sum()
    }

    /// Lets every actor write its last word; for a server that stops.
    pub async fn close(&self) {
        let actors: Vec<Addr<Transfer>> = self
            .inner
            .shards
            .iter()
            .flat_map(|shard| {
                let shard = read(shard);
                let actors: Vec<_> = shard.values().map(|it| it.actor.clone()).collect();
                actors
            })
            .collect();
        let words = actors
            .iter()
            .map(|actor| actor.send(Close).timeout(CLOSE_WITHIN));
        for outcome in futures_util::future::join_all(words).await {
            if let Err(error) = outcome {
                tracing::warn!(%error, "a download was not closed in time");
            }
        }
    }

    fn stop(&self, concerns: impl Fn(&Live) -> bool) {
        self.inner.generation.fetch_add(1, Ordering::SeqCst);
        for shard in &self.inner.shards {
            for entry in read(shard).values().filter(|it| concerns(&it.live)) {
                entry.live.flow.stop();
                // A full mailbox is no loss: the next tick looks too.
                let _ = entry.actor.try_send(Look);
            }
        }
    }

    /// Takes a download out, unless a request joined since `joins` was read.
    pub(super) fn release(&self, live: &Live, joins: u64) -> bool {
        let mut shard = write(self.shard(&live.key));
        let is_free = live.joins() == joins || live.flow.is_stopped();
        if is_free {
            shard.remove(&live.key);
        }
        is_free
    }

    pub(super) fn forget(&self, live: &Live) {
        write(self.shard(&live.key)).remove(&live.key);
    }

    fn shard(&self, key: &LiveKey) -> &RwLock<HashMap<LiveKey, Entry>> {
        let hash = self.inner.hasher.hash_one(key);
        // The remainder is below SHARDS, which is the length.
        let place = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        &self.inner.shards[place]
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.get() {
            thread.stop();
        }
    }
}

fn is_watched(live: &Live, account: &AccountId, movie: &MovieId) -> bool {
    matches!(&live.key, LiveKey::Watch(by, of, _) if by == account && of == movie)
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
