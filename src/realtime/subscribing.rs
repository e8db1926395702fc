//! How a connection begins to listen to a room.
//!
//! There is no moment between what the answer holds and what is pushed: the seat is held in its hub first, then the room
//! says after which event everything reaches the hub, then the log is read up to that event, under the question whether
//! the account is still a member. What came meanwhile waits, and follows the answer from the next event on.

use std::sync::Arc;
use std::time::Duration;

use playhouse_api::chat::Event;
use playhouse_api::problem::{ErrorCode, FieldCode};
use playhouse_api::realtime::{Answer, Subscribed};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::frames;
use super::requests::{Desk, busy};
use super::rooms::{Item, Join};
use crate::chat::Missed;
use crate::error::{Error, Result};
use crate::ids::RoomId;

/// How long a room may take to let somebody in.
const PATIENCE: Duration = Duration::from_secs(10);

/// What of a room's log a client has seen.
pub(super) enum Since {
    /// Nothing, so it does not matter of which log.
    Start,
    /// Everything up to an event of the log with this epoch.
    Event(i64, String),
}

impl Since {
    /// None when the client does not say it, or not of which log.
    pub(super) fn read(after_seq: Option<i64>, epoch: Option<String>) -> Option<Self> {
        match (after_seq?, epoch) {
            (after, Some(epoch)) => Some(Self::Event(after, epoch)),
            (0, None) => Some(Self::Start),
            (_, None) => None,
        }
    }
}

impl Desk {
    /// Listens to a room, since an event of a log if they are given. Answers by itself.
    ///
    /// # Errors
    /// No such room for who is not in it; too many rooms; the room is busy.
    pub(super) async fn subscribe(
        &self,
        id: Option<u64>,
        room: Uuid,
        since: Option<Since>,
    ) -> Result<()> {
        let most = self.realtime.config().max_subscriptions;
        if !self.seat.listens_to(room) && self.seat.rooms().len() >= most {
            let detail = format!("A connection listens to at most {most} rooms.");
            return Err(Error::field("room", FieldCode::OutOfRange, &detail));
        }
        self.hub.quit(room, &self.seat);
        self.hub.hold(room, &self.seat);
        let found = match self.catch_up(room, since).await {
            Ok(found) => found,
            Err(error) => {
                self.hub.quit(room, &self.seat);
                return Err(error);
            }
        };
        let (upto, answer) = (found.seq, self.encoded(id, found));
        match self.hub.release(room, &self.seat, upto, answer) {
            true => Ok(()),
            // Put out this moment.
            false => Err(Error::new(ErrorCode::NoSuchRoom, "There is no such room.")),
        }
    }

    async fn catch_up(&self, room: Uuid, since: Option<Since>) -> Result<Subscribed> {
        let (chat, viewer) = (&self.realtime.chat, &self.caller.viewer);
        let visit = self.realtime.house.rooms().visit(room, chat);
        let id = RoomId::from(room);
        let turn = self.realtime.turn().await;
        let head = chat.may_listen(viewer, &id).await?;
        drop(turn);
        let (answer, joined) = oneshot::channel();
        visit.queue.push(Item::Join(Join {
            hub: Arc::clone(&self.hub.inbox),
            seen: head.last_seq,
            answer,
        }));
        let seq = tokio::time::timeout(PATIENCE, joined).await;
        let seq = seq
            .ok()
            .and_then(std::result::Result::ok)
            .ok_or_else(busy)?;
        let is_resuming = since.is_some();
        let (after, epoch) = match since {
            Some(Since::Start) => (0, head.epoch.clone()),
            Some(Since::Event(after, epoch)) => (after, epoch),
            None => (seq, head.epoch.clone()),
        };
        let _turn = self.realtime.turn().await;
        // Asks again who is a member: who was put out before the hub had joined was told nothing.
        let missed = chat.missed(viewer, &id, after, &epoch, seq).await?;
        let (recovered, events) = match missed {
            Missed::Everything(events) if is_resuming => (true, Some(events)),
            Missed::Everything(_) | Missed::StartOver => (false, None),
        };
        Ok(Subscribed {
            recovered,
            events,
            seq,
            epoch: head.epoch,
        })
    }

    /// The answer, without the events if they are more than a slow connection may leave unread.
    fn encoded(&self, id: Option<u64>, found: Subscribed) -> bytes::Bytes {
        let text = |event: &Arc<Event>| event.body.as_ref().map_or(400, |body| body.len() + 400);
        let size: usize = found.events.iter().flatten().map(text).sum();
        let fits = size <= self.realtime.config().outbox_bytes / 2;
        let found = match fits {
            true => found,
            false => Subscribed {
                recovered: false,
                events: None,
                ..found
            },
        };
        match id {
            Some(_) => frames::reply(id, Answer::Ok(found)),
            None => bytes::Bytes::new(),
        }
    }
}
