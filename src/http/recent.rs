//! The requests of the last minutes, for a glance at how busy the house is and what fails.
//!
//! Plain atomics, whatever comes: a minute that is over makes room for a later one when that is first counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Minutes that are told, with the one that runs.
pub const MINUTES: u64 = 15;

/// One more than is told, so that a minute is not written over while it is read.
const CELLS: usize = 16;

/// A cell holds which minute it counts, above, and the count, below.
const COUNT_BITS: u32 = 40;

/// What happened in one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minute {
    pub requests: u64,
    /// Answers from 500 on.
    pub errors: u64,
}

#[derive(Debug)]
pub(super) struct Recent {
    begun: Instant,
    requests: [AtomicU64; CELLS],
    errors: [AtomicU64; CELLS],
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            requests: Default::default(),
            errors: Default::default(),
        }
    }
}

impl Recent {
    pub(super) fn count(&self, is_error: bool) {
        self.count_in(self.minute(), is_error);
    }

    /// The last minutes, the earliest first, and how many seconds of the last one are over.
    pub(super) fn last(&self) -> (Vec<Minute>, u64) {
        let begun = self.begun.elapsed().as_secs() % 60;
        (self.last_until(self.minute()), begun)
    }

    /// The first minute has the number that comes after all that are told before it.
    fn minute(&self) -> u64 {
        self.begun.elapsed().as_secs() / 60 + MINUTES
    }

    fn count_in(&self, minute: u64, is_error: bool) {
        add(&self.requests, minute);
        if is_error {
            add(&self.errors, minute);
        }
    }

    fn last_until(&self, minute: u64) -> Vec<Minute> {
        let of = |minute| Minute {
            requests: read(&self.requests, minute),
            errors: read(&self.errors, minute),
        };
        (minute + 1 - MINUTES..=minute).map(of).collect()
    }
}

fn cell(cells: &[AtomicU64; CELLS], minute: u64) -> Option<&AtomicU64> {
    cells.get(usize::try_from(minute % CELLS as u64).ok()?)
}

fn add(cells: &[AtomicU64; CELLS], minute: u64) {
    let Some(cell) = cell(cells, minute) else {
        return;
    };
    let one_more = |held: u64| match held >> COUNT_BITS {
        of if of == minute => Some(held + 1),
        // Another thread is in a later minute already: what came late is not counted.
        of if of > minute => None,
        _ => Some((minute << COUNT_BITS) | 1),
    };
    let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
}

fn read(cells: &[AtomicU64; CELLS], minute: u64) -> u64 {
    let held = cell(cells, minute).map_or(0, |cell| cell.load(Ordering::Relaxed));
    match held >> COUNT_BITS == minute {
        true => held & ((1 << COUNT_BITS) - 1),
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(minutes: &[Minute]) -> Vec<u64> {
        minutes.iter().map(|it| it.requests).collect()
    }

    #[test]
    fn each_minute_is_counted_by_itself_and_forgotten_in_time() {
        let recent = Recent::default();
        for (minute, times) in [(20, 3), (21, 1), (34, 2)] {
            (0..times).for_each(|turn| recent.count_in(minute, turn == 0));
        }
        let told = recent.last_until(34);
        assert_eq!(
            requests(&told),
            [3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]
        );
        assert_eq!((told[0].errors, told[2].errors), (1, 0));
        assert_eq!(requests(&recent.last_until(35))[0], 1);
        // The cell of minute 20 is used again.
        recent.count_in(36, false);
        assert_eq!(requests(&recent.last_until(36))[14], 1);
        recent.count_in(20, false);
        assert_eq!(requests(&recent.last_until(36))[14], 1);
        assert_eq!(requests(&recent.last_until(300)), [0; 15]);
    }

    #[test]
    fn a_new_house_tells_minutes_in_which_nothing_came() {
        let recent = Recent::default();
        recent.count(true);
        let (told, _) = recent.last();
        assert_eq!(requests(&told).iter().sum::<u64>(), 1);
        assert_eq!(
            told.last(),
            Some(&Minute {
                requests: 1,
                errors: 1
            })
        );
    }

    #[test]
    fn nothing_is_lost_where_many_count_at_once() {
        let recent = Recent::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| recent.count_in(50, false)));
            }
        });
        assert_eq!(requests(&recent.last_until(50))[14], 4000);
    }
}
