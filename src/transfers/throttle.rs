//! A rate limit in bytes a second, shared by every response of a flow.
//!
//! A virtual queue: each reservation takes its time slot behind the last one. A short burst is
//! free, so that small reads are not delayed by the limit.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How far the queue may run ahead before a sender has to wait.
const BURST: Duration = Duration::from_millis(100);

/// Shared by reference; the lock is held for a few instructions.
#[derive(Debug)]
pub struct Throttle {
    bytes_per_second: u64,
    free_at: Mutex<Option<Instant>>,
}

impl Throttle {
    /// A limit of at least one byte a second.
    pub fn new(bytes_per_second: u64) -> Throttle {
        Throttle {
            bytes_per_second: bytes_per_second.max(1),
            free_at: Mutex::new(None),
        }
    }

    /// The largest chunk that keeps the stream even: a tenth of a second, 1 byte to `most`.
    pub fn chunk(&self, most: u64) -> u64 {
        (self.bytes_per_second / 10).clamp(1, most.max(1))
    }

    /// Takes the slot of `bytes`; answers when they may be sent, or `None` for at once.
    pub fn reserve(&self, bytes: u64, now: Instant) -> Option<Instant> {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let start = free_at.map_or(now, |at| at.max(now));
        *free_at = Some(start + self.cost(bytes));
        let due = start.checked_sub(BURST).unwrap_or(now);
        (due > now).then_some(due)
    }

    fn cost(&self, bytes: u64) -> Duration {
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_holds_over_time() {
        let throttle = Throttle::new(1_000);
        let start = Instant::now();
        let mut now = start;
        for _ in 0..100 {
            if let Some(due) = throttle.reserve(100, now) {
                now = due;
            }
        }
        let spent = now - start;
        assert!(spent >= Duration::from_millis(9_700), "{spent:?}");
        assert!(spent <= Duration::from_millis(10_000), "{spent:?}");
    }

    #[test]
    fn an_idle_time_is_not_saved_up() {
        let throttle = Throttle::new(1_000);
        let start = Instant::now();
        assert_eq!(throttle.reserve(100, start), None);
        let later = start + Duration::from_secs(60);
        assert_eq!(throttle.reserve(1_000, later), None);
        assert!(throttle.reserve(1_000, later).is_some());
    }

    #[test]
    fn chunks_follow_the_rate() {
        assert_eq!(Throttle::new(1_000_000).chunk(1 << 18), 100_000);
        assert_eq!(Throttle::new(u64::MAX).chunk(1 << 18), 1 << 18);
        assert_eq!(Throttle::new(0).chunk(1 << 18), 1);
    }
}
