//! What is said: sending, editing, deleting, reacting.

use std::sync::Arc;

use playhouse_api::chat as api;
use serde_json::json;

use super::super::feed::Sent;
use super::super::limits::What;
use super::super::model::{Draft, EventKind, MemberRow, MessageRow, RoomRow};
use super::super::policy::{self, Rank};
use super::super::refusal::Error;
use super::super::sending::Ask;
use super::super::store::messages::{self, MentionRow};
use super::super::store::search::{self, NewText};
use super::super::store::{self, bulk, friends, log};
use super::super::text;
use super::super::writer::Changed;
use super::{Caller, Chat, Result, Scene, add, member_in};
use crate::clock::Time;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::ids::{AccountId, MessageId, RoomId};

/// Emojis of one account on one message.
const MAX_EMOJIS: usize = 20;

impl Chat {
    /// Keeps a message. It is durable when this returns. The same `client_msg_id` again gives the original.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSuchRoom`], [`Error::NotFriends`], [`Error::Muted`], [`Error::SlowMode`],
    /// [`Error::OtherRoom`], [`Error::Throttled`], [`Error::Busy`].
    pub async fn send(&self, caller: &Caller, room: RoomId, new: api::NewMessage) -> Result<Sent> {
        let mut checks = FieldChecks::default();
        text::check_client_msg_id(&mut checks, &new.client_msg_id);
        text::check_body(&mut checks, &new.body);
        checks.finish().map_err(Error::Invalid)?;
        self.limit(What::Messages, caller)?;
        let ask = Ask {
            words: search::words(&new.body, &room),
            links: text::links(&new.body),
            room,
            sender: caller.name(),
            is_admin: caller.viewer.is_admin(),
            id: MessageId::generate(),
            client_msg_id: new.client_msg_id,
            named: text::named(&new.body),
            body: new.body,
            reply_to: new.reply_to.map(MessageId::from),
        };
        self.writer.send(ask).await
    }

    /// Gives one's own message another text. The log keeps what it said before.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSuchRoom`], [`Error::NotFound`], [`Error::Forbidden`] for the message of another
    /// one, [`Error::Conflict`] for a deleted one, [`Error::NotFriends`], [`Error::Muted`], [`Error::Throttled`].
    pub async fn edit(
        &self,
        caller: &Caller,
        room: RoomId,
        message: MessageId,
        changes: api::MessageChanges,
    ) -> Result<Arc<api::Event>> {
        let mut checks = FieldChecks::default();
        text::check_body(&mut checks, &changes.body);
        checks.finish().map_err(Error::Invalid)?;
        self.limit(What::Messages, caller)?;
        let (me, body) = (caller.id().clone(), changes.body);
        let ((), events) = self
            .writer
            .change(move |conn, now| {
                let (room, _) = speaker_in(conn, &room, &me, now)?;
                let message = message_in(conn, &room, &message)?;
                if message.account_id != me {
                    return Err(Error::Forbidden("Only its author edits a message."));
                }
                edit_in(conn, room, message, &body, now)
            })
            .await?;
        events.into_iter().next().ok_or(Error::NotFound("message"))
    }

    /// Deletes a message: its text goes out of every event of the log, and an event says that it is gone. A second time
    /// nothing happens.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete(&self, caller: &Caller, room: RoomId, message: MessageId) -> Result<()> {
        let caller = caller.clone();
        let made = self.writer.change(move |conn, now| {
            let mut scene = Scene::open(conn, &caller, &room, now)?;
            let message = messages::find(conn, &message)?.filter(|it| it.room_id == room);
            let message = message.ok_or(Error::NotFound("message"))?;
            let author = message.account_id.clone();
            if author != *caller.id() {
                let rank = store::find_member(conn, &room, &author)?;
                let rank = Rank::of_member(rank.as_ref());
                let detail =
                    json!({"message_id": message.id.as_str(), "author_id": author.as_str()});
                scene.permit(conn, "room.delete_message", &detail, |room, mine| {
                    policy::may_delete(room, mine, rank)
                })?;
            }
            if message.deleted_at.is_some() {
                return Ok(Changed::only(()));
            }
            let mut draft = Draft::new(EventKind::Delete, &author);
            draft.message_id = Some(message.id.clone());
            draft.by = (author != *caller.id()).then(|| caller.id().clone());
            blank(conn, message, now)?;
            let event = scene.add(conn, draft)?;
            scene.close(conn)?;
            Ok(Changed {
                events: vec![event],
                ..Changed::only(())
            })
        });
        made.await?;
        Ok(())
    }

    /// Puts an emoji to a message, or takes it back; nothing happens when that is so already.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSuchRoom`], [`Error::NotFound`], [`Error::NotFriends`], [`Error::Muted`],
    /// [`Error::Conflict`] for a deleted message or too many emojis, [`Error::Throttled`].
    pub async fn react(
        &self,
        caller: &Caller,
        room: RoomId,
        message: MessageId,
        emoji: String,
        is_on: bool,
    ) -> Result<()> {
        let mut checks = FieldChecks::default();
        text::check_emoji(&mut checks, &emoji);
        checks.finish().map_err(Error::Invalid)?;
        self.limit(What::Messages, caller)?;
        let me = caller.id().clone();
        let made = self.writer.change(move |conn, now| {
            let (room, _) = speaker_in(conn, &room, &me, now)?;
            let message = message_in(conn, &room, &message)?;
            react_in(conn, room, &message, (&me, &emoji), is_on, now)
        });
        made.await?;
        Ok(())
    }
}

