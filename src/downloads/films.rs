//! What downloads and playback ask of a film and of the rights in it, in one transaction.

use diesel::prelude::*;

use super::model::Error;
use super::policy::Asker;
use crate::accounts::{Account, Accounts, Role};
use crate::clock::Time;
use crate::db::schema::{blobs, entitlements, movies, orders};
use crate::db::{self, Conn};
use crate::ids::{AccountId, MovieId};
use crate::media::Stored;

/// A film and its bytes.
#[derive(Clone, Debug, diesel::Queryable)]
pub struct Film {
    pub id: MovieId,
    pub title: String,
    pub price: i64,
    /// Published and not in the trash.
    pub is_listed: bool,
    pub listed_at: Time,
    pub deleted_at: Option<Time>,
    pub content_type: String,
    pub file_name: String,
    pub width: i32,
    pub height: i32,
    pub duration_ms: i64,
    pub blake3: String,
    pub size: i64,
    pub sha256: Option<String>,
    /// When the bytes came.
    pub stored_at: Time,
}

impl Film {
    /// Its bytes, as they are offered.
    pub fn stored(&self) -> Stored {
        Stored {
            blake3: self.blake3.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
            stored_at: self.stored_at,
            content_type: self.content_type.clone(),
            file_name: self.file_name.clone(),
        }
    }
}

/// Somebody who asks for a film, as the transaction sees them.
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
    let paid = find_price_paid(conn, &account.id, movie)?;
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
pub fn find_film_in(conn: &mut Conn, id: &MovieId) -> db::Result<Option<Film>> {
    Ok(movies::table
        .inner_join(blobs::table)
        .filter(movies::id.eq(id))
        .select((
            movies::id,
            movies::title,
            movies::price,
            movies::is_listed,
            movies::listed_at,
            movies::deleted_at,
            movies::content_type,
            movies::file_name,
            movies::width,
            movies::height,
            movies::duration_ms,
            blobs::blake3,
            blobs::size,
            blobs::sha256,
            blobs::created_at,
        ))
        .first(conn)
        .optional()?)
}

/// What the account paid for the film; `None` when it has not bought it.
fn find_price_paid(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
) -> db::Result<Option<i64>> {
    Ok(entitlements::table
        .inner_join(orders::table.on(orders::id.eq(entitlements::order_id)))
        .filter(entitlements::account_id.eq(account))
        .filter(entitlements::movie_id.eq(movie))
        .select(orders::price)
        .first(conn)
        .optional()?)
}

/// Counts one more account that took an interest in a film, for the order by popularity.
///
/// # Errors
/// Those of the database.
pub fn count_interest_in(conn: &mut Conn, movie: &MovieId) -> db::Result<()> {
    diesel::update(movies::table.find(movie))
        .set(movies::popularity.eq(movies::popularity + 1))
        .execute(conn)?;
    Ok(())
}
