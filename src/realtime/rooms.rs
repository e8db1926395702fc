//! What comes to a room, and the registry of the rooms that somebody here listens to.
//!
//! Events come from the thread that committed them and must not wait: they go into the room's queue. The queue is
//! bounded; what finds no room is left out and noted, and the room reads it from the log.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use actix::Actor as _;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use playhouse_api::chat::Event;
use prometheus::IntGauge;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::hub::Inbox;
use super::room::Room;
use crate::chat::Chat;

/// Events and frames that may wait for a room.
const QUEUE: usize = 4096;
/// Above this typing is left out.
const BUSY: usize = 1024;

/// Something on its way to a room.
pub(super) enum Item {
    Event(Arc<Event>),
    /// Events up to this one did not fit.
    Lost(i64),
    /// JSON that is not kept.
    Passing(Bytes),
    Join(Join),
    Leave(Arc<Inbox>),
    /// The room is gone.
    Closed,
}

/// A hub has somebody who listens.
pub(super) struct Join {
    pub(super) hub: Arc<Inbox>,
    /// Where the log ended when it was looked at, after the room had begun to collect.
    pub(super) seen: i64,
    /// The last event that was passed on; the hub gets all after it.
    pub(super) answer: oneshot::Sender<i64>,
}

/// The queue of a room.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    room: AtomicWaker,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    /// Those who are about to join.
    visitors: usize,
    /// One of them has gone since somebody looked.
    has_left: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, events: &[Arc<Event>]) {
        let mut state = self.state();
        for event in events {
            if state.items.len() < QUEUE {
                state.items.push_back(Item::Event(Arc::clone(event)));
                continue;
            }
            match state.items.back_mut() {
                Some(Item::Lost(up_to)) => *up_to = event.seq,
                _ => state.items.push_back(Item::Lost(event.seq)),
            }
        }
        drop(state);
        self.room.wake();
    }

    /// Adds what must not be lost; there is at most one for each connection.
    pub(super) fn push(&self, item: Item) {
        self.state().items.push_back(item);
        self.room.wake();
    }

    fn pass(&self, json: Bytes) {
        let mut state = self.state();
        if state.items.len() < BUSY {
            state.items.push_back(Item::Passing(json));
            drop(state);
            self.room.wake();
        }
    }

    /// Everything that waits, when there is something; nothing when somebody who was about to join has gone.
    pub(super) async fn take(&self) -> VecDeque<Item> {
        poll_fn(|cx| {
            self.room.register(cx.waker());
            let mut state = self.state();
            if !std::mem::take(&mut state.has_left) && state.items.is_empty() {
                return Poll::Pending;
            }
            Poll::Ready(std::mem::take(&mut state.items))
        })
        .await
    }
}

/// The rooms of this node that somebody listens to; cheap to copy.
#[derive(Clone)]
pub(super) struct Rooms {
    all: Arc<Mutex<HashMap<Uuid, Arc<Queue>>>>,
    open: IntGauge,
}

/// Somebody who is about to join. While this is there the room does not end.
pub(super) struct Visit {
    pub(super) queue: Arc<Queue>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.visitors -= 1;
        state.has_left = true;
        drop(state);
        self.queue.room.wake();
    }
}

impl Rooms {
    pub(super) fn new(open: IntGauge) -> Self {
        Self {
            all: Arc::default(),
            open,
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Queue>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The room, which collects events from now on. Its actor is started on this thread if it is not there.
    pub(super) fn visit(&self, room: Uuid, chat: &Chat) -> Visit {
        let mut all = self.all();
        let queue = all.entry(room).or_insert_with(|| {
            let queue = Arc::<Queue>::default();
            self.open.inc();
            Room::new(room, Arc::clone(&queue), self.clone(), chat.clone()).start();
            queue
        });
        queue.state().visitors += 1;
        Visit {
            queue: Arc::clone(queue),
        }
    }

    /// Passes events on to the room, if somebody listens to it.
    pub(super) fn add(&self, room: Uuid, events: &[Arc<Event>]) {
        let queue = self.all().get(&room).cloned();
        if let Some(queue) = queue {
            queue.add(events);
        }
    }

    /// Passes something on that is not kept.
    pub(super) fn pass(&self, room: Uuid, json: Bytes) {
        let queue = self.all().get(&room).cloned();
        if let Some(queue) = queue {
            queue.pass(json);
        }
    }

    /// Tells the room something, if it is there.
    pub(super) fn tell(&self, room: Uuid, item: Item) {
        let queue = self.all().get(&room).cloned();
        if let Some(queue) = queue {
            queue.push(item);
        }
    }

    /// Forgets a room to which nobody listens, unless somebody is about to. Says whether it is forgotten.
    pub(super) fn forget(&self, room: Uuid, queue: &Arc<Queue>) -> bool {
        let mut all = self.all();
        let state = queue.state();
        if state.visitors > 0 || state.items.iter().any(|it| matches!(it, Item::Join(_))) {
            return false;
        }
        let is_known = all.get(&room).is_some_and(|it| Arc::ptr_eq(it, queue));
        if is_known {
            all.remove(&room);
        }
        true
    }

    /// A room's actor is gone, whatever ended it: nobody finds its queue any more.
    pub(super) fn ended(&self, room: Uuid, queue: &Arc<Queue>) {
        let mut all = self.all();
        if all.get(&room).is_some_and(|it| Arc::ptr_eq(it, queue)) {
            all.remove(&room);
        }
        self.open.dec();
    }
}
