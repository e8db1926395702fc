//! Members of group rooms: lists, invitations, roles, kicks, bans and mutes.

use playhouse_api::chat as api;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use serde_json::json;
use uuid::Uuid;

use super::super::model::{Draft, EventKind, EventRow, MemberRow, Name, RoomRole};
use super::super::policy::{self, Act, Rank};
use super::super::refusal::Error;
use super::super::store::{self, friends};
use super::super::writer::Changed;
use super::rooms::{enter, leave_in, room_for_one_more};
use super::{Caller, Chat, Result, Scene, member_in, room_push};
use crate::accounts::Viewer;
use crate::db::Conn;
use crate::ids::{AccountId, RoomId};
use crate::page::PageRequest;

impl Chat {
    /// The members of a room, in the order of their ids, for one of them.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`].
    pub async fn list_members(
        &self,
        who: &Viewer,
        room: RoomId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::Member>> {
        let (me, fetch) = (who.id().clone(), page.rows_to_fetch());
        let after = page.after.map(AccountId::from);
        let (rows, seen) = self
            .db
            .read::<_, Error, _>(move |conn| {
                member_in(conn, &room, &me)?;
                let rows = store::list_members(conn, &room, after.as_ref(), fetch)?;
                let hidden = friends::estranged(conn, &me)?;
                let ids = rows.iter().map(|(it, _)| it.account_id.clone());
                let ids: Vec<AccountId> = ids.filter(|id| !hidden.contains(id)).collect();
                let seen = store::seen::of(conn, &me, &ids)?;
                Ok((rows, seen))
            })
            .await?;
        let page = page.page(rows, |(it, _)| it.account_id.uuid());
        Ok(page.map(|(member, username)| {
            let online = self.listeners.is_online(&member.account_id);
            let last_seen = seen.get(&member.account_id).filter(|_| !online);
            api::Member {
                last_seen_at: last_seen.map(chrono::NaiveDateTime::and_utc),
                ..member.view(username)
            }
        }))
    }

    /// Brings a friend into a group room; being friends is their consent. Says whether they are new there.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::Forbidden`] for a private room, [`Error::Yourself`], [`Error::NoSuchAccount`],
    /// [`Error::NotFriends`], [`Error::IsBanned`], [`Error::Conflict`] when the friend has too many rooms.
    pub async fn invite(
        &self,
        caller: &Caller,
        room: RoomId,
        friend: AccountId,
    ) -> Result<(api::Member, bool)> {
        let me = caller.id().clone();
        let made = self.writer.change(move |conn, now| {
            let (mut room, mine) = member_in(conn, &room, &me)?;
            policy::may(&room, Rank::of_role(mine.role), Act::Invite)?;
            if me == friend {
                return Err(Error::Yourself);
            }
            let name = store::find_name(conn, &friend)?.ok_or(Error::NoSuchAccount)?;
            if !friends::are_friends(conn, &me, &friend)? {
                return Err(Error::NotFriends);
            }
            if let Some(member) = store::find_member(conn, &room.id, &friend)? {
                return Ok(Changed::only((member.view(name.username), false)));
            }
            if store::is_banned(conn, &room.id, &friend)? {
                return Err(Error::IsBanned);
            }
            room_for_one_more(conn, &friend)?;
            let role = RoomRole::Member;
            let (member, event) = enter(conn, &mut room, &friend, role, Some(&me), now)?;
            store::update(conn, &room)?;
            Ok(Changed {
                events: vec![event],
                pushes: vec![room_push(conn, &room, &member)?],
                ..Changed::only((member.view(name.username), true))
            })
        });
        Ok(made.await?.0)
    }

    /// Puts a member out of a group room.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::NotFound`] when they are not in it, [`Error::Yourself`], [`Error::Forbidden`].
    pub async fn kick(&self, caller: &Caller, room: RoomId, other: AccountId) -> Result<()> {
        let caller = caller.clone();
        let made = self.writer.change(move |conn, now| {
            let scene = Scene::open(conn, &caller, &room, now)?;
            let member = other_in(conn, &scene, &other)?;
            moderate(conn, &scene, Some(&member), "room.kick", &other)?;
            put_out(conn, scene, &member, false)
        });
        made.await?;
        Ok(())
    }

    /// Who is banned from a group room, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::Forbidden`].
    pub async fn list_bans(
        &self,
        caller: &Caller,
        room: RoomId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::Ban>> {
        let (caller, fetch) = (caller.clone(), page.rows_to_fetch());
        let (after, now) = (page.after.map(AccountId::from), self.clock.now());
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                let scene = Scene::open(conn, &caller, &room, now)?;
                let is_admin = caller.viewer.is_admin();
                let rank = Rank::of(&scene.room, scene.member.as_ref(), is_admin);
                policy::may(&scene.room, rank, Act::SeeBans)?;
                Ok(store::list_bans(conn, &room, after.as_ref(), fetch)?)
            })
            .await?;
        let page = page.page(rows, |(id, _, _)| id.uuid());
        Ok(page.map(|(id, username, at)| api::Ban {
            account: Name { id, username }.view(),
            created_at: at.and_utc(),
        }))
    }

