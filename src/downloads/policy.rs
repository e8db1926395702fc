//! Who may have a film's bytes, and from when: the gate of the house, asked for an account that a
//! ticket or a token names.
//!
//! Pure functions over facts. Whether a film is for somebody is decided by
//! [`membership::policy`](crate::membership::policy); here are the lock of the account and the
//! rules of tickets.

use super::model::{Error, Ticket};
use crate::clock::Time;
use crate::membership::policy::{Access, MovieFacts, access_of_account};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    pub is_admin: bool,
    pub is_locked: bool,
    /// Has bought the film.
    pub owns: bool,
}

impl Asker {
    /// What is theirs, or in their care: it stays when it leaves the catalogue.
    fn keeps(self) -> bool {
        self.is_admin || self.owns
    }
}

/// Whether somebody may have the bytes of a film, now.
///
/// # Errors
/// [`Error::Locked`], [`Error::NoSuchFilm`], [`Error::NotOwned`].
pub fn may_have_bytes(asker: Asker, film: &MovieFacts, now: Time) -> Result<(), Error> {
    if asker.is_locked {
        return Err(Error::Locked);
    }
    match access_of_account(asker.is_admin, film, asker.owns, now) {
        Access::Granted => Ok(()),
        Access::NotOwned => Err(Error::NotOwned),
        Access::Hidden => Err(Error::NoSuchFilm),
    }
}

/// Where the film of a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    Here,
    /// In the trash.
    Trashed,
    Purged,
}

/// Whether a ticket serves bytes now. What made it valid was asked when it was made: a film that
/// became paid, or whose time of publishing moved, does not take a ticket away; the trash does.
///
/// # Errors
/// [`Error::Locked`], [`Error::Expired`], [`Error::FilmGone`], [`Error::TooEarly`].
pub fn may_use_ticket(
    asker: Asker,
    ticket: &Ticket,
    film: Whereabouts,
    now: Time,
) -> Result<(), Error> {
    if asker.is_locked {
        return Err(Error::Locked);
    }
    if now >= ticket.expires_at {
        return Err(Error::Expired);
    }
    match film {
        Whereabouts::Purged => return Err(Error::FilmGone),
        Whereabouts::Trashed if !asker.keeps() => return Err(Error::FilmGone),
        Whereabouts::Trashed | Whereabouts::Here => {}
    }
    let left = ticket.available_at - now;
    if left > chrono::TimeDelta::zero() {
        let seconds = left.num_milliseconds().max(1).unsigned_abs().div_ceil(1000);
        return Err(Error::TooEarly { seconds });
    }
    Ok(())
}

/// Seconds to wait before the first byte: only a member without VIP waits, and only for a film
/// that costs nothing.
pub fn wait_seconds(asker: Asker, is_vip: bool, price: i64, configured: i64) -> i64 {
    let waits = price == 0 && !is_vip && !asker.is_admin && !asker.owns;
    if waits { configured } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::downloads::model::TicketState;
    use crate::ids::{AccountId, MovieId, TicketId};
    use chrono::TimeDelta;

    fn at(seconds: i64) -> Time {
        Time::default() + TimeDelta::seconds(seconds)
    }

    fn film(price: i64) -> MovieFacts {
        MovieFacts {
            price,
            is_listed: true,
            listed_at: at(0),
        }
    }

    const MEMBER: Asker = Asker {
        is_admin: false,
        is_locked: false,
        owns: false,
    };
    const OWNER: Asker = Asker {
        owns: true,
        ..MEMBER
    };
    const LOCKED: Asker = Asker {
        is_locked: true,
        ..MEMBER
    };
    const ADMIN: Asker = Asker {
        is_admin: true,
        ..MEMBER
    };

    #[test]
    fn the_gate() {
        let (free, paid) = (film(0), film(5));
        let hidden = MovieFacts {
            is_listed: false,
            ..free
        };
        let later = MovieFacts {
            listed_at: at(100),
            ..free
        };
        let ask = |asker, film| may_have_bytes(asker, film, at(50));
        assert!(ask(MEMBER, &free).is_ok());
        assert!(matches!(ask(MEMBER, &paid), Err(Error::NotOwned)));
        assert!(matches!(ask(MEMBER, &hidden), Err(Error::NoSuchFilm)));
        assert!(matches!(ask(MEMBER, &later), Err(Error::NoSuchFilm)));
        for film in [&free, &paid, &hidden, &later] {
            assert!(ask(OWNER, film).is_ok());
            assert!(ask(ADMIN, film).is_ok());
            for asker in [MEMBER, OWNER, ADMIN] {
                let locked = Asker {
                    is_locked: true,
                    ..asker
                };
                assert!(matches!(ask(locked, film), Err(Error::Locked)));
            }
        }
    }

    #[test]
    fn a_ticket_waits_and_expires() {
        let ticket = Ticket {
            id: TicketId::generate(),
            account_id: AccountId::generate(),
            movie_id: MovieId::generate(),
            movie_title: String::new(),
            file_name: String::new(),
            size: 1,
            price_paid: 0,
            state: TicketState::Waiting,
            bytes_sent: 0,
            delivered: String::new(),
            created_at: at(0),
            available_at: at(30),
            expires_at: at(60),
            updated_at: at(0),
        };
        use Whereabouts::{Here, Purged, Trashed};
        let ask = |now| may_use_ticket(MEMBER, &ticket, Here, now);
        assert!(matches!(ask(at(0)), Err(Error::TooEarly { seconds: 30 })));
        let nearly = at(30) - TimeDelta::milliseconds(1);
        assert!(matches!(ask(nearly), Err(Error::TooEarly { seconds: 1 })));
        assert!(ask(at(30)).is_ok() && ask(at(59)).is_ok());
        assert!(matches!(ask(at(60)), Err(Error::Expired)));
        let gone = may_use_ticket(MEMBER, &ticket, Trashed, at(31));
        assert!(matches!(gone, Err(Error::FilmGone)));
        assert!(matches!(
            may_use_ticket(MEMBER, &ticket, Purged, at(31)),
            Err(Error::FilmGone)
        ));
        assert!(may_use_ticket(OWNER, &ticket, Trashed, at(31)).is_ok());
        let locked = may_use_ticket(LOCKED, &ticket, Here, at(31));
        assert!(matches!(locked, Err(Error::Locked)));
    }

    #[test]
    fn only_members_without_vip_wait_and_only_for_free_films() {
        assert_eq!(wait_seconds(MEMBER, false, 0, 30), 30);
        assert_eq!(wait_seconds(MEMBER, true, 0, 30), 0);
        assert_eq!(wait_seconds(OWNER, false, 9, 30), 0);
        assert_eq!(wait_seconds(ADMIN, false, 0, 30), 0);
        // Bought while it had a price: it is theirs.
        assert_eq!(wait_seconds(OWNER, false, 0, 30), 0);
    }
}
