//! Rooms: making, finding, joining, leaving, changing, and how far somebody has read.

use playhouse_api::chat as api;
use playhouse_api::events::Event as Push;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use serde_json::json;
use uuid::Uuid;

use super::super::limits::What;
use super::super::model::{
    Draft, EventKind, EventRow, Joined, MemberRow, RoomKind, RoomRole, RoomRow,
};
use super::super::policy::{self, Act};
use super::super::refusal::Error;
use super::super::store::{self, friends};
use super::super::text;
use super::super::writer::Changed;
use super::{
    Caller, Chat, MAX_ROOMS, Result, Scene, add, gone_push, joined_in, joined_rooms, mark_in,
    member_in, room_push,
};
use crate::accounts::Viewer;
use crate::clock::Time;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::ids::{AccountId, RoomId};
use crate::page::PageRequest;

const MAX_SLOW_MODE: i64 = 86_400;
const MAX_RETENTION: i64 = 36_500;

impl Chat {
    /// The rooms of an account, in the order in which they were made.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_rooms(
        &self,
        who: &Viewer,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::Room>> {
        let (me, fetch) = (who.id().clone(), page.rows_to_fetch());
        let after = page.after.map(RoomId::from);
        let rows = self
            .db
            .read(move |conn| joined_rooms(conn, &me, after.as_ref(), fetch))
            .await?;
        Ok(page.page(rows, |it| it.room.id.uuid()).map(|it| it.view()))
    }

    /// A room, for one of its members.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`].
    pub async fn get_room(&self, who: &Viewer, room: RoomId) -> Result<api::Room> {
        let me = who.id().clone();
        let joined = self.db.read(move |conn| {
            let (room, member) = member_in(conn, &room, &me)?;
            joined_in(conn, room, member)
        });
        Ok(joined.await?.view())
    }

    /// Makes a group room that the caller owns.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::RoomNameTaken`], [`Error::Conflict`] with too many rooms, [`Error::Throttled`].
    pub async fn create_room(&self, caller: &Caller, new: api::NewRoom) -> Result<api::Room> {
        let name = checked_name(&new.name)?;
        self.limit(What::Rooms, caller)?;
        let me = caller.id().clone();
        let made = self.writer.change(move |conn, now| {
            let mut room = RoomRow::new(RoomKind::Group, &name, now);
            room_for_one_more(conn, &me)?;
            name_is_free(conn, &room)?;
            store::insert(conn, &room)?;
            let (member, event) = enter(conn, &mut room, &me, RoomRole::Owner, None, now)?;
            store::update(conn, &room)?;
            arrived(conn, room, member, vec![event])
        });
        Ok(made.await?.0.view())
    }

    /// Joins a group room by its name. Who is in it already gets the room all the same.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::Banned`], [`Error::Conflict`] with too many rooms, [`Error::Throttled`].
    pub async fn join_room(&self, caller: &Caller, by_name: api::JoinRoom) -> Result<api::Room> {
        // A join is an event that everybody in the room sees, as a message is.
        self.limit(What::Messages, caller)?;
        let me = caller.id().clone();
        let key = text::name_key(by_name.name.trim());
        let made = self.writer.change(move |conn, now| {
            let mut room = store::find_by_name(conn, &key)?.ok_or(Error::NoSuchRoom)?;
            if let Some(member) = store::find_member(conn, &room.id, &me)? {
                return Ok(Changed::only(joined_in(conn, room, member)?));
            }
            if store::is_banned(conn, &room.id, &me)? {
                return Err(Error::Banned);
            }
            room_for_one_more(conn, &me)?;
            let (member, event) = enter(conn, &mut room, &me, RoomRole::Member, None, now)?;
            store::update(conn, &room)?;
            arrived(conn, room, member, vec![event])
        });
        Ok(made.await?.0.view())
    }

    /// The private room of the caller and a friend, which is made if it is not there yet.
    ///
    /// # Errors
    /// [`Error::Yourself`], [`Error::NoSuchAccount`], [`Error::NotFriends`], [`Error::Conflict`] with too many rooms.
    pub async fn private_room(&self, caller: &Caller, friend: AccountId) -> Result<api::Room> {
        let me = caller.id().clone();
        let made = self
            .writer
            .change(move |conn, now| private_in(conn, &me, &friend, now));
        Ok(made.await?.0.view())
    }

    /// Leaves a group room. With its last member it is gone.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::Forbidden`] for a private room.
    pub async fn leave_room(&self, caller: &Caller, room: RoomId) -> Result<()> {
        let me = caller.id().clone();
        let made = self.writer.change(move |conn, now| {
            let (room, member) = member_in(conn, &room, &me)?;
            if room.kind == RoomKind::Private {
                let detail = "Nobody leaves a private room. End the friendship instead.";
                return Err(Error::Forbidden(detail));
            }
            leave_in(conn, room, &member, Draft::new(EventKind::Leave, &me), now)
        });
        made.await?;
        Ok(())
    }

