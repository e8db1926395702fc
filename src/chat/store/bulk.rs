//! What many messages need that are kept in one transaction: few looks, few changes, whatever their number.
//!
//! What is looked for goes to the database as one JSON array of keys, so that the text of the statement is always the
//! same and each key costs one step into an index. (Two lists of `IN` cost a step for each pair of their members.) A key of
//! two parts is one text, an id and behind it the other part: cutting it costs less than reading JSON for each key.

use std::collections::BTreeSet;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::upsert::excluded;

use super::super::model::{MemberRow, MessageRow, RoomRow};
use crate::clock::Time;
use crate::db::schema::{friends, messages, room_members, rooms};
use crate::db::{Conn, Fixed, Result, as_text, json, on_backend};
use crate::ids::{AccountId, MessageId, RoomId};

/// Loads by a statement that joins its table to keys, and names them `{key}`, or `{id}` and `{rest}`.
fn by_keys<'a, T, const N: usize>(
    conn: &mut Conn,
    (columns, table): (&str, &str),
    keys: impl Iterator<Item = [&'a str; N]>,
) -> Result<Vec<T>>
where
    T: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static,
{
    let keys: BTreeSet<_> = keys.map(|parts| parts.concat()).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let each = match conn {
        Conn::Sqlite(_) => "json_each(?) AS j",
        Conn::Pg(_) => "json_array_elements_text(?::json) AS j(value)",
    };
    // An id is a UUID of 36 characters.
    let table = table
        .replace("{key}", "j.value")
        .replace("{id}", "substr(j.value, 1, 36)")
        .replace("{rest}", "substr(j.value, 37)");
    let sql = format!("SELECT {columns} FROM {each} CROSS JOIN {table}");
    let find = Fixed::new(sql).text(json(&keys)?);
    Ok(on_backend!(conn, c => find.load(c))?)
}

pub(in crate::chat) fn rooms(conn: &mut Conn, ids: &[RoomId]) -> Result<Vec<RoomRow>> {
    let columns = "r.id, r.kind, r.name, r.name_key, r.pair_key, r.epoch, r.first_seq, r.last_seq, r.members_count, \
                   r.slow_mode_seconds, r.retention_days, r.created_at, r.last_event_at";
    let table = "rooms r WHERE r.id = {key}";
    by_keys(conn, (columns, table), ids.iter().map(|id| [id.as_str()]))
}

/// Each of these accounts as a member of the room beside it.
pub(in crate::chat) fn members<'a>(
    conn: &mut Conn,
    places: impl Iterator<Item = (&'a RoomId, &'a AccountId)>,
) -> Result<Vec<MemberRow>> {
    let columns =
        "m.room_id, m.account_id, m.role, m.read_seq, m.joined_at, m.muted_until, m.last_sent_at";
    let table = "room_members m WHERE m.room_id = {id} AND m.account_id = {rest}";
    let keys = places.map(|(room, account)| [room.as_str(), account.as_str()]);
    by_keys(conn, (columns, table), keys)
}

/// Where a message is that its sender gave this id.
#[derive(QueryableByName)]
#[diesel(table_name = messages)]
pub(in crate::chat) struct SentBefore {
    pub account_id: AccountId,
    pub client_msg_id: String,
    pub room_id: RoomId,
    pub seq: i64,
}

/// Messages that these accounts have sent already under the id beside them.
pub(in crate::chat) fn sent_before<'a>(
    conn: &mut Conn,
    sent: impl Iterator<Item = (&'a AccountId, &'a str)>,
) -> Result<Vec<SentBefore>> {
    let columns = "m.account_id, m.client_msg_id, m.room_id, m.seq";
    let table = "messages m WHERE m.account_id = {id} AND m.client_msg_id = {rest}";
    let keys = sent.map(|(account, id)| [account.as_str(), id]);
    by_keys(conn, (columns, table), keys)
}

#[derive(QueryableByName)]
#[diesel(table_name = friends)]
struct Friendship {
    account_id: AccountId,
    friend_id: AccountId,
}

