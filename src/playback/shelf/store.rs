//! The rows of a shelf: positions joined with their films, and the watchlist.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::db::schema::{movies, watch_positions, watchlist};
use crate::db::{Conn, Result};
use crate::ids::{AccountId, MovieId};
use crate::page::PageRequest;

/// Less than this is a look, not a beginning.
const BEGUN_MS: i64 = 5_000;

/// The key of a page: the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    at: Time,
    id: String,
}

/// A film on a shelf.
#[derive(Clone, Debug, Queryable)]
pub(in crate::playback) struct Row {
    pub movie_id: MovieId,
    pub at: Time,
    /// 0 on the watchlist.
    pub position_ms: i64,
}

impl Row {
    pub(super) fn key(&self) -> Key {
        Key {
            at: self.at,
            id: self.movie_id.to_string(),
        }
    }
}

/// Films of the catalogue that were begun; those of which less than a twentieth is left count as seen.
pub(super) fn begun(
    conn: &mut Conn,
    account: &AccountId,
    page: &PageRequest<Key>,
    now: Time,
) -> Result<Vec<Row>> {
    use watch_positions as w;
    let mut query = w::table
        .inner_join(movies::table)
        .filter(w::account_id.eq(account))
        .filter(w::position_ms.ge(BEGUN_MS))
        .filter((w::position_ms * 20).lt(movies::duration_ms * 19))
        .filter(movies::is_listed.eq(true))
        .filter(movies::listed_at.le(now))
        .select((w::movie_id, w::updated_at, w::position_ms))
        .order((w::updated_at.desc(), w::movie_id.desc()))
        .limit(page.rows_to_fetch())
        .into_boxed();
    if let Some(Key { at, id }) = &page.after {
        query = query
            .filter(w::updated_at.le(at))
            .filter(w::updated_at.lt(at).or(w::movie_id.lt(id)));
    }
    Ok(query.load(conn)?)
}

/// Films of the catalogue that are to be seen later.
pub(super) fn saved(
    conn: &mut Conn,
    account: &AccountId,
    page: &PageRequest<Key>,
    now: Time,
) -> Result<Vec<Row>> {
    use watchlist as w;
    let mut query = w::table
        .inner_join(movies::table)
        .filter(w::account_id.eq(account))
        .filter(movies::is_listed.eq(true))
        .filter(movies::listed_at.le(now))
        .select((
            w::movie_id,
            w::added_at,
            0.into_sql::<diesel::sql_types::BigInt>(),
        ))
        .order((w::added_at.desc(), w::movie_id.desc()))
        .limit(page.rows_to_fetch())
        .into_boxed();
    if let Some(Key { at, id }) = &page.after {
        query = query
            .filter(w::added_at.le(at))
            .filter(w::added_at.lt(at).or(w::movie_id.lt(id)));
    }
    Ok(query.load(conn)?)
}

pub(in crate::playback) fn is_saved(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
) -> Result<bool> {
    let row = watchlist::table.find((account, movie));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

pub(super) fn save(conn: &mut Conn, account: &AccountId, movie: &MovieId, now: Time) -> Result<()> {
    diesel::insert_into(watchlist::table)
        .values((
            watchlist::account_id.eq(account),
            watchlist::movie_id.eq(movie),
            watchlist::added_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes every film off an account's watchlist.
pub(in crate::playback) fn clear(conn: &mut Conn, account: &AccountId) -> Result<()> {
    diesel::delete(watchlist::table.filter(watchlist::account_id.eq(account))).execute(conn)?;
    Ok(())
}

pub(super) fn unsave(conn: &mut Conn, account: &AccountId, movie: &MovieId) -> Result<()> {
    diesel::delete(watchlist::table.find((account, movie))).execute(conn)?;
    Ok(())
}
