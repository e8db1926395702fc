//! Who is connected: how many, and how a session is ended from outside.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::accounts::{Via, Viewer};
use crate::events::{AccessEnded, EndReason};
use crate::ids::AccountId;

/// Why a session ends that its client has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Access(EndReason),
    /// The server stops.
    Stopping,
}

impl Ending {
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Access(EndReason::Locked) => "This account is locked.",
            Self::Access(_) => "What you signed in with is not good any more.",
            Self::Stopping => {
                "The server is stopping. What arrived is kept; come back in a moment."
            }
        }
    }
}

struct Guest {
    peer: IpAddr,
    who: Option<(AccountId, Via)>,
    end: watch::Sender<Option<Ending>>,
}

impl Guest {
    fn is_concerned(&self, ended: &AccessEnded) -> bool {
        let Some((_, via)) = self.who.as_ref().filter(|it| it.0 == ended.account) else {
            return false;
        };
        ended.is_everything()
            || match via {
                Via::Session(id) => ended.session.as_ref() == Some(id),
                Via::Token { id, .. } => ended.token.as_ref() == Some(id),
                Via::Password => ended.password,
            }
    }
}

/// The sessions of this door.
#[derive(Default)]
pub(super) struct Guests {
    list: Mutex<HashMap<u64, Guest>>,
    counter: AtomicU64,
}

/// A place on the list, given back with it.
pub(super) struct Seat {
    guests: Arc<Guests>,
    number: u64,
    pub end: watch::Receiver<Option<Ending>>,
}

impl Guests {
    fn list(&self) -> MutexGuard<'_, HashMap<u64, Guest>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for somebody who has not signed in; none when all are taken, or half of them by strangers from there.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr, max: usize) -> Option<Seat> {
        let mut list = self.list();
        let is_stranger = |it: &&Guest| it.who.is_none() && it.peer == peer;
        let strangers = list.values().filter(is_stranger).count();
        if list.len() >= max || strangers >= max.div_ceil(2) {
            return None;
        }
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let (end, heard) = watch::channel(None);
        let guest = Guest {
            peer,
            who: None,
            end,
        };
        list.insert(number, guest);
        Some(Seat {
            guests: Arc::clone(self),
            number,
            end: heard,
        })
    }

    pub(super) fn end_access(&self, ended: &AccessEnded) {
        for guest in self.list().values().filter(|it| it.is_concerned(ended)) {
            guest.end.send_replace(Some(Ending::Access(ended.reason)));
        }
    }

    pub(super) fn end_all(&self) {
        for guest in self.list().values() {
            guest.end.send_replace(Some(Ending::Stopping));
        }
    }
}

impl Seat {
    /// Says whose it is from now on. False when that account has all the places it may have.
    pub(super) fn name(&self, who: &Viewer, max: usize) -> bool {
        let mut list = self.guests.list();
        let is_theirs = |it: &&Guest| it.who.as_ref().is_some_and(|(id, _)| id == who.id());
        if list.values().filter(is_theirs).count() >= max {
            return false;
        }
        if let Some(guest) = list.get_mut(&self.number) {
            guest.who = Some((who.id().clone(), who.via.clone()));
        }
        true
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.guests.list().remove(&self.number);
    }
}