/// Which of these friendships there are.
pub(in crate::chat) fn friendships<'a>(
    conn: &mut Conn,
    pairs: impl Iterator<Item = (&'a AccountId, &'a AccountId)>,
) -> Result<Vec<(AccountId, AccountId)>> {
    let columns = "f.account_id, f.friend_id";
    let table = "friends f WHERE f.account_id = {id} AND f.friend_id = {rest}";
    let keys = pairs.map(|(one, other)| [one.as_str(), other.as_str()]);
    let found: Vec<Friendship> = by_keys(conn, (columns, table), keys)?;
    let pair = |it: Friendship| (it.account_id, it.friend_id);
    Ok(found.into_iter().map(pair).collect())
}

#[derive(QueryableByName)]
struct Called {
    #[diesel(sql_type = Text)]
    room_id: RoomId,
    #[diesel(sql_type = Text)]
    username_key: String,
    #[diesel(sql_type = Text)]
    account_id: AccountId,
}

/// Which members of which rooms have the user name (folded) beside the room.
pub(in crate::chat) fn members_named<'a>(
    conn: &mut Conn,
    names: impl Iterator<Item = (&'a RoomId, &'a str)>,
) -> Result<Vec<(RoomId, String, AccountId)>> {
    let columns = "m.room_id, a.username_key, m.account_id";
    let table = "accounts a CROSS JOIN room_members m \
                 WHERE a.username_key = {rest} AND m.room_id = {id} AND m.account_id = a.id";
    let keys = names.map(|(room, name)| [room.as_str(), name]);
    let found: Vec<Called> = by_keys(conn, (columns, table), keys)?;
    let parts = |it: Called| (it.room_id, it.username_key, it.account_id);
    Ok(found.into_iter().map(parts).collect())
}

#[derive(QueryableByName)]
#[diesel(table_name = messages)]
struct Place {
    id: MessageId,
    room_id: RoomId,
}

/// The rooms in which these messages are.
pub(in crate::chat) fn places<'a>(
    conn: &mut Conn,
    ids: impl Iterator<Item = &'a MessageId>,
) -> Result<Vec<(MessageId, RoomId)>> {
    let table = "messages m WHERE m.id = {key}";
    let found: Vec<Place> = by_keys(
        conn,
        ("m.id, m.room_id", table),
        ids.map(|id| [id.as_str()]),
    )?;
    Ok(found.into_iter().map(|it| (it.id, it.room_id)).collect())
}

/// Moves the ends of logs. One statement on PostgreSQL, where each costs a way to the server.
pub(in crate::chat) fn put_ends(conn: &mut Conn, rows: Vec<&RoomRow>, now: Time) -> Result<()> {
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
            let now = as_text(now);
            for row in rows {
                Fixed::new("UPDATE rooms SET last_seq = ?, last_event_at = ? WHERE id = ?")
                    .number(row.last_seq)
                    .text(&now)
                    .text(row.id.as_str())
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

const MARKS: &str =
    "UPDATE room_members SET read_seq = ?, last_sent_at = ? WHERE room_id = ? AND account_id = ?";

/// How far members who send something now have read, and that they have sent.
pub(in crate::chat) fn put_members(
    conn: &mut Conn,
    rows: Vec<&MemberRow>,
    now: Time,
) -> Result<()> {
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
            let now = as_text(now);
            for row in rows {
                Fixed::new(MARKS)
                    .number(row.read_seq)
                    .text(&now)
                    .text(row.room_id.as_str())
                    .text(row.account_id.as_str())
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

/// Adds messages. Row by row on SQLite, where a statement that is prepared costs next to nothing.
pub(in crate::chat) fn insert(conn: &mut Conn, messages: &[MessageRow]) -> Result<()> {
    match conn {
        Conn::Pg(c) => drop(
            diesel::insert_into(messages::table)
                .values(messages)
                .execute(c)?,
        ),
        Conn::Sqlite(c) => {
            for row in messages {
                diesel::insert_into(messages::table)
                    .values(row)
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

/// Notes where accounts have said something for the first time. Few do in one transaction.
pub(in crate::chat) fn insert_authors(
    conn: &mut Conn,
    places: &[(RoomId, AccountId)],
) -> Result<()> {
    for (room, account) in places {
        let sql =
            "INSERT INTO room_authors (account_id, room_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let insert = Fixed::new(sql).text(account.as_str()).text(room.as_str());
        on_backend!(conn, c => insert.execute(c))?;
    }
    Ok(())
}
