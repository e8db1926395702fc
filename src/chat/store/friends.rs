//! The rows of friends, requests and blocks.

use diesel::prelude::*;

use super::super::model::{Name, RequestState};
use crate::clock::Time;
use crate::db::schema::{accounts, blocks, friend_requests as requests, friends, room_members};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, RoomId};

type People = Vec<(Name, Time)>;

fn people(rows: Vec<(AccountId, String, Time)>) -> People {
    let name = |(id, username, at)| (Name { id, username }, at);
    rows.into_iter().map(name).collect()
}

pub(in crate::chat) fn are_friends(
    conn: &mut Conn,
    one: &AccountId,
    other: &AccountId,
) -> Result<bool> {
    let found: i64 = friends::table.find((one, other)).count().get_result(conn)?;
    Ok(found > 0)
}

pub(in crate::chat) fn count(conn: &mut Conn, who: &AccountId) -> Result<i64> {
    Ok(friends::table
        .filter(friends::account_id.eq(who))
        .count()
        .get_result(conn)?)
}

pub(in crate::chat) fn insert(
    conn: &mut Conn,
    one: &AccountId,
    other: &AccountId,
    now: Time,
) -> Result<()> {
    for (account, friend) in [(one, other), (other, one)] {
        diesel::insert_into(friends::table)
            .values((
                friends::account_id.eq(account),
                friends::friend_id.eq(friend),
                friends::since.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Whether they were friends.
pub(in crate::chat) fn delete(conn: &mut Conn, one: &AccountId, other: &AccountId) -> Result<bool> {
    let mut gone = 0;
    for key in [(one, other), (other, one)] {
        gone += diesel::delete(friends::table.find(key)).execute(conn)?;
    }
    Ok(gone > 0)
}

/// In the order of their names.
pub(in crate::chat) fn list(conn: &mut Conn, who: &AccountId) -> Result<People> {
    let rows = friends::table
        .inner_join(accounts::table.on(accounts::id.eq(friends::friend_id)))
        .filter(friends::account_id.eq(who))
        .order(accounts::username_key)
        .select((accounts::id, accounts::username, friends::since))
        .load(conn)?;
    Ok(people(rows))
}

pub(in crate::chat) fn friend_ids(conn: &mut Conn, who: &AccountId) -> Result<Vec<AccountId>> {
    Ok(friends::table
        .filter(friends::account_id.eq(who))
        .select(friends::friend_id)
        .load(conn)?)
}

pub(in crate::chat) fn find_request(
    conn: &mut Conn,
    from: &AccountId,
    to: &AccountId,
) -> Result<Option<RequestState>> {
    Ok(requests::table
        .find((from, to))
        .select(requests::state)
        .first(conn)
        .optional()?)
}

pub(in crate::chat) fn count_requests(conn: &mut Conn, from: &AccountId) -> Result<i64> {
    Ok(requests::table
        .filter(requests::from_id.eq(from))
        .count()
        .get_result(conn)?)
}

pub(in crate::chat) fn put_request(
    conn: &mut Conn,
    from: &AccountId,
    to: &AccountId,
    state: RequestState,
    now: Time,
) -> Result<()> {
    let row = (
        requests::from_id.eq(from),
        requests::to_id.eq(to),
        requests::state.eq(state),
        requests::created_at.eq(now),
    );
    on_backend!(conn, c => diesel::insert_into(requests::table)
        .values(row)
        .on_conflict((requests::from_id, requests::to_id))
        .do_update()
        .set(requests::state.eq(state))
        .execute(c))?;
    Ok(())
}

/// Whether there was one.
pub(in crate::chat) fn delete_request(
    conn: &mut Conn,
    from: &AccountId,
    to: &AccountId,
) -> Result<bool> {
    Ok(diesel::delete(requests::table.find((from, to))).execute(conn)? > 0)
}

/// Who asks somebody, the latest first.
pub(in crate::chat) fn list_incoming(
    conn: &mut Conn,
    to: &AccountId,
    limit: i64,
) -> Result<People> {
    let rows = requests::table
        .inner_join(accounts::table.on(accounts::id.eq(requests::from_id)))
        .filter(requests::to_id.eq(to))
        .filter(requests::state.eq(RequestState::Pending))
        .order((requests::created_at.desc(), accounts::id.desc()))
        .limit(limit)
        .select((accounts::id, accounts::username, requests::created_at))
        .load(conn)?;
    Ok(people(rows))
}

/// Whom somebody asks, the latest first; ignored requests look as all others.
pub(in crate::chat) fn list_outgoing(conn: &mut Conn, from: &AccountId) -> Result<People> {
    let rows = requests::table
        .inner_join(accounts::table.on(accounts::id.eq(requests::to_id)))
        .filter(requests::from_id.eq(from))
        .order((requests::created_at.desc(), accounts::id.desc()))
        .select((accounts::id, accounts::username, requests::created_at))
        .load(conn)?;
    Ok(people(rows))
}

pub(in crate::chat) fn has_blocked(
    conn: &mut Conn,
    who: &AccountId,
    other: &AccountId,
) -> Result<bool> {
    let found: i64 = blocks::table.find((who, other)).count().get_result(conn)?;
    Ok(found > 0)
}

pub(in crate::chat) fn insert_block(
    conn: &mut Conn,
    who: &AccountId,
    other: &AccountId,
    now: Time,
) -> Result<()> {
    diesel::insert_into(blocks::table)
        .values((
            blocks::account_id.eq(who),
            blocks::blocked_id.eq(other),
            blocks::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::chat) fn count_blocks(conn: &mut Conn, who: &AccountId) -> Result<i64> {
    Ok(blocks::table
        .filter(blocks::account_id.eq(who))
        .count()
        .get_result(conn)?)
}

/// Whether there was one.
pub(in crate::chat) fn delete_block(
    conn: &mut Conn,
    who: &AccountId,
    other: &AccountId,
) -> Result<bool> {
    Ok(diesel::delete(blocks::table.find((who, other))).execute(conn)? > 0)
}

pub(in crate::chat) fn list_blocked(conn: &mut Conn, who: &AccountId) -> Result<People> {
    let rows = blocks::table
        .inner_join(accounts::table.on(accounts::id.eq(blocks::blocked_id)))
        .filter(blocks::account_id.eq(who))
        .order((blocks::created_at.desc(), accounts::id.desc()))
        .select((accounts::id, accounts::username, blocks::created_at))
        .load(conn)?;
    Ok(people(rows))
}

/// Whom somebody has blocked.
pub(in crate::chat) fn blocked_ids(conn: &mut Conn, who: &AccountId) -> Result<Vec<AccountId>> {
    Ok(blocks::table
        .filter(blocks::account_id.eq(who))
        .select(blocks::blocked_id)
        .load(conn)?)
}

/// All between whom and somebody there is a block, either way.
pub(in crate::chat) fn estranged(conn: &mut Conn, who: &AccountId) -> Result<Vec<AccountId>> {
    let mut found = blocked_ids(conn, who)?;
    let by_others: Vec<AccountId> = blocks::table
        .filter(blocks::blocked_id.eq(who))
        .select(blocks::account_id)
        .load(conn)?;
    found.extend(by_others);
    Ok(found)
}

/// All who are in a room with somebody.
pub(in crate::chat) fn fellows(conn: &mut Conn, who: &AccountId) -> Result<Vec<AccountId>> {
    let rooms: Vec<RoomId> = room_members::table
        .filter(room_members::account_id.eq(who))
        .select(room_members::room_id)
        .load(conn)?;
    Ok(room_members::table
        .filter(room_members::room_id.eq_any(rooms))
        .filter(room_members::account_id.ne(who))
        .select(room_members::account_id)
        .distinct()
        .load(conn)?)
}
