//! How much one account, one address and one connection may ask for.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::config::RealtimeConfig;

/// Fills by a rate up to a size; each request takes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    left: f64,
    at: Instant,
}

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) per_second: f64,
    pub(super) burst: f64,
}

impl Bucket {
    pub(super) fn full(rate: Rate, now: Instant) -> Self {
        Self {
            left: rate.burst,
            at: now,
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub(super) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * rate.per_second).min(rate.burst);
        self.at = now;
        if self.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.left) / rate.per_second));
        }
        self.left -= 1.0;
        Ok(())
    }
}

/// Why somebody is not let in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("there are too many connections")]
    House,
    #[error("this account has too many connections")]
    Account,
    #[error("this address has too many connections")]
    Address,
    #[error("too many connections were opened")]
    Pace(Duration),
}

/// Who is in, counted.
#[derive(Debug, Default)]
pub(super) struct Doors {
    accounts: HashMap<Uuid, usize>,
    addresses: HashMap<IpAddr, usize>,
    pace: HashMap<Uuid, Bucket>,
}

/// Accounts whose pace is remembered before those that have rested are forgotten.
const REMEMBERED: usize = 10_000;

impl Doors {
    /// Lets one connection in.
    pub(super) fn enter(
        &mut self,
        account: Uuid,
        address: IpAddr,
        config: &RealtimeConfig,
    ) -> Result<(), Refused> {
        let held = |count: Option<&usize>| count.copied().unwrap_or(0);
        if held(self.accounts.get(&account)) >= config.max_per_account {
            return Err(Refused::Account);
        }
        if held(self.addresses.get(&address)) >= config.max_per_address {
            return Err(Refused::Address);
        }
        self.take_pace(account, config).map_err(Refused::Pace)?;
        *self.accounts.entry(account).or_default() += 1;
        *self.addresses.entry(address).or_default() += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self, account: Uuid, address: IpAddr) {
        count_down(&mut self.accounts, &account);
        count_down(&mut self.addresses, &address);
    }

    fn take_pace(&mut self, account: Uuid, config: &RealtimeConfig) -> Result<(), Duration> {
        let burst = f64::from(config.connects_per_minute);
        let rate = Rate {
            per_second: burst / 60.0,
            burst,
        };
        let now = Instant::now();
        if self.pace.len() >= REMEMBERED {
            let rested = Duration::from_secs(60);
            self.pace
                .retain(|_, it| now.saturating_duration_since(it.at) < rested);
        }
        let bucket = self.pace.entry(account);
        bucket
            .or_insert_with(|| Bucket::full(rate, now))
            .take(rate, now)
    }
}

fn count_down<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let rate = Rate {
            per_second: 2.0,
            burst: 3.0,
        };
        let start = Instant::now();
        let mut bucket = Bucket::full(rate, start);
        for _ in 0..3 {
            bucket.take(rate, start).unwrap();
        }
        assert_eq!(bucket.take(rate, start), Err(Duration::from_millis(500)));
        let later = start + Duration::from_millis(500);
        bucket.take(rate, later).unwrap();
        assert!(bucket.take(rate, later).is_err());
        let much_later = later + Duration::from_secs(3600);
        assert_eq!(
            (0..9)
                .filter(|_| bucket.take(rate, much_later).is_ok())
                .count(),
            3
        );
    }

    #[test]
    fn connections_are_counted_by_account_and_by_address() {
        let config = RealtimeConfig {
            max_per_account: 2,
            max_per_address: 3,
            ..RealtimeConfig::default()
        };
        let (mut doors, home) = (Doors::default(), IpAddr::from([127, 0, 0, 1]));
        let (anna, ben) = (Uuid::now_v7(), Uuid::from_u128(2));
        doors.enter(anna, home, &config).unwrap();
        doors.enter(anna, home, &config).unwrap();
        assert_eq!(doors.enter(anna, home, &config), Err(Refused::Account));
        doors.enter(ben, home, &config).unwrap();
        assert_eq!(doors.enter(ben, home, &config), Err(Refused::Address));
        for account in [anna, anna, ben] {
            doors.leave(account, home);
        }
        assert!(doors.accounts.is_empty() && doors.addresses.is_empty());
    }
}
