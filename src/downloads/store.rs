//! The rows of tickets.

use diesel::prelude::*;

use super::model::{RecordKey, Ticket, TicketState};
use crate::clock::Time;
use crate::db::schema::download_tickets;
use crate::db::{Conn, Result};
use crate::ids::{AccountId, TicketId};

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

/// Removes every record of an account.
pub(super) fn delete_all(conn: &mut Conn, account: &AccountId) -> Result<()> {
    let own = download_tickets::table.filter(download_tickets::account_id.eq(account));
    diesel::delete(own).execute(conn)?;
    Ok(())
}