    /// Bans an account from a group room, and puts it out if it is in it. A second time nothing happens.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::NoSuchAccount`], [`Error::Yourself`], [`Error::Forbidden`].
    pub async fn ban(&self, caller: &Caller, room: RoomId, other: AccountId) -> Result<()> {
        let caller = caller.clone();
        let made = self.writer.change(move |conn, now| {
            let scene = Scene::open(conn, &caller, &room, now)?;
            store::find_name(conn, &other)?.ok_or(Error::NoSuchAccount)?;
            if other == *caller.id() {
                return Err(Error::Yourself);
            }
            let member = store::find_member(conn, &room, &other)?;
            moderate(conn, &scene, member.as_ref(), "room.ban", &other)?;
            if !store::is_banned(conn, &room, &other)? {
                store::insert_ban(conn, &room, &other, caller.id(), now)?;
            }
            match member {
                Some(member) => put_out(conn, scene, &member, true),
                None => Ok(Changed::only(())),
            }
        });
        made.await?;
        Ok(())
    }

    /// Lifts a ban.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::Forbidden`], [`Error::NotFound`] when there is none.
    pub async fn unban(&self, caller: &Caller, room: RoomId, other: AccountId) -> Result<()> {
        let caller = caller.clone();
        let made = self.writer.change(move |conn, now| {
            let scene = Scene::open(conn, &caller, &room, now)?;
            let detail = json!({"account_id": other.as_str()});
            scene.permit(conn, "room.unban", &detail, |room, rank| {
                policy::may(room, rank, Act::LiftBan)
            })?;
            match store::delete_ban(conn, &room, &other)? {
                true => Ok(Changed::only(())),
                false => Err(Error::NotFound("ban")),
            }
        });
        made.await?;
        Ok(())
    }

    /// Changes the role of a member, or mutes them. The role `owner` hands the room over: who owned it becomes a
    /// moderator.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::Yourself`], [`Error::Invalid`],
    /// [`Error::Conflict`] for the owner, who hands the room over first.
    pub async fn change_member(
        &self,
        caller: &Caller,
        room: RoomId,
        other: AccountId,
        changes: api::MemberChanges,
    ) -> Result<api::Member> {
        let caller = caller.clone();
        let made = self.writer.change(move |conn, now| {
            let mut scene = Scene::open(conn, &caller, &room, now)?;
            let member = store::find_member(conn, &room, &other)?;
            let mut member = member.ok_or(Error::NotFound("member"))?;
            let mut events = Vec::new();
            if let Some(role) = changes.role.map(RoomRole::from) {
                events.extend(give_role(conn, &mut scene, &mut member, role)?);
            }
            if let Some(until) = changes.muted_until {
                let until = until.map(|at| at.naive_utc());
                events.extend(mute(conn, &mut scene, &mut member, until)?);
            }
            store::update_member(conn, &member)?;
            scene.close(conn)?;
            let name = store::find_name(conn, &other)?;
            let username = name.map(|it| it.username).unwrap_or_default();
            let push = room_push(conn, &scene.room, &member)?;
            Ok(Changed {
                pushes: if events.is_empty() {
                    Vec::new()
                } else {
                    vec![push]
                },
                events,
                ..Changed::only(member.view(username))
            })
        });
        Ok(made.await?.0)
    }
}

