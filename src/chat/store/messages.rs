//! Messages as they stand, with reactions and mentions.

use diesel::prelude::*;

use super::super::model::MessageRow;
use super::log::Span;
use crate::clock::Time;
use crate::db::schema::{mentions, messages, reactions};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, MessageId, RoomId};

pub(in crate::chat) fn find(conn: &mut Conn, id: &MessageId) -> Result<Option<MessageRow>> {
    Ok(messages::table
        .find(id)
        .select(MessageRow::as_select())
        .first(conn)
        .optional()?)
}

pub(in crate::chat) fn update(conn: &mut Conn, message: &MessageRow) -> Result<()> {
    diesel::update(messages::table.find(&message.id))
        .set(message)
        .execute(conn)?;
    Ok(())
}

/// Ascending if from the start, descending otherwise.
pub(in crate::chat) fn list(conn: &mut Conn, room: &RoomId, span: Span) -> Result<Vec<MessageRow>> {
    let query = messages::table
        .filter(messages::room_id.eq(room))
        .filter(messages::seq.gt(span.after))
        .filter(messages::seq.lt(span.before))
        .limit(span.limit)
        .select(MessageRow::as_select())
        .into_boxed();
    let query = match span.from_start {
        true => query.order(messages::seq.asc()),
        false => query.order(messages::seq.desc()),
    };
    Ok(query.load(conn)?)
}

/// The messages of a room below a number go, with all that hangs on them.
pub(in crate::chat) fn drop_below(conn: &mut Conn, room: &RoomId, seq: i64) -> Result<()> {
    let old = messages::table
        .filter(messages::room_id.eq(room))
        .filter(messages::seq.lt(seq));
    diesel::delete(old).execute(conn)?;
    Ok(())
}

/// Reactions of messages, the earliest first.
pub(in crate::chat) fn reactions_of(
    conn: &mut Conn,
    ids: &[MessageId],
) -> Result<Vec<(MessageId, AccountId, String)>> {
    Ok(reactions::table
        .filter(reactions::message_id.eq_any(ids))
        .order((reactions::created_at, reactions::emoji))
        .select((
            reactions::message_id,
            reactions::account_id,
            reactions::emoji,
        ))
        .load(conn)?)
}

pub(in crate::chat) fn mentions_of(
    conn: &mut Conn,
    ids: &[MessageId],
) -> Result<Vec<(MessageId, AccountId)>> {
    Ok(mentions::table
        .filter(mentions::message_id.eq_any(ids))
        .order(mentions::account_id)
        .select((mentions::message_id, mentions::account_id))
        .load(conn)?)
}

/// The emojis of one account on a message.
pub(in crate::chat) fn emojis(
    conn: &mut Conn,
    message: &MessageId,
    who: &AccountId,
) -> Result<Vec<String>> {
    Ok(reactions::table
        .filter(reactions::message_id.eq(message))
        .filter(reactions::account_id.eq(who))
        .select(reactions::emoji)
        .load(conn)?)
}

pub(in crate::chat) fn insert_reaction(
    conn: &mut Conn,
    message: &MessageId,
    who: &AccountId,
    emoji: &str,
    now: Time,
) -> Result<()> {
    diesel::insert_into(reactions::table)
        .values((
            reactions::message_id.eq(message),
            reactions::account_id.eq(who),
            reactions::emoji.eq(emoji),
            reactions::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::chat) fn delete_reaction(
    conn: &mut Conn,
    message: &MessageId,
    who: &AccountId,
    emoji: &str,
) -> Result<()> {
    diesel::delete(reactions::table.find((message, who, emoji))).execute(conn)?;
    Ok(())
}

pub(in crate::chat) fn delete_reactions(conn: &mut Conn, message: &MessageId) -> Result<()> {
    diesel::delete(reactions::table.filter(reactions::message_id.eq(message))).execute(conn)?;
    Ok(())
}

/// Whom a message names, for the counts of unread mentions.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = mentions)]
pub(in crate::chat) struct MentionRow {
    pub message_id: MessageId,
    pub account_id: AccountId,
    pub room_id: RoomId,
    pub seq: i64,
}

pub(in crate::chat) fn insert_mentions(conn: &mut Conn, rows: &[MentionRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    on_backend!(conn, c => diesel::insert_into(mentions::table).values(rows).execute(c))?;
    Ok(())
}

pub(in crate::chat) fn delete_mentions(conn: &mut Conn, message: &MessageId) -> Result<()> {
    diesel::delete(mentions::table.filter(mentions::message_id.eq(message))).execute(conn)?;
    Ok(())
}
