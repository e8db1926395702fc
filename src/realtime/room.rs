//! The Room actor: one for each room that somebody here listens to.
//!
//! It takes everything that waits in one go, encodes each event once, and hands the frames to the hub of each worker
//! with listeners. Keeps true: events leave in the order of `seq`, each once, without a gap (what did not come by itself
//! is read from the log); whoever left or was put out gets nothing after that event; a hub that joins gets everything
//! after the number that it was told. When the last hub has left and nobody is about to join, it ends. It can be lost at
//! any moment: the log is the truth.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;
use playhouse_api::chat::{Event, EventKind};
use uuid::Uuid;

use super::frames::Joiner;
use super::hub::{Delivery, Inbox, To};
use super::outbox::Weight;
use super::rooms::{Item, Join, Queue, Rooms};
use crate::chat::Chat;
use crate::ids::RoomId;

/// Frames of this many bytes are handed over at once.
const CHUNK: usize = 48 * 1024;
/// How often and how long the log is asked for what is missing.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

pub(super) struct Room {
    id: Uuid,
    queue: Arc<Queue>,
    rooms: Rooms,
    chat: Chat,
}

impl Room {
    pub(super) fn new(id: Uuid, queue: Arc<Queue>, rooms: Rooms, chat: Chat) -> Self {
        Self {
            id,
            queue,
            rooms,
            chat,
        }
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let desk = Desk {
            id: self.id,
            queue: Arc::clone(&self.queue),
            rooms: self.rooms.clone(),
            chat: self.chat.clone(),
            hubs: Vec::new(),
            last: None,
            early: VecDeque::new(),
            lost: 0,
            events: Joiner::default(),
            passing: Joiner::default(),
        };
        ctx.spawn(desk.work().into_actor(self).map(|(), _, ctx| ctx.stop()));
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.rooms.ended(self.id, &self.queue);
    }
}

/// The work of a room, and what it knows.
struct Desk {
    id: Uuid,
    queue: Arc<Queue>,
    rooms: Rooms,
    chat: Chat,
    hubs: Vec<Arc<Inbox>>,
    /// The last event that was passed on; none until the first hub has joined.
    last: Option<i64>,
    /// What came before that.
    early: VecDeque<Arc<Event>>,
    /// The last event of those that did not fit before that.
    lost: i64,
    events: Joiner,
    passing: Joiner,
}

/// Why a room ends while somebody listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    /// Its last member has left.
    Closed,
    /// The log does not give what it should have.
    Unreadable,
}

impl Desk {
    async fn work(mut self) {
        loop {
            let items = self.queue.take().await;
            for item in items {
                if let Err(broken) = self.handle(item).await {
                    self.give_up(broken);
                    return;
                }
            }
            self.flush().await;
            if self.hubs.is_empty() && self.rooms.forget(self.id, &self.queue) {
                return;
            }
        }
    }

    async fn handle(&mut self, item: Item) -> Result<(), Broken> {
        match item {
            Item::Event(event) if self.last.is_none() => self.early.push_back(event),
            Item::Event(event) => self.event(event).await?,
            Item::Lost(up_to) if self.last.is_none() => self.lost = up_to,
            Item::Lost(up_to) => self.fill(up_to).await?,
            Item::Passing(json) => self.pass(&json).await,
            Item::Join(join) => self.join(join).await?,
            Item::Leave(hub) => self.hubs.retain(|it| !Arc::ptr_eq(it, &hub)),
            Item::Closed => return Err(Broken::Closed),
        }
        Ok(())
    }

    async fn join(&mut self, join: Join) -> Result<(), Broken> {
        if self.last.is_none() {
            self.last = Some(join.seen);
            for event in std::mem::take(&mut self.early) {
                self.event(event).await?;
            }
        }
        // Another node may have added what this one was not told of.
        self.fill(join.seen.max(self.lost)).await?;
        self.flush().await;
        if !self.hubs.iter().any(|it| Arc::ptr_eq(it, &join.hub)) {
            self.hubs.push(join.hub);
        }
        // Who asked may have gone since.
        let _ = join.answer.send(self.last.unwrap_or_default());
        Ok(())
    }

    async fn event(&mut self, event: Arc<Event>) -> Result<(), Broken> {
        if event.seq > self.last.unwrap_or_default() + 1 {
            self.fill(event.seq - 1).await?;
        }
        self.pass_on(&event).await;
        Ok(())
    }

    /// Reads what is missing up to an event.
    async fn fill(&mut self, up_to: i64) -> Result<(), Broken> {
        for _ in 0..TRIES {
            let Some(last) = self.last.filter(|last| *last < up_to) else {
                return Ok(());
            };
            let room = RoomId::from(self.id);
            match self.chat.between(&room, last, up_to).await {
                Ok(events) => {
                    for event in events {
                        self.pass_on(&event).await;
                    }
                }
                Err(error) => tracing::warn!(%error, "a room could not read its log"),
            }
            if self.last.is_some_and(|last| last < up_to) {
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
        }
        match self.last.is_some_and(|last| last < up_to) {
            true => Err(Broken::Unreadable),
            false => Ok(()),
        }
    }

    /// Encodes the next event; one that was passed on already is left out.
    async fn pass_on(&mut self, event: &Event) {
        if event.seq != self.last.unwrap_or_default() + 1 {
            return;
        }
        self.last = Some(event.seq);
        self.events.add(&Said::Event(event));
        let leaves = matches!(event.kind, EventKind::Leave | EventKind::Kick);
        if leaves || self.events.size() > CHUNK {
            self.flush().await;
        }
        if let Some(account) = event.account.as_ref().filter(|_| leaves) {
            self.send(
                To::LeftRoom(self.id, account.id),
                Bytes::new(),
                Weight::Needed,
            )
            .await;
        }
    }

    async fn pass(&mut self, json: &Bytes) {
        self.passing.add_text(json);
        if self.passing.size() > CHUNK {
            self.flush().await;
        }
    }

    /// Hands over what has been encoded.
    async fn flush(&mut self) {
        let upto = self.last.unwrap_or_default();
        let frames = self.events.take();
        if !frames.is_empty() {
            let to = To::Room(self.id, upto);
            self.send(to, frames, Weight::Needed).await;
        }
        let passing = self.passing.take();
        if !passing.is_empty() {
            let to = To::Passing(self.id);
            self.send(to, passing, Weight::Droppable).await;
        }
    }

    async fn send(&self, to: To, frames: Bytes, weight: Weight) {
        for hub in &self.hubs {
            if weight == Weight::Needed {
                hub.room().await;
            }
            hub.send(Delivery {
                to: to.clone(),
                frames: frames.clone(),
                weight,
            });
        }
    }

    /// Ends the subscriptions.
    fn give_up(&mut self, broken: Broken) {
        for hub in std::mem::take(&mut self.hubs) {
            hub.send(Delivery {
                to: To::EndOfRoom(self.id, broken == Broken::Unreadable),
                frames: Bytes::new(),
                weight: Weight::Needed,
            });
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Its worker is gone: who listens from another one comes back and finds the room as it is.
        self.give_up(Broken::Unreadable);
    }
}

/// An event of a room as it is pushed.
#[derive(serde::Serialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
enum Said<'a> {
    Event(&'a Event),
}
