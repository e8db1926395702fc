//! Who is here, told to those who look.
//!
//! A connection says whose presence it looks at, and may look at its circle only. Keeps true: nobody who is not (any
//! more) in a circle is told anything; somebody whose connection breaks and comes back within the grace period was never
//! away; changes are told a few times a second at most, so a crowd that arrives is one wave. State lives in one lock and
//! is small. When somebody was here last is written down by [`service`](super::service), and told only to those who may
//! see it.

mod state;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use playhouse_api::realtime::PresenceEvent;
use tokio::time::Instant;
use uuid::Uuid;

use super::hub::Inbox;
use super::seat::SeatId;
use crate::clock::{Clock, Time};
use crate::ids::AccountId;
use state::{Leaving, State, Watch};

/// Cheap to copy.
#[derive(Clone)]
pub(super) struct Presence {
    state: Arc<Mutex<State>>,
    /// Counts the changes of circles: what was decided under another number has to be decided again.
    circles: Arc<AtomicU64>,
    grace: Duration,
    clock: Clock,
}

/// How one account looks at others.
#[derive(Clone, Debug, Default)]
pub(super) struct Looks {
    pub accounts: HashSet<Uuid>,
    pub sees_last: bool,
}

impl Presence {
    pub(super) fn new(grace: Duration, clock: Clock) -> Self {
        Self {
            state: Arc::default(),
            circles: Arc::default(),
            grace,
            clock,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, account: Uuid) {
        let mut state = self.state();
        let is_news = !state.is_here(account);
        state.leaving.remove(&account);
        state.last_seen.remove(&account);
        *state.here.entry(account).or_default() += 1;
        if is_news {
            state.changed.insert(account);
        }
    }

    pub(super) fn leave(&self, account: Uuid) {
        let mut state = self.state();
        let Some(count) = state.here.get_mut(&account) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            state.here.remove(&account);
            let leaving = Leaving {
                seen_at: self.clock.now(),
                away_at: Instant::now() + self.grace,
            };
            state.leaving.insert(account, leaving);
        }
    }

    /// Whether somebody is here, or was a moment ago.
    pub(super) fn is_here(&self, account: Uuid) -> bool {
        self.state().is_here(account)
    }

    /// The number of the circles as they are now.
    pub(super) fn circles(&self) -> u64 {
        self.circles.load(Ordering::SeqCst)
    }

    /// Somebody's circle may be another one now.
    pub(super) fn circle_changed(&self, account: Uuid) {
        self.state().stale.insert(account);
        self.circles.fetch_add(1, Ordering::SeqCst);
    }

    /// A connection looks at these accounts from now on, and at no others. Gives how they are; nothing when circles have
    /// changed since `circles`.
    pub(super) fn watch(
        &self,
        seat: SeatId,
        account: Uuid,
        hub: &Arc<Inbox>,
        looks: Looks,
        circles: u64,
    ) -> Option<Vec<PresenceEvent>> {
        let accounts = looks.accounts;
        let mut state = self.state();
        if self.circles() != circles {
            return None;
        }
        state.remove(seat);
        for watched in &accounts {
            state.watchers.entry(*watched).or_default().insert(seat);
        }
        let seen = accounts.iter().map(|it| state.event(*it)).collect();
        if !accounts.is_empty() {
            let hub = Arc::clone(hub);
            let watch = Watch {
                account,
                hub,
                accounts,
                sees_last: looks.sees_last,
            };
            state.watches.insert(seat, watch);
        }
        Some(seen)
    }

    pub(super) fn unwatch(&self, seat: SeatId) {
        self.state().remove(seat);
    }

    /// Tells a connection once more how everybody is whom it looks at: some of it was left out.
    pub(super) fn repeat(&self, seat: SeatId) {
        let state = self.state();
        if let Some(watch) = state.watches.get(&seat) {
            for account in &watch.accounts {
                state.tell(seat, state.event(*account));
            }
        }
    }

    /// Whose circles have to be looked at.
    pub(super) fn stale(&self) -> Vec<Uuid> {
        self.state().stale.iter().copied().collect()
    }

    /// Takes a circle into account, as it was at `circles` or later. Those who may not look any more see somebody who
    /// is away.
    pub(super) fn confine(&self, account: Uuid, looks: &Looks, circles: u64) {
        let circle = &looks.accounts;
        let mut state = self.state();
        let own = state.watches.values_mut();
        own.filter(|watch| watch.account == account)
            .for_each(|watch| watch.sees_last = looks.sees_last);
        let mut ended: Vec<(SeatId, Uuid)> = Vec::new();
        for (seat, watch) in &state.watches {
            if watch.account == account {
                let out = watch.accounts.difference(circle);
                ended.extend(out.map(|watched| (*seat, *watched)));
            } else if watch.accounts.contains(&account) && !circle.contains(&watch.account) {
                ended.push((*seat, account));
            }
        }
        for (seat, watched) in ended {
            let away = PresenceEvent {
                account_id: watched,
                online: false,
                last_seen_at: None,
            };
            state.tell(seat, away);
            state.forget(seat, watched);
            if let Some(watch) = state.watches.get_mut(&seat) {
                watch.accounts.remove(&watched);
            }
        }
        if self.circles() == circles {
            state.stale.remove(&account);
        }
    }

    /// Who is away since a moment ago, with when they were here last. They are announced the next time.
    pub(super) fn departed(&self) -> Vec<(AccountId, Time)> {
        let now = Instant::now();
        let mut state = self.state();
        let state = &mut *state;
        let mut departed = Vec::new();
        state.leaving.retain(|account, leaving| {
            let is_still = leaving.away_at > now;
            if !is_still {
                state.changed.insert(*account);
                departed.push((AccountId::from(*account), leaving.seen_at));
            }
            is_still
        });
        departed
    }

    /// Everybody who is here, or was a moment ago, with when that was.
    pub(super) fn present(&self) -> Vec<(AccountId, Time)> {
        let now = self.clock.now();
        let state = self.state();
        let here = state.here.keys().map(|account| (*account, now));
        let leaving = state.leaving.iter();
        let leaving = leaving.map(|(account, leaving)| (*account, leaving.seen_at));
        let all = here.chain(leaving);
        all.map(|(account, at)| (AccountId::from(account), at))
            .collect()
    }

    /// When these were here last may be told with their absence.
    pub(super) fn show_last_seen(&self, seen: &[(AccountId, Time)]) {
        let mut state = self.state();
        for (account, at) in seen {
            let account = account.uuid();
            if !state.is_here(account) && state.changed.contains(&account) {
                state.last_seen.insert(account, *at);
            }
        }
    }

    /// Tells what has changed. Nothing of or to those whose circle has to be looked at first.
    pub(super) fn announce(&self) {
        let mut state = self.state();
        let state = &mut *state;
        let held: HashSet<Uuid> = state.changed.intersection(&state.stale).copied().collect();
        let changed = std::mem::replace(&mut state.changed, held);
        for account in changed {
            if !state.stale.contains(&account) {
                state.tell_watchers(account);
                state.last_seen.remove(&account);
            }
        }
    }
}
