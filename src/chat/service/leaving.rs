//! Who leaves the house: out of every room and friendship in one step, then message by message.
//!
//! What they said goes; that something was said stays, without a word, so that the numbers of a room keep no gap. No
//! event tells of it: a member may have said a hundred thousand things, and nobody needs to hear of each.

use std::collections::HashMap;

use playhouse_api::chat as api;
use playhouse_api::events::Event as Push;
use playhouse_api::page::Page;
use uuid::Uuid;

use super::super::model::{Draft, EventKind, MessageRow, Name};
use super::super::refusal::Error;
use super::super::store::{self, friends, leaving, messages};
use super::super::writer::Changed;
use super::history::message_views;
use super::messages::blank;
use super::rooms::leave_in;
use super::{ALL_ROOMS, Chat, Result};
use crate::accounts::Viewer;
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, RoomId};
use crate::page::PageRequest;

/// Messages that one transaction blanks, and numbers of a room that it looks through for them, so that others need not wait
/// long.
const BATCH: i64 = 200;
const STRETCH: i64 = 1000;

/// Numbers of a room that one look goes over, and looks of one page.
const WINDOW: i64 = 5000;
const WINDOWS: usize = 20;

/// No client id has a line feed, so nobody's is like this.
const GONE: char = '\n';

impl Chat {
    /// Takes an account out of every room and ends its friendships, requests and blocks, in one transaction with what
    /// `and` does first. A room that it owned goes to the moderator who has been there longest, or else the member; an
    /// empty one is gone. What it has said is [`Chat::forget_messages`]'s.
    ///
    /// # Errors
    /// What `and` answers; `Busy` when too much waits.
    pub async fn leave_house<F>(&self, who: AccountId, mut and: F) -> Result<()>
    where
        F: FnMut(&mut Conn, Time) -> Result<()> + Send + 'static,
    {
        let listeners = self.listeners.clone();
        let made = self.writer.change(move |conn, now| {
            and(conn, now)?;
            let friends = friends::friend_ids(conn, &who)?;
            let mut changed = leave_all(conn, &who, now)?;
            let name = Name {
                id: who.clone(),
                username: playhouse_api::accounts::DELETED_USERNAME.to_owned(),
            };
            changed.pushes = friends
                .into_iter()
                .filter(|friend| listeners.is_online(friend))
                .map(|friend| (friend, removed(&name)))
                .collect();
            Ok(changed)
        });
        made.await?;
        Ok(())
    }

    /// Takes what an account has said out of the house, batch by batch, and what it has done there since it left. Goes on
    /// where it was cut short.
    ///
    /// # Errors
    /// When the database refuses; `Busy` when too much waits.
    pub async fn forget_messages(&self, who: &AccountId) -> Result<()> {
        let me = who.clone();
        let rooms = self
            .db
            .read::<_, Error, _>(move |conn| Ok(leaving::rooms_of(conn, &me)?))
            .await?;
        for room in rooms {
            let mut after = Some(0);
            while let Some(from) = after {
                let (who, room) = (who.clone(), room.clone());
                let made = self
                    .writer
                    .change(move |conn, now| blank_some(conn, &who, &room, from, now));
                after = made.await?.0;
            }
        }
        let who = who.clone();
        let made = self.writer.change(move |conn, now| {
            leaving::delete_mentions_of(conn, &who)?;
            leaving::delete_rooms_of(conn, &who)?;
            leave_all(conn, &who, now)
        });
        made.await?;
        Ok(())
    }

    /// The rooms in which somebody has said something, whether or not they are still in them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rooms_written(&self, who: &Viewer) -> Result<Vec<RoomId>> {
        let who = who.id().clone();
        self.db
            .read(move |conn| Ok(leaving::rooms_of(conn, &who)?))
            .await
    }

    /// What somebody has said in a room, with what it said before it was edited, in the order of `seq`. A page may be short, even empty, and still have a next
    /// one: rooms are long, and there is no list of what one has said.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_own(
        &self,
        who: &Viewer,
        room: RoomId,
        page: PageRequest<i64>,
    ) -> Result<Page<api::OwnMessage>> {
        let me = who.id().clone();
        self.db
            .read(move |conn| own_in(conn, &me, &room, &page))
            .await
    }
}

