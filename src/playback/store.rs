//! The rows of watch positions.

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::schema::watch_positions;
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, MovieId};

pub(super) fn find_position(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
) -> Result<Option<i64>> {
    Ok(watch_positions::table
        .find((account, movie))
        .select(watch_positions::position_ms)
        .first(conn)
        .optional()?)
}

pub(super) fn put_position(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
    position_ms: i64,
    now: Time,
) -> Result<()> {
    let row = (
        watch_positions::account_id.eq(account),
        watch_positions::movie_id.eq(movie),
        watch_positions::position_ms.eq(position_ms),
        watch_positions::updated_at.eq(now),
    );
    on_backend!(conn, c => diesel::insert_into(watch_positions::table)
        .values(row)
        .on_conflict((watch_positions::account_id, watch_positions::movie_id))
        .do_update()
        .set((
            watch_positions::position_ms.eq(position_ms),
            watch_positions::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Where an account stopped in films, in the order of their ids.
pub(super) fn list(
    conn: &mut Conn,
    account: &AccountId,
    after: Option<&MovieId>,
    limit: i64,
) -> Result<Vec<(MovieId, i64, Time)>> {
    let mut query = watch_positions::table
        .filter(watch_positions::account_id.eq(account))
        .order(watch_positions::movie_id)
        .limit(limit)
        .select((
            watch_positions::movie_id,
            watch_positions::position_ms,
            watch_positions::updated_at,
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(watch_positions::movie_id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Removes every position of an account.
pub(super) fn delete_all(conn: &mut Conn, account: &AccountId) -> Result<()> {
    let own = watch_positions::table.filter(watch_positions::account_id.eq(account));
    diesel::delete(own).execute(conn)?;
    Ok(())
}
