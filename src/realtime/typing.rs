//! "Somebody is writing": passed on to those who listen to a room, and kept nowhere.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use playhouse_api::events::Event;
use playhouse_api::problem::ErrorCode;
use playhouse_api::realtime::TypingEvent;
use tokio::time::Instant;
use uuid::Uuid;

use super::requests::Desk;
use crate::error::{Error, Result};
use crate::ids::{AccountId, RoomId};

/// When and where this connection said last that somebody writes.
#[derive(Default)]
pub(super) struct Typing {
    last: HashMap<Uuid, Instant>,
    /// The private rooms in which it may, under these circles.
    allowed: HashSet<Uuid>,
    circles: u64,
}

impl Desk {
    /// Passes on that somebody writes, to those who listen to a room that this connection listens to itself.
    pub(super) async fn type_in(&mut self, room: Uuid) -> Result<()> {
        self.may_write()?;
        if !self.seat.listens_to(room) {
            return Err(Error::new(
                ErrorCode::NoSuchRoom,
                "Subscribe to the room first.",
            ));
        }
        let pause = Duration::from_millis(self.realtime.config().typing_pause_ms);
        let (now, last) = (Instant::now(), self.typing.last.get(&room));
        if last.is_some_and(|last| now.saturating_duration_since(*last) < pause) {
            return Ok(());
        }
        if !self.may_type(room).await? {
            return Ok(());
        }
        if self.typing.last.len() >= self.realtime.config().max_subscriptions {
            self.typing.last.clear();
        }
        self.typing.last.insert(room, now);
        let account = &self.caller.viewer.account;
        let event = Event::Typing(TypingEvent {
            room_id: room,
            account_id: account.id.uuid(),
            username: account.username.clone(),
        });
        let json = serde_json::to_vec(&event).map_err(Error::internal)?;
        self.realtime.house.rooms().pass(room, json.into());
        Ok(())
    }

    /// In a private room only who could send a message is seen writing. Asked again when a circle has changed.
    async fn may_type(&mut self, room: Uuid) -> Result<bool> {
        let circles = self.realtime.house.presence().circles();
        if self.typing.circles != circles {
            self.typing.circles = circles;
            self.typing.allowed.clear();
        }
        if self.typing.allowed.contains(&room) {
            return Ok(true);
        }
        let (chat, viewer) = (&self.realtime.chat, &self.caller.viewer);
        let known = chat.get_room(viewer, RoomId::from(room)).await?;
        let may = match known.peer {
            Some(peer) => {
                let circle = chat.circle(viewer.id()).await?;
                circle.accounts.contains(&AccountId::from(peer.id))
            }
            None => true,
        };
        if may {
            self.typing.allowed.insert(room);
        }
        Ok(may)
    }
}