/// The member that somebody else acts upon.
fn other_in(conn: &mut Conn, scene: &Scene, other: &AccountId) -> Result<MemberRow> {
    if other == scene.caller.id() {
        return Err(Error::Yourself);
    }
    store::find_member(conn, &scene.room.id, other)?.ok_or(Error::NotFound("member"))
}

fn moderate(
    conn: &mut Conn,
    scene: &Scene,
    member: Option<&MemberRow>,
    action: &str,
    other: &AccountId,
) -> Result<()> {
    let detail = json!({"account_id": other.as_str()});
    let rank_of_other = Rank::of_member(member);
    scene.permit(conn, action, &detail, |room, rank| {
        policy::may_moderate(room, rank, rank_of_other)
    })
}

fn put_out(conn: &mut Conn, scene: Scene, member: &MemberRow, is_ban: bool) -> Result<Changed<()>> {
    let mut draft = Draft::new(EventKind::Kick, &member.account_id);
    draft.by = Some(scene.caller.id().clone());
    draft.detail.banned = is_ban.then_some(true);
    // An admin who is not in the room may put its last member out: then it is gone.
    leave_in(conn, scene.room, member, draft, scene.now)
}

fn give_role(
    conn: &mut Conn,
    scene: &mut Scene,
    member: &mut MemberRow,
    role: RoomRole,
) -> Result<Vec<EventRow>> {
    let detail = json!({"account_id": member.account_id.as_str(), "role": role.as_str()});
    scene.permit(conn, "room.role", &detail, policy::may_give_role)?;
    if member.role == role {
        return Ok(Vec::new());
    }
    if member.role == RoomRole::Owner {
        let detail = "A room has an owner. Make somebody else the owner instead.";
        return Err(Error::Conflict(detail));
    }
    let mut events = Vec::new();
    if role == RoomRole::Owner
        && let Some(mut owner) = store::find_owner(conn, &scene.room.id)?
    {
        owner.role = RoomRole::Moderator;
        store::update_member(conn, &owner)?;
        events.push(role_event(conn, scene, &owner)?);
    }
    member.role = role;
    events.push(role_event(conn, scene, member)?);
    Ok(events)
}

fn role_event(conn: &mut Conn, scene: &mut Scene, member: &MemberRow) -> Result<EventRow> {
    let mut draft = Draft::new(EventKind::Role, &member.account_id);
    let by = scene.caller.id();
    draft.by = (*by != member.account_id).then(|| by.clone());
    draft.detail.role = Some(member.role.into());
    scene.add(conn, draft)
}

fn mute(
    conn: &mut Conn,
    scene: &mut Scene,
    member: &mut MemberRow,
    until: Option<crate::clock::Time>,
) -> Result<Option<EventRow>> {
    if member.account_id == *scene.caller.id() {
        return Err(Error::Yourself);
    }
    moderate(
        conn,
        scene,
        Some(member),
        "room.mute",
        &member.account_id.clone(),
    )?;
    if until.is_some_and(|until| until <= scene.now || until > scene.now + TEN_YEARS) {
        let detail = "muted_until lies in the next ten years.";
        return Err(Error::field("muted_until", FieldCode::OutOfRange, detail));
    }
    // Both databases keep microseconds.
    let until = until.and_then(|at| {
        let us = at.and_utc().timestamp_micros();
        chrono::DateTime::from_timestamp_micros(us).map(|at| at.naive_utc())
    });
    if member.muted_until == until {
        return Ok(None);
    }
    member.muted_until = until;
    let mut draft = Draft::new(EventKind::Mute, &member.account_id);
    draft.by = Some(scene.caller.id().clone());
    draft.detail.muted_until = until.map(|at| at.and_utc());
    scene.add(conn, draft).map(Some)
}

const TEN_YEARS: chrono::TimeDelta = chrono::TimeDelta::days(3653);
