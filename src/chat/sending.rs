//! Many messages in one transaction: each is checked by itself, and one that is refused refuses nobody else.
//!
//! What the checks need is looked up for all of them at once; then they are taken one after the other in the order in
//! which they came, each on top of the ones before it; then all rows are written. Keeps true: the numbers of a room have
//! no gap; the same `client_msg_id` of a sender is one message, even when both are in the same transaction.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use chrono::TimeDelta;
use playhouse_api::chat::Link;
use playhouse_api::problem::FieldCode;

use super::feed::Sent;
use super::model::{MemberRow, MessageRow, Name, Names, RoomKind, RoomRole, RoomRow};
use super::refusal::Error;
use super::store::messages::MentionRow;
use super::store::search::NewText;
use super::store::{bulk, log, messages, search};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::{AccountId, MessageId, RoomId};

type Result<T> = std::result::Result<T, Error>;

/// A message that somebody wants to send. Its texts have been checked.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub room: RoomId,
    pub sender: Name,
    pub is_admin: bool,
    /// The id that it gets if it is new.
    pub id: MessageId,
    pub client_msg_id: String,
    pub body: String,
    pub reply_to: Option<MessageId>,
    /// Folded user names that the text names.
    pub named: Vec<String>,
    /// What the text links to.
    pub links: Vec<Link>,
    /// The words under which it is found.
    pub words: String,
}

/// What became of one.
enum Kept {
    /// In this transaction, at this place among the new ones.
    New(usize),
    /// Before it, or by an earlier one of this transaction.
    Again(RoomId, i64),
}

/// All that the checks look at, and all that is to be written.
#[derive(Default)]
struct Desk {
    rooms: HashMap<RoomId, RoomRow>,
    members: HashMap<(RoomId, AccountId), MemberRow>,
    /// Where a message is that its sender gave this id.
    sent: HashMap<(AccountId, String), (RoomId, i64)>,
    places: HashMap<MessageId, RoomId>,
    named: HashMap<(RoomId, String), AccountId>,
    friends: HashSet<(AccountId, AccountId)>,
    messages: Vec<MessageRow>,
    /// Which of the asks each of them is.
    asked: Vec<usize>,
    /// Who speaks in a room for the first time since they are there.
    first: Vec<(RoomId, AccountId)>,
    mentions: Vec<MentionRow>,
    changed_rooms: HashSet<RoomId>,
    changed_members: HashSet<(RoomId, AccountId)>,
}

/// Keeps what may be kept of `asks`, and says for each what became of it.
///
/// # Errors
/// Only of the database; then nothing was kept.
pub(super) fn keep(conn: &mut Conn, now: Time, asks: &[&Ask]) -> db::Result<Vec<Result<Sent>>> {
    if asks.is_empty() {
        return Ok(Vec::new());
    }
    let mut desk = look_up(conn, asks)?;
    let kept = asks.iter().enumerate();
    let kept: Vec<Result<Kept>> = kept.map(|(at, ask)| desk.take(at, ask, now)).collect();
    desk.write(conn, asks, now)?;
    let names: Names = asks
        .iter()
        .map(|ask| (ask.sender.id.clone(), ask.sender.username.clone()))
        .collect();
    let mut told = Vec::with_capacity(kept.len());
    for (ask, kept) in asks.iter().zip(kept) {
        told.push(match kept {
            Ok(Kept::New(at)) => match desk.messages.get(at) {
                Some(row) => Ok(Sent::New(Arc::new(
                    row.event_view(ask.links.clone(), &names),
                ))),
                None => Err(Error::NotFound("message")),
            },
            Ok(Kept::Again(room, seq)) => match log::find(conn, &room, seq)? {
                Some(row) => Ok(Sent::Again(Arc::new(row.view(&names)))),
                None => Err(Error::NotFound("message")),
            },
            Err(error) => Err(error),
        });
    }
    Ok(told)
}

fn each_once<T: Clone + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<HashSet<_>>().into_iter().collect()
}

fn look_up(conn: &mut Conn, asks: &[&Ask]) -> db::Result<Desk> {
    let rooms = each_once(asks.iter().map(|it| it.room.clone()));
    let rooms = bulk::rooms(conn, &rooms)?;
    let rooms: HashMap<RoomId, RoomRow> = rooms.into_iter().map(|it| (it.id.clone(), it)).collect();
    let peers: Vec<(&AccountId, AccountId)> = asks
        .iter()
        .filter_map(|it| Some((&it.sender.id, rooms.get(&it.room)?.peer_of(&it.sender.id)?)))
        .collect();
    let friends = bulk::friendships(conn, peers.iter().map(|(one, other)| (*one, other)))?;
    let members = bulk::members(conn, asks.iter().map(|it| (&it.room, &it.sender.id)))?;
    let key = |it: &MemberRow| (it.room_id.clone(), it.account_id.clone());
    let ids = asks
        .iter()
        .map(|it| (&it.sender.id, it.client_msg_id.as_str()));
    let sent = bulk::sent_before(conn, ids)?;
    let named = asks
        .iter()
        .flat_map(|it| it.named.iter().map(move |name| (&it.room, name.as_str())));
    let named = bulk::members_named(conn, named)?;
    let replies = asks.iter().filter_map(|it| it.reply_to.as_ref());
    Ok(Desk {
        places: bulk::places(conn, replies)?.into_iter().collect(),
        friends: friends.into_iter().collect(),
        members: members.into_iter().map(|it| (key(&it), it)).collect(),
        sent: sent
            .into_iter()
            .map(|it| ((it.account_id, it.client_msg_id), (it.room_id, it.seq)))
            .collect(),
        named: named
            .into_iter()
            .map(|(room, name, account)| ((room, name), account))
            .collect(),
        rooms,
        ..Desk::default()
    })
}

