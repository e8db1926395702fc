//! How often an account, and an address, may do something in rooms.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::refusal::Error;
use crate::clock::Time;
use crate::config::ChatConfig;
use crate::ids::AccountId;
use crate::limits::Buckets;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Messages,
    FriendRequests,
    Rooms,
}

/// All limits of one kind of deed.
#[derive(Debug)]
struct Limit {
    accounts: Buckets<AccountId>,
    addresses: Buckets<IpAddr>,
}

impl Limit {
    fn new(size: u32, period_seconds: u32, address_factor: u32) -> Self {
        let by_address = size.saturating_mul(address_factor.max(1));
        Self {
            accounts: Buckets::new(size, period_seconds),
            addresses: Buckets::new(by_address, period_seconds),
        }
    }
}

/// The limits of the house.
#[derive(Debug)]
pub(super) struct Limits {
    messages: Mutex<Limit>,
    friend_requests: Mutex<Limit>,
    rooms: Mutex<Limit>,
}

impl Limits {
    pub(super) fn new(config: &ChatConfig) -> Self {
        let limit = |size, period| Mutex::new(Limit::new(size, period, config.address_factor));
        Self {
            messages: limit(config.messages_per_minute, 60),
            friend_requests: limit(config.friend_requests_per_hour, 3600),
            rooms: limit(config.rooms_per_hour, 3600),
        }
    }

    /// Takes one token of the account and one of the address, or none.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub(super) fn take(
        &self,
        what: What,
        account: &AccountId,
        address: IpAddr,
        now: Time,
    ) -> Result<(), Error> {
        let limit = match what {
            What::Messages => &self.messages,
            What::FriendRequests => &self.friend_requests,
            What::Rooms => &self.rooms,
        };
        let mut limit = limit.lock().unwrap_or_else(PoisonError::into_inner);
        let by_account = limit.accounts.wait(account, now);
        let by_address = limit.addresses.wait(&address, now);
        if let Some(retry_after) = by_account.max(by_address) {
            return Err(Error::Throttled { retry_after });
        }
        limit.accounts.take(account.clone(), now);
        limit.addresses.take(address, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn limits() -> Limits {
        Limits::new(&ChatConfig {
            messages_per_minute: 6,
            address_factor: 2,
            ..ChatConfig::default()
        })
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_fills_evenly() {
        let (limits, now) = (limits(), Time::default());
        let ann = AccountId::generate();
        let take = |at| limits.take(What::Messages, &ann, HERE, at);
        for _ in 0..6 {
            take(now).unwrap();
        }
        let Err(Error::Throttled { retry_after }) = take(now) else {
            panic!("a seventh was allowed");
        };
        assert_eq!(retry_after, 11);
        assert!(take(now + TimeDelta::seconds(9)).is_err());
        assert!(take(now + TimeDelta::seconds(11)).is_ok());
        assert!(take(now + TimeDelta::seconds(11)).is_err());
        let later = now + TimeDelta::hours(1);
        for _ in 0..6 {
            take(later).unwrap();
        }
        assert!(take(later).is_err(), "a bucket holds no more than its size");
        assert!(limits.take(What::Rooms, &ann, HERE, now).is_ok());
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nobody_up() {
        let (limits, now) = (limits(), Time::default());
        let ann = AccountId::generate();
        let take = |at| limits.take(What::Messages, &ann, HERE, at);
        for _ in 0..6 {
            take(now).unwrap();
        }
        let back = now - TimeDelta::hours(2);
        let Err(Error::Throttled { retry_after }) = take(back) else {
            panic!("a step of the clock gave a message away");
        };
        assert_eq!(retry_after, 11);
        assert!(take(back + TimeDelta::seconds(11)).is_ok());
        // Forward again: full, and no more than full.
        for _ in 0..6 {
            take(now).unwrap();
        }
        assert!(take(now).is_err());
    }

    #[test]
    fn an_address_of_many_accounts_is_limited_too() {
        let (limits, now) = (limits(), Time::default());
        for _ in 0..12 {
            let somebody = AccountId::generate();
            limits.take(What::Messages, &somebody, HERE, now).unwrap();
        }
        let one_more = AccountId::generate();
        assert!(limits.take(What::Messages, &one_more, HERE, now).is_err());
        let elsewhere = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
        let taken = limits.take(What::Messages, &one_more, elsewhere, now);
        assert!(taken.is_ok(), "what was refused cost nothing");
    }
}
