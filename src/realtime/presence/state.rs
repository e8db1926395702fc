//! Who is here and who looks at whom, under one lock.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use playhouse_api::events::Event;
use playhouse_api::realtime::PresenceEvent;
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock::Time;
use crate::realtime::frames;
use crate::realtime::hub::{Delivery, Inbox, To};
use crate::realtime::outbox::Weight;
use crate::realtime::seat::SeatId;

#[derive(Default)]
pub(super) struct State {
    /// Connections by account.
    pub(super) here: HashMap<Uuid, usize>,
    /// Who left a moment ago.
    pub(super) leaving: HashMap<Uuid, Leaving>,
    /// When somebody was here last whose absence is still to be told, if it may be shown.
    pub(super) last_seen: HashMap<Uuid, Time>,
    /// Whose presence has changed since it was told.
    pub(super) changed: HashSet<Uuid>,
    /// Whose circle has changed since it was looked at.
    pub(super) stale: HashSet<Uuid>,
    pub(super) watches: HashMap<SeatId, Watch>,
    /// Who looks at an account.
    pub(super) watchers: HashMap<Uuid, HashSet<SeatId>>,
}

pub(super) struct Leaving {
    /// When the last connection went.
    pub(super) seen_at: Time,
    /// When they are away.
    pub(super) away_at: Instant,
}

/// What one connection looks at.
pub(super) struct Watch {
    pub(super) account: Uuid,
    pub(super) hub: Arc<Inbox>,
    pub(super) accounts: HashSet<Uuid>,
    /// Whether it is told when somebody was here last.
    pub(super) sees_last: bool,
}

impl State {
    pub(super) fn is_here(&self, account: Uuid) -> bool {
        self.here.contains_key(&account) || self.leaving.contains_key(&account)
    }

    pub(super) fn event(&self, account: Uuid) -> PresenceEvent {
        PresenceEvent {
            account_id: account,
            online: self.is_here(account),
            last_seen_at: None,
        }
    }

    pub(super) fn forget(&mut self, seat: SeatId, account: Uuid) {
        if let Some(seats) = self.watchers.get_mut(&account) {
            seats.remove(&seat);
            if seats.is_empty() {
                self.watchers.remove(&account);
            }
        }
    }

    /// Tells one connection.
    pub(super) fn tell(&self, seat: SeatId, event: PresenceEvent) {
        if let Some(watch) = self.watches.get(&seat) {
            watch.hub.send(delivery(&[seat], event));
        }
    }

    /// A connection looks at nobody any more.
    pub(super) fn remove(&mut self, seat: SeatId) {
        if let Some(watch) = self.watches.remove(&seat) {
            for account in watch.accounts {
                self.forget(seat, account);
            }
        }
    }

    /// Tells everybody who looks at an account and whose circle need not be looked at first.
    pub(super) fn tell_watchers(&self, account: Uuid) {
        let event = self.event(account);
        let last_seen_at = self
            .last_seen
            .get(&account)
            .map(chrono::NaiveDateTime::and_utc);
        let last_seen_at = last_seen_at.filter(|_| !event.online);
        let mut hubs: Vec<(Arc<Inbox>, bool, Vec<SeatId>)> = Vec::new();
        for seat in self.watchers.get(&account).into_iter().flatten() {
            let Some(watch) = self.watches.get(seat) else {
                continue;
            };
            if self.stale.contains(&watch.account) {
                continue;
            }
            let sees = watch.sees_last && last_seen_at.is_some();
            match hubs
                .iter_mut()
                .find(|(hub, also, _)| *also == sees && Arc::ptr_eq(hub, &watch.hub))
            {
                Some((.., seats)) => seats.push(*seat),
                None => hubs.push((Arc::clone(&watch.hub), sees, vec![*seat])),
            }
        }
        for (hub, sees, seats) in hubs {
            let last_seen_at = last_seen_at.filter(|_| sees);
            let event = PresenceEvent {
                last_seen_at,
                ..event
            };
            hub.send(delivery(&seats, event));
        }
    }
}

fn delivery(seats: &[SeatId], event: PresenceEvent) -> Delivery {
    Delivery {
        to: To::Seats(seats.into()),
        frames: frames::text(&Event::Presence(event)),
        weight: Weight::Droppable,
    }
}
