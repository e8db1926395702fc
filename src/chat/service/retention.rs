//! Rooms that do not keep everything: their earliest events go when they are too old.
//!
//! The log stays without a gap: it begins at `first_seq` instead of 1, and whoever asks for what was before starts over.

use chrono::TimeDelta;

use super::super::refusal::Error;
use super::super::store::{self, log, messages};
use super::super::writer::Changed;
use super::{Chat, Result};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::RoomId;

/// Rooms that are looked at in one go.
const ROOMS: i64 = 100;
/// Events that are dropped in one go, so that messages need not wait long.
const EVENTS: i64 = 2000;

impl Chat {
    /// Drops what rooms need not keep any longer; how many events went.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self) -> Result<i64> {
        let (mut after, mut gone) = (None::<RoomId>, 0);
        loop {
            let (house_forgets, from) = (self.config.retention_days > 0, after.clone());
            let rooms = self
                .db
                .read::<_, Error, _>(move |conn| {
                    let from = from.as_ref();
                    Ok(store::list_forgetful(conn, house_forgets, from, ROOMS)?)
                })
                .await?;
            let Some(last) = rooms.last() else {
                return Ok(gone);
            };
            after = Some(last.id.clone());
            for room in rooms {
                gone += self.forget(room.id).await?;
            }
        }
    }

    async fn forget(&self, room: RoomId) -> Result<i64> {
        let of_house = self.config.retention_days;
        let mut gone = 0;
        loop {
            let id = room.clone();
            let made = self
                .writer
                .change(move |conn, now| forget_in(conn, &id, of_house, now));
            match made.await?.0 {
                0 => return Ok(gone),
                some => gone += some,
            }
        }
    }
}

/// Drops some of the events that are older than the room keeps them; how many. The room says it in this transaction: an
/// owner may have changed it a moment ago.
fn forget_in(conn: &mut Conn, id: &RoomId, of_house: i64, now: Time) -> Result<Changed<i64>> {
    let Some(mut room) = store::find(conn, id)? else {
        return Ok(Changed::only(0));
    };
    let days = room.retention_days.unwrap_or(of_house);
    let Some(age) = TimeDelta::try_days(days).filter(|_| days > 0) else {
        return Ok(Changed::only(0));
    };
    let before = now - age;
    let kept = log::first_since(conn, id, before)?.unwrap_or(room.last_seq + 1);
    let first = kept.min(room.first_seq + EVENTS);
    if first <= room.first_seq {
        return Ok(Changed::only(0));
    }
    let gone = first - room.first_seq;
    log::drop_below(conn, id, first)?;
    messages::drop_below(conn, id, first)?;
    room.first_seq = first;
    store::update(conn, &room)?;
    Ok(Changed::only(gone))
}