    /// Changes name, slow mode or retention of a group room.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSuchRoom`], [`Error::Forbidden`], [`Error::RoomNameTaken`].
    pub async fn change_room(
        &self,
        caller: &Caller,
        room: RoomId,
        changes: api::RoomChanges,
    ) -> Result<api::Room> {
        let name = changes.name.as_deref().map(checked_name).transpose()?;
        check_settings(&changes)?;
        let caller = caller.clone();
        let made = self.writer.change(move |conn, now| {
            let mut scene = Scene::open(conn, &caller, &room, now)?;
            let mut events = Vec::new();
            if let Some(name) = name.as_ref().filter(|name| **name != scene.room.name) {
                events.push(rename(conn, &mut scene, name)?);
            }
            events.extend(change_settings(conn, &mut scene, &changes)?);
            scene.close(conn)?;
            let view = match scene.member {
                Some(member) => joined_in(conn, scene.room, member)?.view(),
                None => outsiders_view(&scene.room),
            };
            Ok(Changed {
                events,
                ..Changed::only(view)
            })
        });
        Ok(made.await?.0)
    }

    /// Marks everything up to an event as read. A mark never goes backwards.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::Invalid`] beyond the end.
    pub async fn read_room(&self, who: &Viewer, room: RoomId, seq: i64) -> Result<api::ReadMark> {
        let me = who.id().clone();
        let made = self.writer.change(move |conn, _| {
            let (room, mut member) = member_in(conn, &room, &me)?;
            if !(0..=room.last_seq).contains(&seq) {
                let detail = "seq is from 0 to the last one of the room.";
                return Err(Error::field("seq", FieldCode::OutOfRange, detail));
            }
            let is_new = seq > member.read_seq;
            if is_new {
                member.read_seq = seq;
                store::update_member(conn, &member)?;
            }
            let mark = mark_in(conn, &room, &member)?;
            let mut changed = Changed::only(mark);
            if is_new {
                changed.pushes.push((me.clone(), Push::Read(mark)));
            }
            Ok(changed)
        });
        Ok(made.await?.0)
    }
}

fn checked_name(name: &str) -> Result<String> {
    let mut checks = FieldChecks::default();
    let name = text::room_name(&mut checks, name);
    checks.finish().map_err(Error::Invalid)?;
    Ok(name)
}

fn check_settings(changes: &api::RoomChanges) -> Result<()> {
    let mut checks = FieldChecks::default();
    if let Some(seconds) = changes.slow_mode_seconds {
        checks.require(
            (0..=MAX_SLOW_MODE).contains(&seconds),
            "slow_mode_seconds",
            FieldCode::OutOfRange,
            "slow_mode_seconds is from 0 to 86400.",
        );
    }
    if let Some(Some(days)) = changes.retention_days {
        checks.require(
            (1..=MAX_RETENTION).contains(&days),
            "retention_days",
            FieldCode::OutOfRange,
            "retention_days is from 1 to 36500.",
        );
    }
    checks.finish().map_err(Error::Invalid)
}

pub(super) fn room_for_one_more(conn: &mut Conn, who: &AccountId) -> Result<()> {
    match store::count_joined(conn, who)? < MAX_ROOMS {
        true => Ok(()),
        false => Err(Error::Conflict(
            "This account is in as many rooms as it can be. Leave one first.",
        )),
    }
}

/// Whether no other room has the name of this one.
fn name_is_free(conn: &mut Conn, room: &RoomRow) -> Result<()> {
    let key = room.name_key.as_deref().unwrap_or_default();
    match store::find_by_name(conn, key)? {
        Some(other) if other.id != room.id => Err(Error::RoomNameTaken),
        _ => Ok(()),
    }
}

/// Makes somebody a member. The room's row is to be written afterwards.
pub(super) fn enter(
    conn: &mut Conn,
    room: &mut RoomRow,
    who: &AccountId,
    role: RoomRole,
    by: Option<&AccountId>,
    now: Time,
) -> Result<(MemberRow, EventRow)> {
    let mut draft = Draft::new(EventKind::Join, who);
    draft.by = by.cloned();
    let event = add(conn, room, draft, now)?;
    room.members_count += 1;
    let member = MemberRow {
        room_id: room.id.clone(),
        account_id: who.clone(),
        role,
        read_seq: event.seq,
        joined_at: now,
        muted_until: None,
        last_sent_at: None,
    };
    store::insert_member(conn, &member)?;
    Ok((member, event))
}

/// Somebody has come into a room by themselves: their other screens are told.
fn arrived(
    conn: &mut Conn,
    room: RoomRow,
    member: MemberRow,
    events: Vec<EventRow>,
) -> Result<Changed<Joined>> {
    let push = room_push(conn, &room, &member)?;
    Ok(Changed {
        events,
        pushes: vec![push],
        ..Changed::only(joined_in(conn, room, member)?)
    })
}

