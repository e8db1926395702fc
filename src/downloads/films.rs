//! A film and the rights of an account in it, as one transaction sees them: the facts behind the gate.

use super::model::Error;
use super::policy::{self, Asker};
use crate::accounts::{Account, Accounts, Role};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, MovieId};
use crate::media::Stored;
use crate::membership::Membership;
use crate::membership::policy::MovieFacts;
use crate::movies::{self, Movie, Movies};

/// Somebody who asks for a film.
#[derive(Clone, Debug)]
pub struct Rights {
    pub account: Account,
    pub asker: Asker,
    /// What they paid for it; 0 when they did not buy it.
    pub price_paid: i64,
}

/// Who asks. `as_admin` is false for an access token that may not act as one.
///
/// # Errors
/// When there is no such account.
pub fn rights_in(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
    as_admin: bool,
) -> Result<Rights, Error> {
    let account = Accounts::get_in(conn, account)?;
    let paid = Membership::price_paid_in(conn, &account.id, movie)?;
    Ok(Rights {
        asker: Asker {
            is_admin: as_admin && account.role == Role::Admin,
            is_locked: account.is_locked,
            owns: paid.is_some(),
        },
        price_paid: paid.unwrap_or_default(),
        account,
    })
}

/// The film, whether it is in the catalogue or not.
///
/// # Errors
/// Those of the database.
pub fn find_film_in(conn: &mut Conn, id: &MovieId) -> Result<Option<Movie>, Error> {
    match Movies::get_in(conn, id) {
        Ok(film) => Ok(Some(film)),
        Err(movies::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The film, if this account may have its bytes now.
///
/// # Errors
/// What [`policy::may_have_bytes`] refuses.
pub fn permitted_in(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
    as_admin: bool,
    now: Time,
) -> Result<(Movie, Rights), Error> {
    let film = find_film_in(conn, movie)?.ok_or(Error::NoSuchFilm)?;
    let rights = rights_in(conn, account, movie, as_admin)?;
    policy::may_have_bytes(rights.asker, &MovieFacts::from(&film), now)?;
    Ok((film, rights))
}

/// The bytes of a film, as they are offered.
pub fn stored(film: &Movie) -> Stored {
    Stored {
        blake3: film.blob.blake3.clone(),
        size: film.blob.size,
        sha256: film.blob.sha256.clone(),
        stored_at: film.blob.created_at,
        content_type: film.content_type.clone(),
        file_name: film.file_name.clone(),
    }
}