impl Desk {
    /// Checks one message and notes what is to be written of it.
    fn take(&mut self, at: usize, ask: &Ask, now: Time) -> Result<Kept> {
        let place = (ask.room.clone(), ask.sender.id.clone());
        let (Some(room), Some(member)) =
            (self.rooms.get_mut(&ask.room), self.members.get_mut(&place))
        else {
            return Err(Error::NoSuchRoom);
        };
        let key = (ask.sender.id.clone(), ask.client_msg_id.clone());
        if let Some((room, seq)) = self.sent.get(&key) {
            return match *room == ask.room {
                true => Ok(Kept::Again(ask.room.clone(), *seq)),
                false => Err(Error::OtherRoom),
            };
        }
        may_send(room, member, ask, &self.friends, now)?;
        if let Some(reply) = &ask.reply_to
            && self.places.get(reply) != Some(&ask.room)
        {
            let detail = "reply_to is no message of this room.";
            return Err(Error::field("reply_to", FieldCode::Unknown, detail));
        }
        let mentioned: Vec<AccountId> = ask
            .named
            .iter()
            .filter_map(|name| self.named.get(&(ask.room.clone(), name.clone())))
            .filter(|account| **account != ask.sender.id)
            .cloned()
            .collect();
        room.last_seq += 1;
        room.last_event_at = now;
        let seq = room.last_seq;
        if member.last_sent_at.is_none() {
            self.first.push(place.clone());
        }
        // Whoever writes into a room has it before their eyes.
        member.read_seq = seq;
        member.last_sent_at = Some(now);
        self.messages.push(message(ask, &mentioned, seq, now));
        self.asked.push(at);
        self.mentions
            .extend(mentioned.into_iter().map(|account_id| MentionRow {
                message_id: ask.id.clone(),
                account_id,
                room_id: ask.room.clone(),
                seq,
            }));
        self.places.insert(ask.id.clone(), ask.room.clone());
        self.sent.insert(key, (ask.room.clone(), seq));
        self.changed_rooms.insert(ask.room.clone());
        self.changed_members.insert(place);
        Ok(Kept::New(self.messages.len() - 1))
    }

    fn write(&self, conn: &mut Conn, asks: &[&Ask], now: Time) -> db::Result<()> {
        if self.messages.is_empty() {
            return Ok(());
        }
        let rooms = self.changed_rooms.iter();
        bulk::put_ends(
            conn,
            rooms.filter_map(|it| self.rooms.get(it)).collect(),
            now,
        )?;
        let members = self.changed_members.iter();
        bulk::put_members(
            conn,
            members.filter_map(|it| self.members.get(it)).collect(),
            now,
        )?;
        bulk::insert_authors(conn, &self.first)?;
        bulk::insert(conn, &self.messages)?;
        messages::insert_mentions(conn, &self.mentions)?;
        let asked = self.asked.iter().filter_map(|at| asks.get(*at));
        let texts: Vec<_> = self.messages.iter().zip(asked).map(text_of).collect();
        search::insert(conn, &texts)
    }
}

fn text_of<'a>((message, ask): (&'a MessageRow, &&'a Ask)) -> NewText<'a> {
    NewText {
        message_id: &message.id,
        room_id: &message.room_id,
        seq: message.seq,
        words: &ask.words,
    }
}

/// Whether a member may speak now.
fn may_send(
    room: &RoomRow,
    member: &MemberRow,
    ask: &Ask,
    friends: &HashSet<(AccountId, AccountId)>,
    now: Time,
) -> Result<()> {
    if let Some(peer) = room.peer_of(&ask.sender.id)
        && !friends.contains(&(ask.sender.id.clone(), peer))
    {
        return Err(Error::NotFriends);
    }
    if member.is_muted(now) {
        return Err(Error::Muted);
    }
    let is_slow = room.kind == RoomKind::Group
        && room.slow_mode_seconds > 0
        && member.role == RoomRole::Member
        && !ask.is_admin;
    // Dated later than now, it says that the clock was set back, and nothing about how long ago it was.
    let last = member.last_sent_at.filter(|last| *last <= now);
    if let Some(last) = last.filter(|_| is_slow) {
        let left = last + TimeDelta::seconds(room.slow_mode_seconds) - now;
        if left > TimeDelta::zero() {
            // Rounded up, so that nobody comes back a moment too early.
            let retry_after = u64::try_from(left.num_milliseconds() / 1000 + 1).unwrap_or(1);
            return Err(Error::SlowMode { retry_after });
        }
    }
    Ok(())
}

fn message(ask: &Ask, mentioned: &[AccountId], seq: i64, now: Time) -> MessageRow {
    MessageRow {
        id: ask.id.clone(),
        room_id: ask.room.clone(),
        seq,
        account_id: ask.sender.id.clone(),
        client_msg_id: ask.client_msg_id.clone(),
        body: Some(ask.body.clone()),
        reply_to: ask.reply_to.clone(),
        named: MessageRow::named(mentioned),
        created_at: now,
        edited_at: None,
        deleted_at: None,
    }
}
