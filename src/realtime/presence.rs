//! Who is here, told to those who look.
//!
//! A connection says whose presence it looks at, and may look at its circle only. Keeps true: nobody who is not (any
//! more) in a circle is told anything; somebody whose connection breaks and comes back within the grace period was never
//! away; changes are told a few times a second at most, so a crowd that arrives is one wave. State lives in one lock and
//! is small; nothing is written down.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use playhouse_api::events::Event;
use playhouse_api::realtime::PresenceEvent;
use tokio::time::Instant;
use uuid::Uuid;

use super::frames;
use super::hub::{Delivery, Inbox, To};
use super::outbox::Weight;
use super::seat::SeatId;
use crate::ids::AccountId;

/// Cheap to copy.
#[derive(Clone)]
pub(super) struct Presence {
    state: Arc<Mutex<State>>,
    /// Counts the changes of circles: what was decided under another number has to be decided again.
    circles: Arc<AtomicU64>,
    grace: Duration,
}

#[derive(Default)]
struct State {
    /// Connections by account.
    here: HashMap<Uuid, usize>,
    /// Who left a moment ago, and when they are away.
    leaving: HashMap<Uuid, Instant>,
    /// Whose presence has changed since it was told.
    changed: HashSet<Uuid>,
    /// Whose circle has changed since it was looked at.
    stale: HashSet<Uuid>,
    watches: HashMap<SeatId, Watch>,
    /// Who looks at an account.
    watchers: HashMap<Uuid, HashSet<SeatId>>,
}

/// What one connection looks at.
struct Watch {
    account: Uuid,
    hub: Arc<Inbox>,
    accounts: HashSet<Uuid>,
}

impl State {
    fn is_here(&self, account: Uuid) -> bool {
        self.here.contains_key(&account) || self.leaving.contains_key(&account)
    }

    fn event(&self, account: Uuid) -> PresenceEvent {
        PresenceEvent {
            account_id: account,
            online: self.is_here(account),
        }
    }

    fn forget(&mut self, seat: SeatId, account: Uuid) {
        if let Some(seats) = self.watchers.get_mut(&account) {
            seats.remove(&seat);
            if seats.is_empty() {
                self.watchers.remove(&account);
            }
        }
    }

    /// Tells one connection.
    fn tell(&self, seat: SeatId, event: PresenceEvent) {
        if let Some(watch) = self.watches.get(&seat) {
            watch.hub.send(delivery(&[seat], event));
        }
    }
}

impl Presence {
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            state: Arc::default(),
            circles: Arc::default(),
            grace,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, account: Uuid) {
        let mut state = self.state();
        let is_news = !state.is_here(account);
        state.leaving.remove(&account);
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
            state.leaving.insert(account, Instant::now() + self.grace);
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
        accounts: HashSet<Uuid>,
        circles: u64,
    ) -> Option<Vec<PresenceEvent>> {
        let mut state = self.state();
        if self.circles() != circles {
            return None;
        }
        remove(&mut state, seat);
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
            };
            state.watches.insert(seat, watch);
        }
        Some(seen)
    }

    pub(super) fn unwatch(&self, seat: SeatId) {
        remove(&mut self.state(), seat);
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
    pub(super) fn confine(&self, account: Uuid, circle: &HashSet<AccountId>, circles: u64) {
        let circle: HashSet<Uuid> = circle.iter().map(AccountId::uuid).collect();
        let mut state = self.state();
        let mut ended: Vec<(SeatId, Uuid)> = Vec::new();
        for (seat, watch) in &state.watches {
            if watch.account == account {
                let out = watch.accounts.difference(&circle);
                ended.extend(out.map(|watched| (*seat, *watched)));
            } else if watch.accounts.contains(&account) && !circle.contains(&watch.account) {
                ended.push((*seat, account));
            }
        }
        for (seat, watched) in ended {
            let away = PresenceEvent {
                account_id: watched,
                online: false,
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

    /// Tells what has changed. Nothing of or to those whose circle has to be looked at first.
    pub(super) fn announce(&self) {
        let now = Instant::now();
        let mut state = self.state();
        let state = &mut *state;
        state.leaving.retain(|account, away_at| {
            let is_still = *away_at > now;
            if !is_still {
                state.changed.insert(*account);
            }
            is_still
        });
        let held: HashSet<Uuid> = state.changed.intersection(&state.stale).copied().collect();
        let changed = std::mem::replace(&mut state.changed, held);
        for account in changed {
            if !state.stale.contains(&account) {
                tell_watchers(state, account);
            }
        }
    }
}

fn tell_watchers(state: &State, account: Uuid) {
    let mut hubs: Vec<(Arc<Inbox>, Vec<SeatId>)> = Vec::new();
    for seat in state.watchers.get(&account).into_iter().flatten() {
        let Some(watch) = state.watches.get(seat) else {
            continue;
        };
        if state.stale.contains(&watch.account) {
            continue;
        }
        match hubs
            .iter_mut()
            .find(|(hub, _)| Arc::ptr_eq(hub, &watch.hub))
        {
            Some((_, seats)) => seats.push(*seat),
            None => hubs.push((Arc::clone(&watch.hub), vec![*seat])),
        }
    }
    for (hub, seats) in hubs {
        hub.send(delivery(&seats, state.event(account)));
    }
}

fn delivery(seats: &[SeatId], event: PresenceEvent) -> Delivery {
    Delivery {
        to: To::Seats(seats.into()),
        frames: frames::text(&Event::Presence(event)),
        weight: Weight::Droppable,
    }
}

fn remove(state: &mut State, seat: SeatId) {
    if let Some(watch) = state.watches.remove(&seat) {
        for account in watch.accounts {
            state.forget(seat, account);
        }
    }
}
