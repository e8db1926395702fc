//! Somebody before the gate: what one transaction knows of an account and a film.

use super::model::Error;
use super::policy::{Access, Asker, MovieFacts, access, may_preview};
use super::{Membership, store};
use crate::accounts::{self, Account, Accounts, Role};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, MovieId};
use crate::movies::{Movie, Movies};

/// An account that asks for a film.
#[derive(Clone, Debug)]
pub struct Claim {
    pub account: Account,
    pub asker: Asker,
    /// What it paid for the film; 0 when it did not buy it.
    pub price_paid: i64,
}

/// How much of a film somebody may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Whole,
    Beginning { seconds: i32 },
}

impl Membership {
    /// What an account can claim of a film, whether the film is there or not. `as_admin` is false for an access token
    /// that may not act as one.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn claim_in(
        conn: &mut Conn,
        account: &AccountId,
        movie: &MovieId,
        as_admin: bool,
    ) -> Result<Claim, Error> {
        let account = Accounts::get_in(conn, account)?;
        let paid = store::find_entitling_order(conn, &account.id, movie)?.map(|order| order.price);
        Ok(Claim {
            asker: Asker {
                is_admin: as_admin && account.role == Role::Admin,
                is_locked: account.is_locked,
                owns: paid.is_some(),
            },
            price_paid: paid.unwrap_or_default(),
            account,
        })
    }

    /// The film, if this account sees it at all: it is in the catalogue, or theirs, or in their care.
    ///
    /// # Errors
    /// When there is no such account, or the database cannot be read.
    pub fn see_in(
        conn: &mut Conn,
        account: &AccountId,
        movie: &MovieId,
        as_admin: bool,
        now: Time,
    ) -> Result<Option<Movie>, Error> {
        let Some(film) = Movies::find_in(conn, movie)? else {
            return Ok(None);
        };
        let is_seen = film.is_visible(now)
            || Self::claim_in(conn, account, movie, as_admin)?
                .asker
                .keeps();
        Ok(is_seen.then_some(film))
    }

    /// The film, if this account may have at least the beginning of it now; and whether that is all.
    ///
    /// # Errors
    /// [`Error::NoSuchMovie`], [`Error::NotOwned`], [`accounts::Error::Locked`].
    pub fn admit_to_preview_in(
        conn: &mut Conn,
        account: &AccountId,
        movie: &MovieId,
        as_admin: bool,
        now: Time,
    ) -> Result<(Movie, Seen), Error> {
        let movie = Movies::find_in(conn, movie)?.ok_or(Error::NoSuchMovie)?;
        let claim = Self::claim_in(conn, account, &movie.id, as_admin)?;
        let facts = MovieFacts::from(&movie);
        let seconds = movie.preview_seconds;
        match access(claim.asker, &facts, now) {
            Access::Granted => Ok((movie, Seen::Whole)),
            Access::Locked => Err(accounts::Error::Locked.into()),
            Access::Hidden => Err(Error::NoSuchMovie),
            Access::NotOwned if may_preview(claim.asker, &facts, seconds, now) => {
                Ok((movie, Seen::Beginning { seconds }))
            }
            Access::NotOwned => Err(Error::NotOwned),
        }
    }

    /// The film, if this account may have its bytes now.
    ///
    /// # Errors
    /// [`Error::NoSuchMovie`], [`Error::NotOwned`], [`accounts::Error::Locked`].
    pub fn admit_in(
        conn: &mut Conn,
        account: &AccountId,
        movie: &MovieId,
        as_admin: bool,
        now: Time,
    ) -> Result<(Movie, Claim), Error> {
        let movie = Movies::find_in(conn, movie)?.ok_or(Error::NoSuchMovie)?;
        let claim = Self::claim_in(conn, account, &movie.id, as_admin)?;
        match access(claim.asker, &MovieFacts::from(&movie), now) {
            Access::Granted => Ok((movie, claim)),
            Access::Locked => Err(accounts::Error::Locked.into()),
            Access::NotOwned => Err(Error::NotOwned),
            Access::Hidden => Err(Error::NoSuchMovie),
        }
    }
}
