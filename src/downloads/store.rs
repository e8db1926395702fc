//! The rows of tickets and watch positions, and what this slice reads of films and orders.

use diesel::prelude::*;

use super::model::{Film, RecordKey, Ticket, TicketState};
use crate::clock::Time;
use crate::db::schema::{
    blobs, download_tickets, entitlements, movies, orders, settings, watch_positions,
};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, MovieId, TicketId};

pub(super) fn find_film(conn: &mut Conn, id: &MovieId) -> Result<Option<Film>> {
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
pub(super) fn find_price_paid(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
) -> Result<Option<i64>> {
    Ok(entitlements::table
        .inner_join(orders::table.on(orders::id.eq(entitlements::order_id)))
        .filter(entitlements::account_id.eq(account))
        .filter(entitlements::movie_id.eq(movie))
        .select(orders::price)
        .first(conn)
        .optional()?)
}

pub(super) fn insert_ticket(conn: &mut Conn, ticket: &Ticket) -> Result<()> {
    diesel::insert_into(download_tickets::table)
        .values(ticket)
        .execute(conn)?;
    Ok(())
}

pub(super) fn find_ticket(conn: &mut Conn, id: &TicketId) -> Result<Option<Ticket>> {
    Ok(download_tickets::table
        .find(id)
        .select(Ticket::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn note_progress(
    conn: &mut Conn,
    id: &TicketId,
    state: TicketState,
    sent: i64,
    delivered: &str,
    now: Time,
) -> Result<()> {
    diesel::update(download_tickets::table.find(id))
        .set((
            download_tickets::state.eq(state),
            download_tickets::bytes_sent.eq(sent),
            download_tickets::delivered.eq(delivered),
            download_tickets::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The records of an account, the latest first.
pub(super) fn list_tickets(
    conn: &mut Conn,
    account: &AccountId,
    after: Option<RecordKey>,
    limit: i64,
) -> Result<Vec<Ticket>> {
    let mut query = download_tickets::table
        .filter(download_tickets::account_id.eq(account))
        .select(Ticket::as_select())
        .order((
            download_tickets::created_at.desc(),
            download_tickets::id.desc(),
        ))
        .limit(limit)
        .into_boxed();
    if let Some(RecordKey { created_at, id }) = after {
        // Both parts are written so that the index bounds the scan.
        query = query
            .filter(download_tickets::created_at.le(created_at))
            .filter(
                download_tickets::created_at
                    .lt(created_at)
                    .or(download_tickets::id.lt(TicketId::from(id))),
            );
    }
    Ok(query.load(conn)?)
}

/// One more account that took an interest in a film.
pub(super) fn count_interest(conn: &mut Conn, movie: &MovieId) -> Result<()> {
    diesel::update(movies::table.find(movie))
        .set(movies::popularity.eq(movies::popularity + 1))
        .execute(conn)?;
    Ok(())
}

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

/// The setting, or `fresh` if there is none yet; of several nodes that start, one wins.
pub(super) fn setting_or(conn: &mut Conn, key: &str, fresh: &str) -> Result<String> {
    let row = (settings::key.eq(key), settings::value.eq(fresh));
    on_backend!(conn, c => diesel::insert_into(settings::table)
        .values(row)
        .on_conflict(settings::key)
        .do_nothing()
        .execute(c))?;
    Ok(settings::table
        .find(key)
        .select(settings::value)
        .first(conn)?)
}
