//! Who may have a film, and at what price: pure functions, asked before every byte of a film.

use crate::accounts::{Account, Viewer};
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

/// Whether somebody may have the bytes of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Granted,
    /// It is there, but it has not been bought.
    NotOwned,
    /// It is not there for this viewer: as if it did not exist.
    Hidden,
}

/// Admins have every film, and whoever bought one keeps it, even when it has left the catalogue. Others see what is in
/// the catalogue; of that, a free film is for everybody who is signed in.
#[must_use]
pub fn access(viewer: Option<&Viewer>, movie: &MovieFacts, owned: bool, now: Time) -> Access {
    let is_admin = viewer.is_some_and(Viewer::is_admin);
    let is_owner = viewer.is_some() && owned;
    if is_admin || is_owner {
        return Access::Granted;
    }
    match (movie.is_visible(now), viewer) {
        (false, _) => Access::Hidden,
        (true, Some(_)) if movie.price == 0 => Access::Granted,
        (true, _) => Access::NotOwned,
    }
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
    use std::sync::Arc;

    use chrono::{DateTime, TimeDelta};
    use playhouse_api::accounts::Scope;
    use proptest::prelude::*;

    use super::*;
    use crate::accounts::{Role, Via};
    use crate::ids::{AccessTokenId, AccountId, SessionId};

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
            created_at: now(),
        }
    }

    fn viewer(role: Role, scopes: Option<Vec<Scope>>) -> Viewer {
        let via = match scopes {
            None => Via::Session(SessionId::generate()),
            Some(scopes) => Via::Token {
                id: AccessTokenId::generate(),
                scopes,
            },
        };
        Viewer {
            account: Arc::new(account(role, None)),
            via,
        }
    }

    #[test]
    fn every_case_of_access() {
        use Access::{Granted, Hidden, NotOwned};
        let member = viewer(Role::Member, None);
        let admin = viewer(Role::Admin, None);
        let reading_admin = viewer(Role::Admin, Some(vec![Scope::Read]));
        let tick = TimeDelta::microseconds(1);
        // Listed or not, and when; whether that makes it visible.
        let states = [
            (true, now(), true),
            (true, now() - tick, true),
            (true, now() + tick, false),
            (false, now(), false),
            (false, now() + tick, false),
        ];
        // (price, visible, owned) -> nobody, member, admin, admin with a token that only reads
        let table = [
            ((0, true, false), [NotOwned, Granted, Granted, Granted]),
            ((0, true, true), [NotOwned, Granted, Granted, Granted]),
            ((0, false, false), [Hidden, Hidden, Granted, Hidden]),
            ((0, false, true), [Hidden, Granted, Granted, Granted]),
            ((900, true, false), [NotOwned, NotOwned, Granted, NotOwned]),
            ((900, true, true), [NotOwned, Granted, Granted, Granted]),
            ((900, false, false), [Hidden, Hidden, Granted, Hidden]),
            ((900, false, true), [Hidden, Granted, Granted, Granted]),
        ];
        for ((price, visible, owned), wanted) in table {
            for (is_listed, listed_at, _) in states.iter().filter(|it| it.2 == visible) {
                let movie = MovieFacts {
                    price,
                    is_listed: *is_listed,
                    listed_at: *listed_at,
                };
                let viewers = [None, Some(&member), Some(&admin), Some(&reading_admin)];
                let found = viewers.map(|viewer| access(viewer, &movie, owned, now()));
                assert_eq!(found, wanted, "{movie:?}, owned: {owned}");
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
