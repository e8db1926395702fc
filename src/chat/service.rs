//! The rules of friends and rooms, and the transactions that keep them.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use playhouse_api::chat as api;

use super::feed::{Circle, Hello, Listener, Presence, RoomHead};
use super::limits::{Limits, What};
use super::listeners::Listeners;
use super::model::{EventRow, Joined, MemberRow, Name, RoomRow};
use super::policy::Rank;
use super::refusal::Error;
use super::store;
use super::writer::{News, Writer};
use crate::accounts::Viewer;
use crate::audit::{self, Actor};
use crate::clock::{Clock, Time};
use crate::config::ChatConfig;
use crate::db::{Conn, Db};
use crate::events::Events;
use crate::ids::{AccountId, RoomId};

mod friends;
mod history;
mod leaving;
mod members;
mod messages;
mod retention;
mod rooms;

pub use history::{Part, PartRequest};

pub(super) type Result<T> = std::result::Result<T, Error>;

/// The most rooms that one account is in.
const MAX_ROOMS: i64 = 500;
/// More than an account can be in: friends make private rooms with it without asking.
const ALL_ROOMS: i64 = 2000;

/// The friends and rooms of the house; cheap to copy.
#[derive(Clone)]
pub struct Chat {
    db: Db,
    clock: Clock,
    writer: Writer,
    listeners: Listeners,
    limits: Arc<Limits>,
    config: Arc<ChatConfig>,
}

/// Who acts, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    pub viewer: Arc<Viewer>,
    pub address: IpAddr,
    /// Of the request, for the audit log; may be empty.
    pub request_id: String,
}

impl Caller {
    fn id(&self) -> &AccountId {
        self.viewer.id()
    }

    fn name(&self) -> Name {
        Name {
            id: self.id().clone(),
            username: self.viewer.account.username.clone(),
        }
    }

    fn actor(&self) -> Actor {
        Actor {
            id: Some(self.id().clone()),
            name: self.viewer.account.username.clone(),
            request_id: self.request_id.clone(),
            address: self.address.to_string(),
        }
    }
}

impl Chat {
    /// Starts the writer.
    ///
    /// # Errors
    /// When its thread cannot be started.
    pub fn start(
        db: Db,
        clock: Clock,
        events: Events,
        config: &ChatConfig,
    ) -> std::io::Result<Self> {
        let listeners = Listeners::new(events);
        Ok(Self {
            writer: Writer::start(db.clone(), clock.clone(), listeners.clone(), config.queue)?,
            listeners,
            limits: Arc::new(Limits::new(config)),
            config: Arc::new(config.clone()),
            db,
            clock,
        })
    }

    /// Tells `listener` of every event from now on.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.listeners.add(listener);
    }

    /// Says who is connected; the first one who does so stays.
    pub fn show_presence(&self, presence: Arc<dyn Presence>) {
        self.listeners.show_presence(presence);
    }

    /// What somebody needs to know when they come in, as a connection sees it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn hello_in(&self, conn: &mut Conn, who: &AccountId) -> Result<Hello> {
        let rooms = joined_rooms(conn, who, None, ALL_ROOMS)?;
        Ok(Hello {
            rooms: rooms.iter().map(Joined::view).collect(),
            friends: self.friends_in(conn, who)?,
        })
    }

    /// Where the log of a room ends, for one of its members.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`] for who is not in the room.
    pub async fn may_listen(&self, who: &Viewer, room: &RoomId) -> Result<RoomHead> {
        let (me, room) = (who.id().clone(), room.clone());
        self.db
            .read(move |conn| {
                let (room, _) = member_in(conn, &room, &me)?;
                Ok(RoomHead {
                    first_seq: room.first_seq,
                    last_seq: room.last_seq,
                    epoch: room.epoch,
                })
            })
            .await
    }

    /// Whose presence somebody may see: friends and fellow members, without those between whom there is a block.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn circle(&self, who: &AccountId) -> Result<Circle> {
        let who = who.clone();
        self.db
            .read(move |conn| {
                let mut accounts: HashSet<AccountId> =
                    store::friends::fellows(conn, &who)?.into_iter().collect();
                accounts.extend(store::friends::friend_ids(conn, &who)?);
                for other in store::friends::estranged(conn, &who)? {
                    accounts.remove(&other);
                }
                Ok(Circle {
                    accounts,
                    sees_last: store::seen::shows(conn, &who)?,
                })
            })
            .await
    }

    /// When accounts were here last, as somebody sees it in whose circle they are; who is here now has no such time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_seen(
        &self,
        who: &AccountId,
        accounts: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, Time>> {
        let who = who.clone();
        self.db
            .read(move |conn| Ok(store::seen::of(conn, &who, &accounts)?))
            .await
    }

    /// Somebody shows from now on, or does not show any more, when they were here last.
    pub fn shows_otherwise(&self, who: &AccountId) {
        self.listeners.tell(vec![News {
            circles: vec![who.clone()],
            ..News::default()
        }]);
    }

    fn limit(&self, what: What, caller: &Caller) -> Result<()> {
        let now = self.clock.now();
        self.limits.take(what, caller.id(), caller.address, now)
    }
}

/// The room and the member, for who is in it.
fn member_in(conn: &mut Conn, room: &RoomId, who: &AccountId) -> Result<(RoomRow, MemberRow)> {
    let member = store::find_member(conn, room, who)?.ok_or(Error::NoSuchRoom)?;
    let room = store::find(conn, room)?.ok_or(Error::NoSuchRoom)?;
    Ok((room, member))
}

