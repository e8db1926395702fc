//! The rows of rooms and their members. The log is in [`log`], messages in [`messages`], friends in [`friends`].

pub(super) mod bulk;
pub(super) mod friends;
pub(super) mod last;
pub(super) mod leaving;
pub(super) mod log;
pub(super) mod messages;
pub(super) mod search;
pub(super) mod seen;

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::model::{MemberRow, Name, Names, RoomRole, RoomRow};
use crate::clock::Time;
use crate::db::schema::{accounts, mentions, room_bans, room_members, rooms};
use crate::db::{Conn, Result};
use crate::ids::{AccountId, RoomId};

/// User names of accounts.
pub(super) fn names(conn: &mut Conn, ids: &[AccountId]) -> Result<Names> {
    if ids.is_empty() {
        return Ok(Names::new());
    }
    let rows: Vec<(AccountId, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::username))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Who somebody is that has not been deleted.
pub(super) fn find_name(conn: &mut Conn, id: &AccountId) -> Result<Option<Name>> {
    let username: Option<String> = accounts::table
        .find(id)
        .filter(accounts::deleted_at.is_null())
        .select(accounts::username)
        .first(conn)
        .optional()?;
    Ok(username.map(|username| Name {
        id: id.clone(),
        username,
    }))
}

pub(super) fn find_by_username(conn: &mut Conn, username: &str) -> Result<Option<Name>> {
    let row: Option<(AccountId, String)> = accounts::table
        .filter(accounts::username_key.eq(username.to_lowercase()))
        .select((accounts::id, accounts::username))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, username)| Name { id, username }))
}

