//! What an account has said and has to do with others, when it leaves or wants to see it all.

use diesel::prelude::*;

use super::super::model::{EventKind, MessageRow};
use crate::clock::Time;
use crate::db::schema::{
    blocks, friend_requests as requests, friends, mentions, messages, room_authors as authors,
    room_bans, room_events as events,
};
use crate::db::{Conn, Result};
use crate::ids::{AccountId, MessageId, RoomId};

/// The rooms in which an account has said something, whether or not it is still in them.
pub(in crate::chat) fn rooms_of(conn: &mut Conn, who: &AccountId) -> Result<Vec<RoomId>> {
    Ok(authors::table
        .filter(authors::account_id.eq(who))
        .order(authors::room_id)
        .select(authors::room_id)
        .load(conn)?)
}

/// Forgets in which rooms an account has said something.
pub(in crate::chat) fn delete_rooms_of(conn: &mut Conn, who: &AccountId) -> Result<()> {
    diesel::delete(authors::table.filter(authors::account_id.eq(who))).execute(conn)?;
    Ok(())
}

/// What an account has said in a part of a room, in the order of `seq`.
pub(in crate::chat) fn said_in(
    conn: &mut Conn,
    who: &AccountId,
    room: &RoomId,
    (after, up_to): (i64, i64),
    limit: i64,
) -> Result<Vec<MessageRow>> {
    Ok(messages::table
        .filter(messages::room_id.eq(room))
        .filter(messages::seq.gt(after))
        .filter(messages::seq.le(up_to))
        .filter(messages::account_id.eq(who))
        .order(messages::seq)
        .limit(limit)
        .select(MessageRow::as_select())
        .load(conn)?)
}

/// A text that a message has or had, and since when.
pub(in crate::chat) type Said = (Option<MessageId>, Option<String>, Time);

/// All texts that messages have had, as far as they are kept, the earliest first.
pub(in crate::chat) fn texts_of(conn: &mut Conn, ids: &[MessageId]) -> Result<Vec<Said>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(events::table
        .filter(events::message_id.eq_any(ids))
        .filter(events::kind.eq_any([EventKind::Message, EventKind::Edit]))
        .filter(events::body.is_not_null())
        .order(events::seq)
        .select((events::message_id, events::body, events::at))
        .load(conn)?)
}

/// Ends every friendship, request, block and ban of an account, whoever began it.
pub(in crate::chat) fn delete_ties(conn: &mut Conn, who: &AccountId) -> Result<()> {
    let others: Vec<AccountId> = super::friends::friend_ids(conn, who)?;
    let theirs = friends::table
        .filter(friends::account_id.eq_any(others))
        .filter(friends::friend_id.eq(who));
    diesel::delete(theirs).execute(conn)?;
    diesel::delete(friends::table.filter(friends::account_id.eq(who))).execute(conn)?;
    diesel::delete(requests::table.filter(requests::from_id.eq(who))).execute(conn)?;
    diesel::delete(requests::table.filter(requests::to_id.eq(who))).execute(conn)?;
    diesel::delete(blocks::table.filter(blocks::account_id.eq(who))).execute(conn)?;
    diesel::delete(blocks::table.filter(blocks::blocked_id.eq(who))).execute(conn)?;
    diesel::delete(room_bans::table.filter(room_bans::account_id.eq(who))).execute(conn)?;
    Ok(())
}

/// Takes an account out of what mentions it.
pub(in crate::chat) fn delete_mentions_of(conn: &mut Conn, who: &AccountId) -> Result<()> {
    diesel::delete(mentions::table.filter(mentions::account_id.eq(who))).execute(conn)?;
    Ok(())
}
