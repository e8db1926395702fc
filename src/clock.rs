//! The one source of the time. Tests hold a clock that they move by hand.
//!
//! Times are UTC with microseconds, which is what both databases keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDateTime, TimeDelta};

/// A moment in UTC.
pub type Time = NaiveDateTime;

/// Tells the time: the system's, shifted by what a test asked for.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    shift_us: Arc<AtomicI64>,
}

impl Clock {
    /// Now, cut to whole microseconds.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the rule points to"
    )]
    pub fn now(&self) -> Time {
        let us = chrono::Utc::now().timestamp_micros() + self.shift_us.load(Ordering::Relaxed);
        DateTime::from_timestamp_micros(us)
            .unwrap_or_default()
            .naive_utc()
    }

    /// Moves this clock, and every copy of it, forward.
    pub fn advance(&self, by: TimeDelta) {
        let us = by.num_microseconds().unwrap_or(i64::MAX);
        self.shift_us.fetch_add(us, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_share_the_shift() {
        let clock = Clock::default();
        let copy = clock.clone();
        let before = copy.now();
        clock.advance(TimeDelta::hours(1));
        assert!(copy.now() - before >= TimeDelta::hours(1));
    }
}
