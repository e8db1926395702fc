//! What many messages need that are kept in one transaction: few looks, few changes, whatever their number.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::super::model::{EventRow, MemberRow, MessageRow, RoomRow};
use crate::db::schema::{messages, room_events, room_members, rooms};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, MessageId, RoomId};

pub(in crate::chat) fn rooms(conn: &mut Conn, ids: &[RoomId]) -> Result<Vec<RoomRow>> {
    Ok(rooms::table
        .filter(rooms::id.eq_any(ids))
        .select(RoomRow::as_select())
        .load(conn)?)
}

/// The members of these rooms among these accounts.
pub(in crate::chat) fn members(
    conn: &mut Conn,
    rooms: &[RoomId],
    accounts: &[AccountId],
) -> Result<Vec<MemberRow>> {
    Ok(room_members::table
        .filter(room_members::room_id.eq_any(rooms))
        .filter(room_members::account_id.eq_any(accounts))
        .select(MemberRow::as_select())
        .load(conn)?)
}

/// Messages of these accounts under these ids.
pub(in crate::chat) fn sent_before(
    conn: &mut Conn,
    accounts: &[AccountId],
    client_msg_ids: &[String],
) -> Result<Vec<MessageRow>> {
    Ok(messages::table
        .filter(messages::account_id.eq_any(accounts))
        .filter(messages::client_msg_id.eq_any(client_msg_ids))
        .select(MessageRow::as_select())
        .load(conn)?)
}

/// The rooms in which these messages are.
pub(in crate::chat) fn places(
    conn: &mut Conn,
    ids: &[MessageId],
) -> Result<Vec<(MessageId, RoomId)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(messages::table
        .filter(messages::id.eq_any(ids))
        .select((messages::id, messages::room_id))
        .load(conn)?)
}

/// Moves the ends of logs. One statement on PostgreSQL, where each costs a way to the server.
pub(in crate::chat) fn put_ends(conn: &mut Conn, rows: Vec<RoomRow>) -> Result<()> {
    match conn {
        Conn::Pg(c) => drop(
            diesel::insert_into(rooms::table)
                .values(rows)
                .on_conflict(rooms::id)
                .do_update()
                .set((
                    rooms::last_seq.eq(excluded(rooms::last_seq)),
                    rooms::last_event_at.eq(excluded(rooms::last_event_at)),
                ))
                .execute(c)?,
        ),
        Conn::Sqlite(c) => {
            for row in rows {
                diesel::update(rooms::table.find(row.id))
                    .set((
                        rooms::last_seq.eq(row.last_seq),
                        rooms::last_event_at.eq(row.last_event_at),
                    ))
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

/// How far members have read, and when they have sent.
pub(in crate::chat) fn put_members(conn: &mut Conn, rows: Vec<MemberRow>) -> Result<()> {
    match conn {
        Conn::Pg(c) => drop(
            diesel::insert_into(room_members::table)
                .values(rows)
                .on_conflict((room_members::room_id, room_members::account_id))
                .do_update()
                .set((
                    room_members::read_seq.eq(excluded(room_members::read_seq)),
                    room_members::last_sent_at.eq(excluded(room_members::last_sent_at)),
                ))
                .execute(c)?,
        ),
        Conn::Sqlite(c) => {
            for row in rows {
                diesel::update(room_members::table.find((row.room_id, row.account_id)))
                    .set((
                        room_members::read_seq.eq(row.read_seq),
                        room_members::last_sent_at.eq(row.last_sent_at),
                    ))
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

pub(in crate::chat) fn insert(
    conn: &mut Conn,
    messages: &[MessageRow],
    events: &[EventRow],
) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    on_backend!(conn, c => {
        diesel::insert_into(messages::table).values(messages).execute(c)?;
        diesel::insert_into(room_events::table).values(events).execute(c)
    })?;
    Ok(())
}
