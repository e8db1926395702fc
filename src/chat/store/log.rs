//! The log of a room: events with numbers.
//!
//! The event of a message that was not edited is read from the row of the message, all others from rows of their own.

use std::collections::HashSet;

use diesel::dsl::min;
use diesel::prelude::*;

use super::super::model::{EventKind, EventRow, MessageRow, Names};
use crate::clock::Time;
use crate::db::schema::{messages, room_events as events};
use crate::db::{Conn, Result};
use crate::ids::{AccountId, MessageId, RoomId};

pub(in crate::chat) fn insert(conn: &mut Conn, event: &EventRow) -> Result<()> {
    diesel::insert_into(events::table)
        .values(event)
        .execute(conn)?;
    Ok(())
}

pub(in crate::chat) fn find(conn: &mut Conn, room: &RoomId, seq: i64) -> Result<Option<EventRow>> {
    Ok(list_these(conn, room, &[seq])?.pop())
}

/// Which part of a log, from which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) struct Span {
    /// Only numbers above.
    pub after: i64,
    /// Only numbers below.
    pub before: i64,
    /// Whether the lowest numbers are wanted, or the highest.
    pub from_start: bool,
    pub limit: i64,
}

/// Ascending if from the start, descending otherwise.
pub(in crate::chat) fn list(conn: &mut Conn, room: &RoomId, span: Span) -> Result<Vec<EventRow>> {
    let said = messages::table
        .filter(messages::room_id.eq(room))
        .filter(messages::seq.gt(span.after))
        .filter(messages::seq.lt(span.before))
        .filter(messages::edited_at.is_null())
        .limit(span.limit)
        .select(MessageRow::as_select())
        .into_boxed();
    let others = events::table
        .filter(events::room_id.eq(room))
        .filter(events::seq.gt(span.after))
        .filter(events::seq.lt(span.before))
        .limit(span.limit)
        .select(EventRow::as_select())
        .into_boxed();
    let (said, others) = match span.from_start {
        true => (
            said.order(messages::seq.asc()),
            others.order(events::seq.asc()),
        ),
        false => (
            said.order(messages::seq.desc()),
            others.order(events::seq.desc()),
        ),
    };
    let mut rows = said
        .load::<MessageRow>(conn)?
        .iter()
        .map(MessageRow::event)
        .collect::<Vec<_>>();
    rows.extend(others.load::<EventRow>(conn)?);
    rows.sort_by_key(|row| if span.from_start { row.seq } else { -row.seq });
    rows.truncate(usize::try_from(span.limit).unwrap_or_default());
    Ok(rows)
}

/// Events of a room by their numbers.
pub(in crate::chat) fn list_these(
    conn: &mut Conn,
    room: &RoomId,
    seqs: &[i64],
) -> Result<Vec<EventRow>> {
    let said: Vec<MessageRow> = messages::table
        .filter(messages::room_id.eq(room))
        .filter(messages::seq.eq_any(seqs))
        .filter(messages::edited_at.is_null())
        .select(MessageRow::as_select())
        .load(conn)?;
    let others: Vec<EventRow> = events::table
        .filter(events::room_id.eq(room))
        .filter(events::seq.eq_any(seqs))
        .select(EventRow::as_select())
        .load(conn)?;
    let said = said.iter().map(MessageRow::event);
    Ok(said.chain(others).collect())
}

/// The names of all whom events name.
pub(in crate::chat) fn names_in(conn: &mut Conn, rows: &[EventRow]) -> Result<Names> {
    let ids: HashSet<AccountId> = rows
        .iter()
        .flat_map(|row| row.account_id.iter().chain(&row.by_id))
        .cloned()
        .collect();
    super::names(conn, &ids.into_iter().collect::<Vec<_>>())
}

/// Takes the text of a message out of every event that said it, but for its own row.
pub(in crate::chat) fn blank(conn: &mut Conn, message: &MessageId) -> Result<()> {
    let said = events::table
        .filter(events::message_id.eq(message))
        .filter(events::kind.eq_any([EventKind::Message, EventKind::Edit]));
    diesel::update(said)
        .set((
            events::body.eq(None::<String>),
            events::detail.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// The number of the first event since a time; none when all are older.
pub(in crate::chat) fn first_since(
    conn: &mut Conn,
    room: &RoomId,
    since: Time,
) -> Result<Option<i64>> {
    let said: Option<i64> = messages::table
        .filter(messages::room_id.eq(room))
        .filter(messages::created_at.ge(since))
        .select(min(messages::seq))
        .first(conn)?;
    let other: Option<i64> = events::table
        .filter(events::room_id.eq(room))
        .filter(events::at.ge(since))
        .select(min(events::seq))
        .first(conn)?;
    Ok(said.into_iter().chain(other).min())
}

/// Drops the events below a number; those of messages go with them.
pub(in crate::chat) fn drop_below(conn: &mut Conn, room: &RoomId, seq: i64) -> Result<usize> {
    let old = events::table
        .filter(events::room_id.eq(room))
        .filter(events::seq.lt(seq));
    Ok(diesel::delete(old).execute(conn)?)
}
