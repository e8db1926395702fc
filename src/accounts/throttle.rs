//! Slows those who guess: after a few free attempts, each wrong one doubles the wait, by account and by address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;

use crate::clock::Time;

/// An address may stand for many people.
const ADDRESS_FACTOR: u32 = 10;
const LONGEST_WAIT: i64 = 15 * 60;
/// Wrong attempts are forgotten after this many seconds without one.
const MEMORY: i64 = 60 * 60;
/// So many are remembered before the forgotten ones are cleared out.
const CLEAR_ABOVE: usize = 50_000;

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Time,
}

/// Wrong attempts by some key.
#[derive(Debug)]
struct Ledger<K> {
    free: u32,
    failures: HashMap<K, Failures>,
}

impl<K: Eq + Hash> Ledger<K> {
    fn new(free: u32) -> Self {
        Self {
            free,
            failures: HashMap::new(),
        }
    }

    /// Seconds still to wait.
    fn wait(&self, key: &K, now: Time) -> i64 {
        let Some(failures) = self.failures.get(key) else {
            return 0;
        };
        if failures.count < self.free {
            return 0;
        }
        let doublings = (failures.count - self.free).min(20);
        let wait = TimeDelta::seconds((1_i64 << doublings).min(LONGEST_WAIT));
        let left = failures.last + wait - now;
        // Rounded up, so that nobody comes back a moment too early.
        if left > TimeDelta::zero() {
            left.num_milliseconds() / 1000 + 1
        } else {
            0
        }
    }

    fn fail(&mut self, key: K, now: Time) {
        if self.failures.len() > CLEAR_ABOVE {
            self.failures
                .retain(|_, it| (now - it.last).num_seconds() < MEMORY);
        }
        let entry = self.failures.entry(key).or_insert(Failures {
            count: 0,
            last: now,
        });
        if (now - entry.last).num_seconds() >= MEMORY {
            entry.count = 0;
        }
        *entry = Failures {
            count: entry.count.saturating_add(1),
            last: now,
        };
    }
}

/// The wrong attempts that this node has seen: passwords, voucher codes.
#[derive(Debug)]
pub struct Throttle {
    ledgers: Mutex<(Ledger<String>, Ledger<IpAddr>)>,
}

impl Throttle {
    #[must_use]
    pub fn new(free: u32) -> Self {
        let by_address = Ledger::new(free.saturating_mul(ADDRESS_FACTOR));
        Self {
            ledgers: Mutex::new((Ledger::new(free), by_address)),
        }
    }

    /// Seconds that this account name or address still has to wait; none when it may try.
    #[must_use]
    pub fn wait(&self, name: &str, address: IpAddr, now: Time) -> Option<u64> {
        let ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = ledgers
            .0
            .wait(&name.to_lowercase(), now)
            .max(ledgers.1.wait(&address, now));
        u64::try_from(wait).ok().filter(|wait| *wait > 0)
    }

    pub fn failed(&self, name: &str, address: IpAddr, now: Time) {
        let mut ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        ledgers.0.fail(name.to_lowercase(), now);
        ledgers.1.fail(address, now);
    }

    /// A right password clears its account, not the address, which may be trying others.
    pub fn succeeded(&self, name: &str) {
        let mut ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        ledgers.0.failures.remove(&name.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn the_wait_doubles_and_ends() {
        let throttle = Throttle::new(3);
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        for _ in 0..3 {
            assert_eq!(throttle.wait("ann", HERE, now), None);
            throttle.failed("ann", HERE, now);
        }
        assert_eq!(throttle.wait("ANN", HERE, now), Some(2));
        throttle.failed("Ann", HERE, now);
        throttle.failed("ann", HERE, now);
        assert_eq!(throttle.wait("ann", HERE, now), Some(5));
        assert_eq!(
            throttle.wait("ann", HERE, now + TimeDelta::seconds(5)),
            None
        );
        assert_eq!(throttle.wait("bob", HERE, now), None);
        throttle.succeeded("ann");
        assert_eq!(throttle.wait("ann", HERE, now), None);
    }

    #[test]
    fn an_address_that_tries_many_names_waits_too() {
        let throttle = Throttle::new(2);
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        for number in 0..20 {
            assert_eq!(throttle.wait(&format!("name{number}"), HERE, now), None);
            throttle.failed(&format!("name{number}"), HERE, now);
        }
        assert!(throttle.wait("fresh", HERE, now).is_some());
        let elsewhere = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(throttle.wait("fresh", elsewhere, now), None);
    }

    #[test]
    fn the_longest_wait_is_a_quarter_of_an_hour() {
        let throttle = Throttle::new(0);
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        (0..100).for_each(|_| throttle.failed("ann", HERE, now));
        assert_eq!(throttle.wait("ann", HERE, now), Some(901));
    }
}