/// The room, for a member who may speak in it now.
fn speaker_in(
    conn: &mut Conn,
    room: &RoomId,
    who: &AccountId,
    now: Time,
) -> Result<(RoomRow, MemberRow)> {
    let (room, member) = member_in(conn, room, who)?;
    if let Some(peer) = room.peer_of(who)
        && !friends::are_friends(conn, who, &peer)?
    {
        return Err(Error::NotFriends);
    }
    if member.is_muted(now) {
        return Err(Error::Muted);
    }
    Ok((room, member))
}

/// A message of the room that still says something.
fn message_in(conn: &mut Conn, room: &RoomRow, id: &MessageId) -> Result<MessageRow> {
    let message = messages::find(conn, id)?.filter(|it| it.room_id == room.id);
    let message = message.ok_or(Error::NotFound("message"))?;
    if message.deleted_at.is_some() {
        return Err(Error::Conflict("This message was deleted."));
    }
    Ok(message)
}

fn edit_in(
    conn: &mut Conn,
    mut room: RoomRow,
    mut message: MessageRow,
    body: &str,
    now: Time,
) -> Result<Changed<()>> {
    let author = message.account_id.clone();
    if message.edited_at.is_none() {
        // From now on its row says something else.
        log::insert(conn, &message.event())?;
    }
    let named = text::named(body);
    let named = bulk::members_named(conn, named.iter().map(|name| (&room.id, name.as_str())))?;
    let named: Vec<AccountId> = named
        .into_iter()
        .map(|(_, _, account)| account)
        .filter(|account| *account != author)
        .collect();
    let mut draft = Draft::new(EventKind::Edit, &author);
    draft.message_id = Some(message.id.clone());
    draft.body = Some(body.to_owned());
    draft.detail.mentions = named.iter().map(AccountId::uuid).collect();
    let event = add(conn, &mut room, draft, now)?;
    store::update(conn, &room)?;
    message.body = Some(body.to_owned());
    message.edited_at = Some(now);
    messages::update(conn, &message)?;
    // Who was named before stays named where they were; who is new is named by this event.
    let before = messages::mentions_of(conn, std::slice::from_ref(&message.id))?;
    let rows: Vec<MentionRow> = named
        .into_iter()
        .map(|account_id| MentionRow {
            seq: match before.iter().any(|(_, it)| *it == account_id) {
                true => message.seq,
                false => event.seq,
            },
            message_id: message.id.clone(),
            room_id: room.id.clone(),
            account_id,
        })
        .collect();
    messages::delete_mentions(conn, &message.id)?;
    messages::insert_mentions(conn, &rows)?;
    let text = NewText {
        message_id: &message.id,
        room_id: &room.id,
        seq: event.seq,
        words: &search::words(body, &room.id),
    };
    search::replace(conn, &text)?;
    Ok(Changed {
        events: vec![event],
        ..Changed::only(())
    })
}

/// Takes out of the database what a message said, and all that hung on it.
pub(super) fn blank(conn: &mut Conn, mut message: MessageRow, now: Time) -> Result<()> {
    log::blank(conn, &message.id)?;
    messages::delete_mentions(conn, &message.id)?;
    messages::delete_reactions(conn, &message.id)?;
    search::delete(conn, &message.id)?;
    message.body = None;
    message.reply_to = None;
    message.deleted_at = Some(now);
    Ok(messages::update(conn, &message)?)
}

fn react_in(
    conn: &mut Conn,
    mut room: RoomRow,
    message: &MessageRow,
    (who, emoji): (&AccountId, &str),
    is_on: bool,
    now: Time,
) -> Result<Changed<()>> {
    let mine = messages::emojis(conn, &message.id, who)?;
    if mine.iter().any(|it| it == emoji) == is_on {
        return Ok(Changed::only(()));
    }
    if !is_on {
        messages::delete_reaction(conn, &message.id, who, emoji)?;
    } else if mine.len() < MAX_EMOJIS {
        messages::insert_reaction(conn, &message.id, who, emoji, now)?;
    } else {
        return Err(Error::Conflict(
            "You have put as many emojis to this message as one can.",
        ));
    }
    let mut draft = Draft::new(EventKind::Reaction, who);
    draft.message_id = Some(message.id.clone());
    draft.body = Some(emoji.to_owned());
    draft.detail.removed = (!is_on).then_some(true);
    let event = add(conn, &mut room, draft, now)?;
    store::update(conn, &room)?;
    Ok(Changed {
        events: vec![event],
        ..Changed::only(())
    })
}
