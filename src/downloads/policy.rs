//! The one gate: who may have the bytes of a film.
//!
//! Pure functions over facts, so that every door can ask the same questions: a new ticket, a
//! request for a ticket's bytes, a playback address, a request for its bytes.

use super::films::Film;
use super::model::{Error, Ticket};
use crate::clock::Time;

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
/// A film that is not in the catalogue (yet, or any more) does not exist for a member, unless
/// they bought it.
///
/// # Errors
/// [`Error::Locked`], [`Error::NoSuchFilm`], [`Error::NotOwned`].
pub fn may_have_bytes(asker: Asker, film: &Film, now: Time) -> Result<(), Error> {
    let is_in_catalogue = film.is_listed && film.deleted_at.is_none() && film.listed_at <= now;
    if asker.is_locked {
        Err(Error::Locked)
    } else if asker.keeps() {
        Ok(())
    } else if !is_in_catalogue {
        Err(Error::NoSuchFilm)
    } else if film.price > 0 {
        Err(Error::NotOwned)
    } else {
        Ok(())
    }
}

/// Whether a ticket serves bytes now. What made it valid was asked when it was made: a film that
/// became paid, or whose time of publishing moved, does not take a ticket away; the trash does.
///
/// # Errors
/// [`Error::Locked`], [`Error::Expired`], [`Error::FilmGone`], [`Error::TooEarly`].
pub fn may_use_ticket(
    asker: Asker,
    ticket: &Ticket,
    film: Option<&Film>,
    now: Time,
) -> Result<(), Error> {
    if asker.is_locked {
        return Err(Error::Locked);
    }
    if now >= ticket.expires_at {
        return Err(Error::Expired);
    }
    if film.is_none_or(|film| film.deleted_at.is_some() && !asker.keeps()) {
        return Err(Error::FilmGone);
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
pub fn wait_seconds(asker: Asker, is_vip: bool, film: &Film, configured: i64) -> i64 {
    let waits = film.price == 0 && !is_vip && !asker.is_admin && !asker.owns;
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

    fn film(price: i64) -> Film {
        Film {
            id: MovieId::generate(),
            title: "Film".into(),
            price,
            is_listed: true,
            listed_at: at(0),
            deleted_at: None,
            content_type: "video/mp4".into(),
            file_name: "film.mp4".into(),
            width: 1,
            height: 1,
            duration_ms: 1000,
            blake3: String::new(),
            size: 1,
            sha256: None,
            stored_at: at(0),
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
        let hidden = Film {
            is_listed: false,
            ..film(0)
        };
        let later = Film {
            listed_at: at(100),
            ..film(0)
        };
        let trashed = Film {
            deleted_at: Some(at(1)),
            is_listed: false,
            ..film(0)
        };
        let ask = |asker, film: &Film| may_have_bytes(asker, film, at(50));
        assert!(ask(MEMBER, &free).is_ok());
        assert!(matches!(ask(MEMBER, &paid), Err(Error::NotOwned)));
        assert!(matches!(ask(MEMBER, &hidden), Err(Error::NoSuchFilm)));
        assert!(matches!(ask(MEMBER, &later), Err(Error::NoSuchFilm)));
        for film in [&free, &paid, &hidden, &later, &trashed] {
            assert!(ask(OWNER, film).is_ok());
            assert!(ask(ADMIN, film).is_ok());
        }
        assert!(matches!(ask(MEMBER, &trashed), Err(Error::NoSuchFilm)));
        for asker in [MEMBER, OWNER, ADMIN] {
            let locked = Asker {
                is_locked: true,
                ..asker
            };
            assert!(matches!(ask(locked, &free), Err(Error::Locked)));
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
        let (free, trashed) = (
            film(0),
            Film {
                deleted_at: Some(at(1)),
                ..film(0)
            },
        );
        let ask = |now| may_use_ticket(MEMBER, &ticket, Some(&free), now);
        assert!(matches!(ask(at(0)), Err(Error::TooEarly { seconds: 30 })));
        let nearly = at(30) - TimeDelta::milliseconds(1);
        assert!(matches!(ask(nearly), Err(Error::TooEarly { seconds: 1 })));
        assert!(ask(at(30)).is_ok() && ask(at(59)).is_ok());
        assert!(matches!(ask(at(60)), Err(Error::Expired)));
        let gone = may_use_ticket(MEMBER, &ticket, Some(&trashed), at(31));
        assert!(matches!(gone, Err(Error::FilmGone)));
        assert!(matches!(
            may_use_ticket(MEMBER, &ticket, None, at(31)),
            Err(Error::FilmGone)
        ));
        assert!(may_use_ticket(OWNER, &ticket, Some(&trashed), at(31)).is_ok());
        let locked = may_use_ticket(LOCKED, &ticket, Some(&free), at(31));
        assert!(matches!(locked, Err(Error::Locked)));
    }

    #[test]
    fn only_members_without_vip_wait_and_only_for_free_films() {
        assert_eq!(wait_seconds(MEMBER, false, &film(0), 30), 30);
        assert_eq!(wait_seconds(MEMBER, true, &film(0), 30), 0);
        assert_eq!(wait_seconds(OWNER, false, &film(9), 30), 0);
        assert_eq!(wait_seconds(ADMIN, false, &film(0), 30), 0);
        // Bought while it had a price: it is theirs.
        assert_eq!(wait_seconds(OWNER, false, &film(0), 30), 0);
    }
}
