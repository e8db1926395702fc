//! Friends, requests and blocks.
//!
//! Whoever is blocked cannot tell: their request looks as one that waits, and the end of a friendship as any other.

use playhouse_api::chat as api;
use playhouse_api::events::Event as Push;

use super::super::limits::What;
use super::super::model::{Name, RequestState};
use super::super::refusal::Error;
use super::super::store::{self, friends};
use super::super::writer::Changed;
use super::{Caller, Chat, Result};
use crate::accounts::Viewer;
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::AccountId;

const MAX_FRIENDS: i64 = 1000;
/// Requests of one account that wait.
const MAX_REQUESTS: i64 = 500;
const MAX_BLOCKS: i64 = 1000;
/// Requests to one account that are shown.
const MAX_SHOWN: i64 = 500;

impl Chat {
    /// Friends by name, requests both ways, blocks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_friends(&self, who: &Viewer) -> Result<api::Friends> {
        let (chat, me) = (self.clone(), who.id().clone());
        self.db.read(move |conn| chat.friends_in(conn, &me)).await
    }

    /// The same, as a connection sees it.
    pub(super) fn friends_in(&self, conn: &mut Conn, me: &AccountId) -> Result<api::Friends> {
        let friends = friends::list(conn, me)?;
        let incoming = friends::list_incoming(conn, me, MAX_SHOWN)?;
        let outgoing = friends::list_outgoing(conn, me)?;
        let blocked = friends::list_blocked(conn, me)?;
        let ids: Vec<AccountId> = friends.iter().map(|(name, _)| name.id.clone()).collect();
        let seen = store::seen::of(conn, me, &ids)?;
        let friend = |(name, since): (Name, Time)| {
            let online = self.listeners.is_online(&name.id);
            let last_seen = seen.get(&name.id).filter(|_| !online);
            api::Friend {
                account: name.view(),
                online,
                since: since.and_utc(),
                last_seen_at: last_seen.map(chrono::NaiveDateTime::and_utc),
            }
        };
        let request = |(name, at): (Name, Time)| request_view(&name, at);
        let block = |(name, at): (Name, Time)| api::Blocked {
            account: name.view(),
            created_at: at.and_utc(),
        };
        Ok(api::Friends {
            friends: friends.into_iter().map(friend).collect(),
            incoming: incoming.into_iter().map(request).collect(),
            outgoing: outgoing.into_iter().map(request).collect(),
            blocked: blocked.into_iter().map(block).collect(),
        })
    }

    /// Whom somebody has blocked; at most a thousand.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn blocked_by_in(conn: &mut Conn, who: &AccountId) -> db::Result<Vec<AccountId>> {
        friends::blocked_ids(conn, who)
    }

    /// Asks somebody to be friends; when they have asked already, both are friends at once. Says whether anything is
    /// new.
    ///
    /// # Errors
    /// [`Error::NoSuchAccount`], [`Error::Yourself`], [`Error::AlreadyFriends`], [`Error::Blocked`] by the caller,
    /// [`Error::Conflict`] with too many friends or requests, [`Error::Throttled`].
    pub async fn request_friend(
        &self,
        caller: &Caller,
        new: api::NewFriendRequest,
    ) -> Result<(api::Friendship, bool)> {
        self.limit(What::FriendRequests, caller)?;
        let me = caller.name();
        let made = self.writer.change(move |conn, now| {
            let other = store::find_by_username(conn, &new.username)?;
            request_in(conn, &me, &other.ok_or(Error::NoSuchAccount)?, now)
        });
        Ok(made.await?.0)
    }

    /// Becomes friends with somebody who has asked.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they have not, [`Error::AlreadyFriends`], [`Error::Conflict`] with too many friends.
    pub async fn accept_friend(&self, caller: &Caller, from: AccountId) -> Result<api::Friendship> {
        let me = caller.name();
        let made = self.writer.change(move |conn, now| {
            let other = store::find_name(conn, &from)?.ok_or(Error::NotFound("request"))?;
            if friends::are_friends(conn, &me.id, &from)? {
                return Err(Error::AlreadyFriends);
            }
            request_from(conn, &from, &me.id)?;
            befriend(conn, &me, &other, now)
        });
        Ok(made.await?.0.0)
    }

    /// Puts a request aside. Who made it is not told.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn ignore_friend(&self, caller: &Caller, from: AccountId) -> Result<()> {
        let me = caller.id().clone();
        let made = self.writer.change(move |conn, now| {
            request_from(conn, &from, &me)?;
            friends::put_request(conn, &from, &me, RequestState::Ignored, now)?;
            Ok(Changed::only(()))
        });
        made.await?;
        Ok(())
    }

    /// Ends a friendship, or takes a request back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is neither.
    pub async fn remove_friend(&self, caller: &Caller, other: AccountId) -> Result<()> {
        let me = caller.name();
        let made = self.writer.change(move |conn, _| {
            let name = store::find_name(conn, &other)?.ok_or(Error::NotFound("friend"))?;
            let were_friends = friends::delete(conn, &me.id, &other)?;
            if !were_friends {
                let state = friends::find_request(conn, &me.id, &other)?;
                friends::delete_request(conn, &me.id, &other)?;
                return match state {
                    None => Err(Error::NotFound("friend")),
                    Some(RequestState::Ignored) => Ok(Changed::only(())),
                    Some(RequestState::Pending) => Ok(Changed {
                        pushes: vec![removed(&other, &me), removed(&me.id, &name)],
                        ..Changed::only(())
                    }),
                };
            }
            Ok(parted(&me, &name))
        });
        made.await?;
        Ok(())
    }

    /// Blocks somebody: friendship and requests between the two end.
    ///
    /// # Errors
    /// [`Error::NoSuchAccount`], [`Error::Yourself`], [`Error::Conflict`] with too many blocks.
    pub async fn block(&self, caller: &Caller, other: AccountId) -> Result<()> {
        let me = caller.name();
        let made = self
            .writer
            .change(move |conn, now| block_in(conn, &me, &other, now));
        made.await?;
        Ok(())
    }

    /// Takes a block back; nothing else comes back with it. Without a block nothing happens.
    ///
    /// # Errors
    /// [`Error::NoSuchAccount`].
    pub async fn unblock(&self, caller: &Caller, other: AccountId) -> Result<()> {
        let me = caller.id().clone();
        let made = self.writer.change(move |conn, _| {
            store::find_name(conn, &other)?.ok_or(Error::NoSuchAccount)?;
            let mut changed = Changed::only(());
            if friends::delete_block(conn, &me, &other)? {
                changed.circles = vec![me.clone(), other.clone()];
            }
            Ok(changed)
        });
        made.await?;
        Ok(())
    }
}