pub(super) fn find(conn: &mut Conn, id: &RoomId) -> Result<Option<RoomRow>> {
    Ok(rooms::table
        .find(id)
        .select(RoomRow::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn find_by_name(conn: &mut Conn, name_key: &str) -> Result<Option<RoomRow>> {
    Ok(rooms::table
        .filter(rooms::name_key.eq(name_key))
        .select(RoomRow::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn find_by_pair(conn: &mut Conn, pair_key: &str) -> Result<Option<RoomRow>> {
    Ok(rooms::table
        .filter(rooms::pair_key.eq(pair_key))
        .select(RoomRow::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn insert(conn: &mut Conn, room: &RoomRow) -> Result<()> {
    diesel::insert_into(rooms::table)
        .values(room)
        .execute(conn)?;
    Ok(())
}

pub(super) fn update(conn: &mut Conn, room: &RoomRow) -> Result<()> {
    diesel::update(rooms::table.find(&room.id))
        .set(room)
        .execute(conn)?;
    Ok(())
}

/// Removes a room with all that was said in it.
pub(super) fn delete(conn: &mut Conn, id: &RoomId) -> Result<()> {
    diesel::delete(rooms::table.find(id)).execute(conn)?;
    Ok(())
}

pub(super) fn find_member(
    conn: &mut Conn,
    room: &RoomId,
    who: &AccountId,
) -> Result<Option<MemberRow>> {
    Ok(room_members::table
        .find((room, who))
        .select(MemberRow::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn insert_member(conn: &mut Conn, member: &MemberRow) -> Result<()> {
    diesel::insert_into(room_members::table)
        .values(member)
        .execute(conn)?;
    Ok(())
}

pub(super) fn update_member(conn: &mut Conn, member: &MemberRow) -> Result<()> {
    let key = (&member.room_id, &member.account_id);
    diesel::update(room_members::table.find(key))
        .set(member)
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete_member(conn: &mut Conn, room: &RoomId, who: &AccountId) -> Result<()> {
    diesel::delete(room_members::table.find((room, who))).execute(conn)?;
    Ok(())
}

/// Members in the order of their ids, with their names.
pub(super) fn list_members(
    conn: &mut Conn,
    room: &RoomId,
    after: Option<&AccountId>,
    limit: i64,
) -> Result<Vec<(MemberRow, String)>> {
    let mut query = room_members::table
        .inner_join(accounts::table)
        .filter(room_members::room_id.eq(room))
        .order(room_members::account_id)
        .limit(limit)
        .select((MemberRow::as_select(), accounts::username))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(room_members::account_id.gt(after));
    }
    Ok(query.load(conn)?)
}

pub(super) fn find_owner(conn: &mut Conn, room: &RoomId) -> Result<Option<MemberRow>> {
    Ok(room_members::table
        .filter(room_members::room_id.eq(room))
        .filter(room_members::role.eq(RoomRole::Owner))
        .select(MemberRow::as_select())
        .first(conn)
        .optional()?)
}

/// Who owns a room when its owner leaves: the moderator who has been here longest, or else the member.
pub(super) fn find_heir(conn: &mut Conn, room: &RoomId) -> Result<Option<MemberRow>> {
    for role in [RoomRole::Moderator, RoomRole::Member] {
        let heir = room_members::table
            .filter(room_members::room_id.eq(room))
            .filter(room_members::role.eq(role))
            .order((room_members::joined_at, room_members::account_id))
            .select(MemberRow::as_select())
            .first(conn)
            .optional()?;
        if heir.is_some() {
            return Ok(heir);
        }
    }
    Ok(None)
}

/// The rooms of an account in the order of their ids.
pub(super) fn list_joined(
    conn: &mut Conn,
    who: &AccountId,
    after: Option<&RoomId>,
    limit: i64,
) -> Result<Vec<(MemberRow, RoomRow)>> {
    let mut query = room_members::table
        .inner_join(rooms::table)
        .filter(room_members::account_id.eq(who))
        .order(room_members::room_id)
        .limit(limit)
        .select((MemberRow::as_select(), RoomRow::as_select()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(room_members::room_id.gt(after));
    }
    Ok(query.load(conn)?)
}

pub(super) fn count_joined(conn: &mut Conn, who: &AccountId) -> Result<i64> {
    Ok(room_members::table
        .filter(room_members::account_id.eq(who))
        .count()
        .get_result(conn)?)
}

/// Messages behind the read mark that name somebody, by room.
pub(super) fn count_mentions(
    conn: &mut Conn,
    who: &AccountId,
    room: Option<&RoomId>,
) -> Result<HashMap<RoomId, i64>> {
    let mut query = mentions::table
        .inner_join(
            room_members::table.on(room_members::room_id
                .eq(mentions::room_id)
                .and(room_members::account_id.eq(mentions::account_id))),
        )
        .filter(mentions::account_id.eq(who))
        .filter(mentions::seq.gt(room_members::read_seq))
        .group_by(mentions::room_id)
        .select((mentions::room_id, count_star()))
        .into_boxed();
    if let Some(room) = room {
        query = query.filter(mentions::room_id.eq(room));
    }
    let rows: Vec<(RoomId, i64)> = query.load(conn)?;
    Ok(rows.into_iter().collect())
}

pub(super) fn is_banned(conn: &mut Conn, room: &RoomId, who: &AccountId) -> Result<bool> {
    let found: i64 = room_bans::table
        .find((room, who))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

pub(super) fn insert_ban(
    conn: &mut Conn,
    room: &RoomId,
    who: &AccountId,
    by: &AccountId,
    now: Time,
) -> Result<()> {
    diesel::insert_into(room_bans::table)
        .values((
            room_bans::room_id.eq(room),
            room_bans::account_id.eq(who),
            room_bans::by_id.eq(by),
            room_bans::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether there was one.
pub(super) fn delete_ban(conn: &mut Conn, room: &RoomId, who: &AccountId) -> Result<bool> {
    Ok(diesel::delete(room_bans::table.find((room, who))).execute(conn)? > 0)
}

/// Who is banned, in the order of their ids.
pub(super) fn list_bans(
    conn: &mut Conn,
    room: &RoomId,
    after: Option<&AccountId>,
    limit: i64,
) -> Result<Vec<(AccountId, String, Time)>> {
    let mut query = room_bans::table
        .inner_join(accounts::table)
        .filter(room_bans::room_id.eq(room))
        .order(room_bans::account_id)
        .limit(limit)
        .select((
            room_bans::account_id,
            accounts::username,
            room_bans::created_at,
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(room_bans::account_id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Rooms of which some events may be older than they keep them: those that say so, and all when the house does.
pub(super) fn list_forgetful(
    conn: &mut Conn,
    house_forgets: bool,
    after: Option<&RoomId>,
    limit: i64,
) -> Result<Vec<RoomRow>> {
    let mut query = rooms::table
        .select(RoomRow::as_select())
        .order(rooms::id)
        .limit(limit)
        .into_boxed();
    if !house_forgets {
        query = query.filter(rooms::retention_days.is_not_null());
    }
    if let Some(after) = after {
        query = query.filter(rooms::id.gt(after));
    }
    Ok(query.load(conn)?)
}