fn removed(who: &Name) -> Push {
    Push::Friend(api::Friendship {
        account: who.view(),
        state: api::FriendState::Removed,
    })
}

fn leave_all(conn: &mut Conn, who: &AccountId, now: Time) -> Result<Changed<()>> {
    let mut all = Changed::only(());
    for (member, room) in store::list_joined(conn, who, None, ALL_ROOMS)? {
        let left = leave_in(conn, room, &member, Draft::new(EventKind::Leave, who), now)?;
        all.events.extend(left.events);
        all.closed.extend(left.closed);
    }
    leaving::delete_ties(conn, who)?;
    all.circles.push(who.clone());
    Ok(all)
}

/// Blanks some messages of a room; after which number to go on, if there may be more.
fn blank_some(
    conn: &mut Conn,
    who: &AccountId,
    room: &RoomId,
    after: i64,
    now: Time,
) -> Result<Changed<Option<i64>>> {
    let Some(room) = store::find(conn, room)? else {
        return Ok(Changed::only(None));
    };
    let after = after.max(room.first_seq - 1);
    let up_to = after.saturating_add(STRETCH);
    let rows = leaving::said_in(conn, who, &room.id, (after, up_to), BATCH)?;
    let next = match rows.last() {
        Some(last) if rows.len() >= usize::try_from(BATCH).unwrap_or_default() => last.seq,
        _ => up_to,
    };
    for mut row in rows {
        if row.client_msg_id.starts_with(GONE) {
            continue;
        }
        row.client_msg_id = format!("{GONE}{}", row.id);
        match row.deleted_at {
            Some(_) => messages::update(conn, &row)?,
            None => blank(conn, row, now)?,
        }
    }
    Ok(Changed::only((next < room.last_seq).then_some(next)))
}

fn own_in(
    conn: &mut Conn,
    me: &AccountId,
    room: &RoomId,
    page: &PageRequest<i64>,
) -> Result<Page<api::OwnMessage>> {
    let end = store::find(conn, room)?.map_or(0, |room| room.last_seq);
    let mut after = page.after.unwrap_or(0);
    let mut rows = Vec::new();
    for _ in 0..WINDOWS {
        if after >= end || !rows.is_empty() {
            break;
        }
        let up_to = after.saturating_add(WINDOW);
        rows = leaving::said_in(conn, me, room, (after, up_to), i64::from(page.limit))?;
        let is_full = rows.len() >= page.limit as usize;
        after = match rows.last() {
            Some(last) if is_full => last.seq,
            _ => up_to,
        };
    }
    let mut earlier = earlier_in(conn, &rows)?;
    let views = message_views(conn, rows, me)?.into_iter();
    let own = |message: api::Message| api::OwnMessage {
        earlier: earlier.remove(&message.id).unwrap_or_default(),
        message,
    };
    Ok(Page {
        items: views.map(own).collect(),
        next_cursor: (after < end).then(|| PageRequest::cursor(&after)),
    })
}

/// What edited messages said before. The last text of each is the present one.
fn earlier_in(
    conn: &mut Conn,
    rows: &[MessageRow],
) -> Result<HashMap<Uuid, Vec<api::EarlierText>>> {
    let edited = rows.iter().filter(|row| row.edited_at.is_some());
    let ids: Vec<_> = edited.map(|row| row.id.clone()).collect();
    let mut earlier: HashMap<Uuid, Vec<api::EarlierText>> = HashMap::new();
    for (id, body, at) in leaving::texts_of(conn, &ids)? {
        if let (Some(id), Some(body)) = (id, body) {
            let at = at.and_utc();
            let texts = earlier.entry(id.uuid()).or_default();
            texts.push(api::EarlierText { body, at });
        }
    }
    for texts in earlier.values_mut() {
        texts.pop();
    }
    Ok(earlier)
}
