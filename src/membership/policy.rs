//! Who may have a film, and at what price: pure functions, asked before every byte of a film.

use crate::accounts::Account;
use crate::clock::Time;
use crate::movies::{Movie, MovieState};

/// What this policy needs to know of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MovieFacts {
    /// 0 is free.
    pub price: i64,
    /// Published, and not in the trash.
    pub is_listed: bool,
    /// When it enters the catalogue.
    pub listed_at: Time,
}

impl From<&Movie> for MovieFacts {
    fn from(movie: &Movie) -> Self {
        Self {
            price: movie.price,
            is_listed: movie.state == MovieState::Published && movie.deleted_at.is_none(),
            listed_at: movie.listed_at,
        }
    }
}

impl MovieFacts {
    /// In the catalogue: listed, and its time has come.
    #[must_use]
    pub fn is_visible(&self, now: Time) -> bool {
        self.is_listed && self.listed_at <= now
    }
}

/// Who asks for a film.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    pub is_admin: bool,
    pub is_locked: bool,
    /// Has bought the film.
    pub owns: bool,
}

impl Asker {
    /// What is theirs, or in their care, stays when it leaves the catalogue.
    #[must_use]
    pub fn keeps(self) -> bool {
        self.is_admin || self.owns
    }
}

/// Whether somebody may have the bytes of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Granted,
    Locked,
    /// It is there, but it has not been bought.
    NotOwned,
    /// It is not there for this account: as if it did not exist.
    Hidden,
}

/// The one gate. Admins have every film, and whoever bought one keeps it, even when it has left the catalogue. Others
/// see what is in the catalogue; of that, a free film is for every account.
#[must_use]
pub fn access(asker: Asker, movie: &MovieFacts, now: Time) -> Access {
    if asker.is_locked {
        Access::Locked
    } else if asker.keeps() {
        Access::Granted
    } else if !movie.is_visible(now) {
        Access::Hidden
    } else if movie.price > 0 {
        Access::NotOwned
    } else {
        Access::Granted
    }
}

/// Whether somebody may have the beginning of a film: they could buy it and have not, and there is a preview of it.
#[must_use]
pub fn may_preview(asker: Asker, movie: &MovieFacts, seconds: i32, now: Time) -> bool {
    seconds > 0 && access(asker, movie, now) == Access::NotOwned
}

/// What a film costs this account: VIPs pay `vip_percent` of the price.
#[must_use]
pub fn price_for(account: &Account, price: i64, vip_percent: i64, now: Time) -> i64 {
    if account.is_vip(now) {
        reduced(price, vip_percent)
    } else {
        price
    }
}

/// `percent` of a price, rounded up to a whole minor unit, so that what costs something never becomes free by rounding.
#[must_use]
pub fn reduced(price: i64, percent: i64) -> i64 {
    let part = (i128::from(price) * i128::from(percent) + 99) / 100;
    i64::try_from(part).unwrap_or(price)
}

/// An amount for people, such as `12.50 EUR`.
#[must_use]
pub fn format_amount(amount: i64, currency: &str, digits: u32) -> String {
    let unit = 10_u64.saturating_pow(digits).max(1);
    let (whole, rest) = (amount.unsigned_abs() / unit, amount.unsigned_abs() % unit);
    let sign = if amount < 0 { "-" } else { "" };
    match digits {
        0 => format!("{sign}{whole} {currency}"),
        _ => format!(
            "{sign}{whole}.{rest:0width$} {currency}",
            width = digits as usize
        ),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;
    use crate::accounts::Role;
    use crate::ids::AccountId;

    fn now() -> Time {
        DateTime::from_timestamp(1_700_000_000, 0)
            .unwrap()
            .naive_utc()
    }

    fn account(role: Role, vip_until: Option<Time>) -> Account {
        Account {
            id: AccountId::generate(),
            username: "ann".to_owned(),
            real_name: None,
            phone: None,
            address: None,
            email: None,
            locale: None,
            role,
            is_locked: false,
            vip_until,
            quota_bytes: None,
            last_seen_at: None,
            show_last_seen: true,
            created_at: now(),
        }
    }

    #[test]
    fn every_case_of_access() {
        use Access::{Granted, Hidden, Locked, NotOwned};
        let asker = |is_admin, owns| Asker {
            is_admin,
            owns,
            is_locked: false,
        };
        let tick = TimeDelta::microseconds(1);
        // Listed or not, and when; whether that makes it visible.
        let states = [
            (true, now(), true),
            (true, now() - tick, true),
            (true, now() + tick, false),
            (false, now(), false),
            (false, now() + tick, false),
        ];
        // (price, visible) -> member, owner, admin, admin who owns
        let table = [
            ((0, true), [Granted, Granted, Granted, Granted]),
            ((0, false), [Hidden, Granted, Granted, Granted]),
            ((900, true), [NotOwned, Granted, Granted, Granted]),
            ((900, false), [Hidden, Granted, Granted, Granted]),
        ];
        for ((price, visible), wanted) in table {
            for (is_listed, listed_at, _) in states.iter().filter(|it| it.2 == visible) {
                let movie = MovieFacts {
                    price,
                    is_listed: *is_listed,
                    listed_at: *listed_at,
                };
                let askers = [(false, false), (false, true), (true, false), (true, true)]
                    .map(|(is_admin, owns)| asker(is_admin, owns));
                let found = askers.map(|asker| access(asker, &movie, now()));
                assert_eq!(found, wanted, "{movie:?}");
                for (asker, access) in askers.into_iter().zip(wanted) {
                    let may = |seconds| may_preview(asker, &movie, seconds, now());
                    assert_eq!((may(5), may(0)), (access == NotOwned, false), "{movie:?}");
                }
                let locked = askers.map(|asker| Asker {
                    is_locked: true,
                    ..asker
                });
                assert_eq!(locked.map(|it| access(it, &movie, now())), [Locked; 4]);
            }
        }
    }

    #[test]
    fn only_those_who_are_vip_now_pay_less() {
        let price = |until: Option<TimeDelta>| {
            let account = account(Role::Member, until.map(|it| now() + it));
            price_for(&account, 999, 50, now())
        };
        assert_eq!(price(None), 999);
        assert_eq!(price(Some(TimeDelta::zero())), 999);
        assert_eq!(price(Some(TimeDelta::seconds(-1))), 999);
        assert_eq!(price(Some(TimeDelta::microseconds(1))), 500);
    }

    #[test]
    fn amounts_are_written_for_people() {
        assert_eq!(format_amount(1250, "EUR", 2), "12.50 EUR");
        assert_eq!(format_amount(5, "EUR", 2), "0.05 EUR");
        assert_eq!(format_amount(-5, "EUR", 2), "-0.05 EUR");
        assert_eq!(format_amount(1250, "JPY", 0), "1250 JPY");
        assert_eq!(format_amount(i64::MIN, "X", 4), "-922337203685477.5808 X");
    }

    proptest! {
        #[test]
        fn a_reduced_price_is_rounded_up_and_never_more(price in 0i64..=i64::MAX, percent in 0i64..=100) {
            let paid = reduced(price, percent);
            prop_assert!((0..=price).contains(&paid));
            let exact = i128::from(price) * i128::from(percent);
            let gap = i128::from(paid) * 100 - exact;
            prop_assert!((0..100).contains(&gap), "{} of {} is {}", percent, price, paid);
            prop_assert_eq!(paid == 0, price == 0 || percent == 0);
        }
    }
}
