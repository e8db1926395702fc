//! What was said last in each room of an account: one look for all of them.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::super::model::LastRow;
use crate::db::{Conn, Result};
use crate::ids::{AccountId, RoomId};

/// The end of the log of messages is one step in the index of (room, seq) for each room, however long the log is.
const LAST: &str = "
SELECT m.room_id, m.id AS message_id, m.seq, m.account_id, a.username, SUBSTR(m.body, 1, 200) AS said,
    m.created_at, m.edited_at, m.deleted_at
FROM room_members own
JOIN messages m ON m.room_id = own.room_id
    AND m.seq = (SELECT MAX(seq) FROM messages WHERE room_id = own.room_id)
JOIN accounts a ON a.id = m.account_id
WHERE own.account_id = $1 AND own.room_id >= $2 AND own.room_id <= $3";

/// For the rooms of an account from one to another, in the order of their ids.
pub(in crate::chat) fn between(
    conn: &mut Conn,
    who: &AccountId,
    from: &RoomId,
    to: &RoomId,
) -> Result<HashMap<RoomId, LastRow>> {
    let rows: Vec<LastRow> = sql_query(LAST)
        .bind::<Text, _>(who)
        .bind::<Text, _>(from)
        .bind::<Text, _>(to)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.room_id.clone(), row))
        .collect())
}

/// For one room of an account.
pub(in crate::chat) fn find(
    conn: &mut Conn,
    who: &AccountId,
    room: &RoomId,
) -> Result<Option<LastRow>> {
    Ok(between(conn, who, room, room)?.remove(room))
}