/// The rooms of an account as it sees them, in the order of their ids.
fn joined_rooms(
    conn: &mut Conn,
    who: &AccountId,
    after: Option<&RoomId>,
    limit: i64,
) -> Result<Vec<Joined>> {
    let rows = store::list_joined(conn, who, after, limit)?;
    let mentions = store::count_mentions(conn, who, None)?;
    let peers: Vec<AccountId> = rows
        .iter()
        .filter_map(|(_, room)| room.peer_of(who))
        .collect();
    let names = store::names(conn, &peers)?;
    let mut lasts = match (rows.first(), rows.last()) {
        (Some((_, first)), Some((_, last))) => {
            store::last::between(conn, who, &first.id, &last.id)?
        }
        _ => HashMap::new(),
    };
    Ok(rows
        .into_iter()
        .map(|(member, room)| Joined {
            last: lasts.remove(&room.id),
            mentions: mentions.get(&room.id).copied().unwrap_or(0),
            peer: room.peer_of(who).map(|id| Name {
                username: names.get(&id).cloned().unwrap_or_default(),
                id,
            }),
            room,
            member,
        })
        .collect())
}

/// A room as one of its members sees it.
fn joined_in(conn: &mut Conn, room: RoomRow, member: MemberRow) -> Result<Joined> {
    let who = member.account_id.clone();
    let mentions = store::count_mentions(conn, &who, Some(&room.id))?;
    let peer = match room.peer_of(&who) {
        Some(id) => store::names(conn, std::slice::from_ref(&id))?
            .remove(&id)
            .map(|username| Name { id, username }),
        None => None,
    };
    Ok(Joined {
        last: store::last::find(conn, &who, &room.id)?,
        mentions: mentions.get(&room.id).copied().unwrap_or(0),
        peer,
        room,
        member,
    })
}

/// How far a member has read.
fn mark_in(conn: &mut Conn, room: &RoomRow, member: &MemberRow) -> Result<api::ReadMark> {
    let mentions = store::count_mentions(conn, &member.account_id, Some(&room.id))?;
    Ok(api::ReadMark {
        room_id: room.id.uuid(),
        read_seq: member.read_seq,
        unread: (room.last_seq - member.read_seq).max(0),
        mentions: mentions.get(&room.id).copied().unwrap_or(0),
    })
}

/// A push that a room has come to somebody, or has changed for them.
fn room_push(
    conn: &mut Conn,
    room: &RoomRow,
    member: &MemberRow,
) -> Result<(AccountId, playhouse_api::events::Event)> {
    let view = joined_in(conn, room.clone(), member.clone())?.view();
    let change = api::RoomChange {
        room_id: view.id,
        room: Some(view),
    };
    let push = playhouse_api::events::Event::Room(change);
    Ok((member.account_id.clone(), push))
}

/// A push that a room has gone from somebody.
fn gone_push(room: &RoomRow, who: &AccountId) -> (AccountId, playhouse_api::events::Event) {
    let change = api::RoomChange {
        room_id: room.id.uuid(),
        room: None,
    };
    (who.clone(), playhouse_api::events::Event::Room(change))
}

/// A room that somebody acts upon, with what they are in it.
struct Scene {
    room: RoomRow,
    member: Option<MemberRow>,
    caller: Caller,
    now: Time,
}

impl Scene {
    /// The room, for its members and, if it is a group, for admins of the house.
    fn open(conn: &mut Conn, caller: &Caller, room: &RoomId, now: Time) -> Result<Self> {
        let member = store::find_member(conn, room, caller.id())?;
        let room = store::find(conn, room)?.ok_or(Error::NoSuchRoom)?;
        let rank = Rank::of(&room, member.as_ref(), caller.viewer.is_admin());
        if rank == Rank::Outside {
            return Err(Error::NoSuchRoom);
        }
        Ok(Self {
            room,
            member,
            caller: caller.clone(),
            now,
        })
    }

    /// Asks the policy, first by what the caller is in the room, then as an admin of the house. What only an admin may
    /// goes into the audit log.
    fn permit(
        &self,
        conn: &mut Conn,
        action: &str,
        detail: &serde_json::Value,
        may: impl Fn(&RoomRow, Rank) -> Result<()>,
    ) -> Result<()> {
        let as_member = may(&self.room, Rank::of_member(self.member.as_ref()));
        if as_member.is_ok() || !self.caller.viewer.is_admin() {
            return as_member;
        }
        may(&self.room, Rank::of(&self.room, None, true))?;
        let actor = self.caller.actor();
        audit::record(
            conn,
            self.now,
            &actor,
            action,
            self.room.id.as_str(),
            detail,
        )?;
        Ok(())
    }

    /// Adds an event to the log. The room's row is written by [`Scene::close`].
    fn add(&mut self, conn: &mut Conn, draft: super::model::Draft) -> Result<EventRow> {
        add(conn, &mut self.room, draft, self.now)
    }

    fn close(&self, conn: &mut Conn) -> Result<()> {
        Ok(store::update(conn, &self.room)?)
    }
}

/// Adds an event to the log of a room, whose row is to be written afterwards.
fn add(
    conn: &mut Conn,
    room: &mut RoomRow,
    draft: super::model::Draft,
    now: Time,
) -> Result<EventRow> {
    let event = draft.numbered(room, now);
    store::log::insert(conn, &event)?;
    Ok(event)
}
