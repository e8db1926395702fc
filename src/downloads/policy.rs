//! When a ticket serves bytes, and how long it waits. Who may have a film at all is asked of
//! [`crate::membership::policy`].

use super::model::{Error, Ticket};
use crate::accounts;
use crate::clock::Time;
use crate::membership::{self, policy::Asker};
use crate::movies::Movie;

/// What has become of a ticket's film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FilmNow {
    There,
    Trashed,
    Purged,
}

impl From<Option<&Movie>> for FilmNow {
    fn from(movie: Option<&Movie>) -> Self {
        match movie {
            None => Self::Purged,
            Some(movie) if movie.deleted_at.is_some() => Self::Trashed,
            Some(_) => Self::There,
        }
    }
}

/// Whether a ticket serves bytes now. What made it valid was asked when it was made: a film that
/// became paid, or whose time of publishing moved, does not take a ticket away; the trash does.
///
/// # Errors
/// [`accounts::Error::Locked`], [`Error::Expired`], [`Error::FilmGone`], [`Error::TooEarly`].
pub(super) fn may_use_ticket(
    asker: Asker,
    ticket: &Ticket,
    film: FilmNow,
    now: Time,
) -> Result<(), Error> {
    if asker.is_locked {
        return Err(membership::Error::from(accounts::Error::Locked).into());
    }
    if now >= ticket.expires_at {
        return Err(Error::Expired);
    }
    let is_gone = match film {
        FilmNow::Purged => true,
        FilmNow::Trashed => !asker.keeps(),
        FilmNow::There => false,
    };
    if is_gone {
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
pub(super) fn wait_seconds(asker: Asker, is_vip: bool, price: i64, configured: i64) -> i64 {
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
        let ask = |now| may_use_ticket(MEMBER, &ticket, FilmNow::There, now);
        assert!(matches!(ask(at(0)), Err(Error::TooEarly { seconds: 30 })));
        let nearly = at(30) - TimeDelta::milliseconds(1);
        assert!(matches!(ask(nearly), Err(Error::TooEarly { seconds: 1 })));
        assert!(ask(at(30)).is_ok() && ask(at(59)).is_ok());
        assert!(matches!(ask(at(60)), Err(Error::Expired)));
        let gone = may_use_ticket(MEMBER, &ticket, FilmNow::Trashed, at(31));
        assert!(matches!(gone, Err(Error::FilmGone)));
        assert!(matches!(
            may_use_ticket(MEMBER, &ticket, FilmNow::Purged, at(31)),
            Err(Error::FilmGone)
        ));
        assert!(may_use_ticket(OWNER, &ticket, FilmNow::Trashed, at(31)).is_ok());
        let locked = may_use_ticket(LOCKED, &ticket, FilmNow::There, at(31));
        assert!(matches!(
            locked,
            Err(Error::Refused(membership::Error::Accounts(
                accounts::Error::Locked
            )))
        ));
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