fn request_view(name: &Name, at: Time) -> api::FriendRequest {
    api::FriendRequest {
        account: name.view(),
        created_at: at.and_utc(),
    }
}

fn friendship(name: &Name, state: api::FriendState) -> api::Friendship {
    api::Friendship {
        account: name.view(),
        state,
    }
}

type Asked = (api::Friendship, bool);

fn request_in(conn: &mut Conn, me: &Name, other: &Name, now: Time) -> Result<Changed<Asked>> {
    if me.id == other.id {
        return Err(Error::Yourself);
    }
    if friends::are_friends(conn, &me.id, &other.id)? {
        return Err(Error::AlreadyFriends);
    }
    if friends::has_blocked(conn, &me.id, &other.id)? {
        return Err(Error::Blocked);
    }
    let waits = (friendship(other, api::FriendState::Pending), false);
    if friends::find_request(conn, &me.id, &other.id)?.is_some() {
        return Ok(Changed::only(waits));
    }
    let is_blocked = friends::has_blocked(conn, &other.id, &me.id)?;
    if !is_blocked && friends::find_request(conn, &other.id, &me.id)?.is_some() {
        return befriend(conn, me, other, now);
    }
    if friends::count_requests(conn, &me.id)? >= MAX_REQUESTS {
        let detail = "Too many of your requests wait for an answer. Take one back first.";
        return Err(Error::Conflict(detail));
    }
    let state = match is_blocked {
        true => RequestState::Ignored,
        false => RequestState::Pending,
    };
    friends::put_request(conn, &me.id, &other.id, state, now)?;
    let mut changed = Changed::only((waits.0, true));
    if !is_blocked {
        let push = Push::FriendRequest(request_view(me, now));
        changed.pushes.push((other.id.clone(), push));
    }
    Ok(changed)
}

/// The request of somebody whom the caller has not blocked.
fn request_from(conn: &mut Conn, from: &AccountId, to: &AccountId) -> Result<()> {
    let is_hidden = friends::has_blocked(conn, to, from)?;
    match friends::find_request(conn, from, to)? {
        Some(_) if !is_hidden => Ok(()),
        _ => Err(Error::NotFound("request")),
    }
}

fn befriend(conn: &mut Conn, me: &Name, other: &Name, now: Time) -> Result<Changed<Asked>> {
    for name in [me, other] {
        if friends::count(conn, &name.id)? >= MAX_FRIENDS {
            let detail = "One of you has as many friends as an account can have.";
            return Err(Error::Conflict(detail));
        }
    }
    friends::delete_request(conn, &me.id, &other.id)?;
    friends::delete_request(conn, &other.id, &me.id)?;
    friends::insert(conn, &me.id, &other.id, now)?;
    let state = api::FriendState::Friends;
    Ok(Changed {
        pushes: vec![
            (other.id.clone(), Push::Friend(friendship(me, state))),
            (me.id.clone(), Push::Friend(friendship(other, state))),
        ],
        circles: vec![me.id.clone(), other.id.clone()],
        ..Changed::only((friendship(other, state), true))
    })
}

fn removed(to: &AccountId, who: &Name) -> (AccountId, Push) {
    let friendship = friendship(who, api::FriendState::Removed);
    (to.clone(), Push::Friend(friendship))
}

/// They are friends no more.
fn parted(me: &Name, other: &Name) -> Changed<()> {
    Changed {
        pushes: vec![removed(&other.id, me), removed(&me.id, other)],
        circles: vec![me.id.clone(), other.id.clone()],
        ..Changed::only(())
    }
}

fn block_in(conn: &mut Conn, me: &Name, other: &AccountId, now: Time) -> Result<Changed<()>> {
    if me.id == *other {
        return Err(Error::Yourself);
    }
    let name = store::find_name(conn, other)?.ok_or(Error::NoSuchAccount)?;
    if friends::has_blocked(conn, &me.id, other)? {
        return Ok(Changed::only(()));
    }
    if friends::count_blocks(conn, &me.id)? >= MAX_BLOCKS {
        let detail = "You have blocked as many accounts as you can. Unblock one first.";
        return Err(Error::Conflict(detail));
    }
    friends::insert_block(conn, &me.id, other, now)?;
    friends::delete_request(conn, &me.id, other)?;
    // Theirs goes on looking as if it waited.
    if friends::find_request(conn, other, &me.id)?.is_some() {
        friends::put_request(conn, other, &me.id, RequestState::Ignored, now)?;
    }
    if friends::delete(conn, &me.id, other)? {
        return Ok(parted(me, &name));
    }
    Ok(Changed {
        circles: vec![me.id.clone(), other.clone()],
        ..Changed::only(())
    })
}