/// Takes a member out of a room, with the event that says so.
pub(super) fn leave_in(
    conn: &mut Conn,
    mut room: RoomRow,
    member: &MemberRow,
    draft: Draft,
    now: Time,
) -> Result<Changed<()>> {
    let mut events = vec![add(conn, &mut room, draft, now)?];
    store::delete_member(conn, &room.id, &member.account_id)?;
    room.members_count -= 1;
    let mut changed = Changed::only(());
    changed.pushes.push(gone_push(&room, &member.account_id));
    if room.members_count == 0 {
        store::delete(conn, &room.id)?;
        changed.closed.push(room.id.clone());
        changed.events = events;
        return Ok(changed);
    }
    if member.role == RoomRole::Owner
        && let Some(mut heir) = store::find_heir(conn, &room.id)?
    {
        heir.role = RoomRole::Owner;
        store::update_member(conn, &heir)?;
        let mut draft = Draft::new(EventKind::Role, &heir.account_id);
        draft.detail.role = Some(api::RoomRole::Owner);
        events.push(add(conn, &mut room, draft, now)?);
    }
    store::update(conn, &room)?;
    changed.events = events;
    Ok(changed)
}

fn private_in(
    conn: &mut Conn,
    me: &AccountId,
    friend: &AccountId,
    now: Time,
) -> Result<Changed<Joined>> {
    if me == friend {
        return Err(Error::Yourself);
    }
    store::find_name(conn, friend)?.ok_or(Error::NoSuchAccount)?;
    let key = RoomRow::pair_key(me, friend);
    if let Some(room) = store::find_by_pair(conn, &key)? {
        // Those who were friends still find what they wrote.
        let member = store::find_member(conn, &room.id, me)?.ok_or(Error::NoSuchRoom)?;
        return match friends::are_friends(conn, me, friend)? {
            true => Ok(Changed::only(joined_in(conn, room, member)?)),
            false => Err(Error::NotFriends),
        };
    }
    if !friends::are_friends(conn, me, friend)? {
        return Err(Error::NotFriends);
    }
    room_for_one_more(conn, me)?;
    let mut room = RoomRow::new(RoomKind::Private, "", now);
    room.pair_key = Some(key);
    store::insert(conn, &room)?;
    let (mut mine, first) = enter(conn, &mut room, me, RoomRole::Member, None, now)?;
    let (mut theirs, second) = enter(conn, &mut room, friend, RoomRole::Member, Some(me), now)?;
    // That both came in is not news to either.
    for member in [&mut mine, &mut theirs] {
        member.read_seq = room.last_seq;
        store::update_member(conn, member)?;
    }
    store::update(conn, &room)?;
    let push = room_push(conn, &room, &theirs)?;
    let mut changed = arrived(conn, room, mine, vec![first, second])?;
    changed.pushes.push(push);
    Ok(changed)
}

fn rename(conn: &mut Conn, scene: &mut Scene, name: &str) -> Result<EventRow> {
    let detail = json!({"from": scene.room.name, "to": name});
    scene.permit(conn, "room.rename", &detail, |room, rank| {
        policy::may(room, rank, Act::Rename)
    })?;
    name.clone_into(&mut scene.room.name);
    scene.room.name_key = Some(text::name_key(name));
    name_is_free(conn, &scene.room)?;
    let mut draft = Draft::new(EventKind::Rename, scene.caller.id());
    draft.body = Some(name.to_owned());
    scene.add(conn, draft)
}

fn change_settings(
    conn: &mut Conn,
    scene: &mut Scene,
    changes: &api::RoomChanges,
) -> Result<Option<EventRow>> {
    let slow_mode = changes.slow_mode_seconds;
    let slow_mode = slow_mode.filter(|it| *it != scene.room.slow_mode_seconds);
    let retention = changes.retention_days;
    let retention = retention.filter(|it| *it != scene.room.retention_days);
    if slow_mode.is_none() && retention.is_none() {
        return Ok(None);
    }
    let act = match retention {
        Some(_) => Act::Retention,
        None => Act::SlowMode,
    };
    let detail = json!({"slow_mode_seconds": slow_mode, "retention_days": retention});
    scene.permit(conn, "room.settings", &detail, |room, rank| {
        policy::may(room, rank, act)
    })?;
    let room = &mut scene.room;
    room.slow_mode_seconds = slow_mode.unwrap_or(room.slow_mode_seconds);
    room.retention_days = retention.unwrap_or(room.retention_days);
    let mut draft = Draft::new(EventKind::Settings, scene.caller.id());
    draft.detail.slow_mode_seconds = Some(room.slow_mode_seconds);
    draft.detail.retention_days = room.retention_days;
    scene.add(conn, draft).map(Some)
}

/// A room as an admin sees it who is not in it: they moderate, and read nothing of it.
fn outsiders_view(room: &RoomRow) -> api::Room {
    let nobody = MemberRow {
        room_id: room.id.clone(),
        account_id: AccountId::from(Uuid::nil()),
        role: RoomRole::Member,
        read_seq: room.last_seq,
        joined_at: room.created_at,
        muted_until: None,
        last_sent_at: None,
    };
    let joined = Joined {
        room: room.clone(),
        member: nobody,
        mentions: 0,
        peer: None,
        last: None,
    };
    joined.view()
}
