//! Who is watching what on this node: a limit on the films that an account watches at a time, and when somebody was last
//! asked whether they still may.
//!
//! A seat is one film on one screen (a login session or an access token). It is taken by the first request for bytes and
//! free again some time after the last one. Live state only: nothing is lost with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use crate::clock::Time;
use crate::ids::{AccountId, MovieId};
use crate::media::Watch;

/// A seat that nobody has used for so long is free.
const FREE_AFTER: TimeDelta = TimeDelta::seconds(30);

/// Whoever was asked longer ago is asked again.
const ASK_AFTER: TimeDelta = TimeDelta::seconds(15);

/// Accounts with seats that are remembered; beyond that, everybody is asked each time.
const MOST: usize = 100_000;

/// The seats of the house; cheap to copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats(Arc<Mutex<HashMap<AccountId, Vec<Seat>>>>);

#[derive(Clone, Debug)]
struct Seat {
    watch: Watch,
    used_at: Time,
    asked_at: Option<Time>,
}

/// What a request for bytes may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was asked a moment ago whether its account may.
    Known,
    Ask,
    /// The account watches as many films as it may.
    NoSeat,
}

impl Seats {
    /// Sits down, or goes on sitting.
    pub(super) fn take(&self, watch: &Watch, now: Time, most: usize) -> Verdict {
        let mut seats = self.lock();
        if seats.len() >= MOST && !seats.contains_key(&watch.account) {
            return Verdict::Ask;
        }
        let own = seats.entry(watch.account.clone()).or_default();
        if let Some(seat) = own.iter_mut().find(|seat| seat.is_for(watch)) {
            seat.used_at = now;
            let is_known = seat.asked_at.is_some_and(|at| now - at < ASK_AFTER);
            return if is_known {
                Verdict::Known
            } else {
                Verdict::Ask
            };
        }
        own.retain(|seat| now - seat.used_at < FREE_AFTER);
        if own.len() >= most {
            return Verdict::NoSeat;
        }
        own.push(Seat {
            watch: watch.clone(),
            used_at: now,
            asked_at: None,
        });
        Verdict::Ask
    }

    /// Notes that its account may, as of `now`.
    pub(super) fn confirm(&self, watch: &Watch, now: Time) {
        self.change(watch, |seat| seat.asked_at = Some(now));
    }

    /// Notes that something is being sent there.
    pub(super) fn touch(&self, watch: &Watch, now: Time) {
        self.change(watch, |seat| seat.used_at = now);
    }

    /// Frees a seat.
    pub(super) fn leave(&self, watch: &Watch) {
        let mut seats = self.lock();
        if let Some(own) = seats.get_mut(&watch.account) {
            own.retain(|seat| !seat.is_for(watch));
        }
    }

    /// Everybody who sits, after those were sent away who have not used their seat.
    pub(super) fn all(&self, now: Time) -> Vec<Watch> {
        let mut seats = self.lock();
        for own in seats.values_mut() {
            own.retain(|seat| now - seat.used_at < FREE_AFTER);
        }
        seats.retain(|_, own| !own.is_empty());
        seats
            .values()
            .flatten()
            .map(|it| it.watch.clone())
            .collect()
    }

    fn change(&self, watch: &Watch, change: impl FnOnce(&mut Seat)) {
        let mut seats = self.lock();
        let own = seats.get_mut(&watch.account);
        if let Some(seat) = own.and_then(|own| own.iter_mut().find(|seat| seat.is_for(watch))) {
            change(seat);
        }
    }

    /// A poisoned lock guards plain values that are valid after any panic.
    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Vec<Seat>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    fn is_for(&self, watch: &Watch) -> bool {
        let same = |movie: &MovieId| *movie == watch.movie;
        same(&self.watch.movie)
            && self.watch.screen == watch.screen
            && self.watch.is_preview == watch.is_preview
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn watch(account: &AccountId, screen: u64) -> Watch {
        Watch {
            account: account.clone(),
            movie: MovieId::from(uuid::Uuid::nil()),
            expires_at: Time::MAX,
            screen,
            is_preview: false,
            prefix: String::new(),
        }
    }

    #[test]
    fn an_account_has_so_many_seats_and_no_more() {
        let (seats, now) = (Seats::default(), Clock::default().now());
        let (ann, bob) = (AccountId::generate(), AccountId::generate());
        for screen in [1, 2, 1, 2] {
            assert_eq!(seats.take(&watch(&ann, screen), now, 2), Verdict::Ask);
        }
        assert_eq!(seats.take(&watch(&ann, 3), now, 2), Verdict::NoSeat);
        assert_eq!(seats.take(&watch(&bob, 3), now, 2), Verdict::Ask);
        let later = now + FREE_AFTER;
        assert_eq!(seats.take(&watch(&ann, 3), later, 2), Verdict::Ask);
        assert_eq!(seats.all(later).len(), 1);
        seats.leave(&watch(&ann, 3));
        assert!(seats.all(later).is_empty());
    }

    #[test]
    fn whoever_may_is_asked_again_before_long() {
        let (seats, now) = (Seats::default(), Clock::default().now());
        let own = watch(&AccountId::generate(), 1);
        assert_eq!(seats.take(&own, now, 1), Verdict::Ask);
        seats.confirm(&own, now);
        assert_eq!(
            seats.take(&own, now + TimeDelta::seconds(14), 1),
            Verdict::Known
        );
        assert_eq!(seats.take(&own, now + ASK_AFTER, 1), Verdict::Ask);
    }
}
