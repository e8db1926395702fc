//! The seats of one worker, and the one queue by which other threads reach them.
//!
//! An event is encoded once for all workers; each worker's hub takes everything that waits in one go, puts it into the
//! outboxes that it is for, and then writes to each of these connections once. So however many events come together,
//! a connection costs one write. Keeps true: what one thread sends through a hub reaches each seat in that order; the
//! queue is bounded in bytes, and says so when it is full.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use uuid::Uuid;

use super::ending::Ending;
use super::listeners::Listeners;
use super::outbox::Weight;
use super::rooms::{Item, Rooms};
use super::seat::{Seat, SeatId};

/// Bytes that may wait for a hub.
const BACKLOG: usize = 4 << 20;
/// Connections that are written to before other work of the worker has its turn.
const TURN: usize = 256;

/// Whom a frame is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    Account(Uuid),
    Admins,
    Everyone,
    Seats(Arc<[SeatId]>),
    /// Those who listen to a room, with the number of the last event.
    Room(Uuid, i64),
    /// The same with what is not kept.
    Passing(Uuid),
    /// An account has left a room and gets nothing more of it.
    LeftRoom(Uuid, Uuid),
    /// Nobody listens to this room any more; if so they have to come back.
    EndOfRoom(Uuid, bool),
}

/// Frames on their way to seats.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) to: To,
    pub(super) frames: Bytes,
    pub(super) weight: Weight,
}

/// The way into a hub, from any thread.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    queue: Mutex<Queue>,
    hub: AtomicWaker,
}

#[derive(Debug, Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    bytes: usize,
    /// Who waits for room.
    senders: Vec<Waker>,
    /// The worker is gone; nothing is taken any more.
    is_closed: bool,
}

impl Inbox {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a delivery, or leaves it out if it may be and the hub is behind.
    pub(super) fn send(&self, delivery: Delivery) {
        let mut queue = self.queue();
        let is_left_out = delivery.weight == Weight::Droppable && queue.bytes > BACKLOG;
        if is_left_out || queue.is_closed {
            return;
        }
        queue.bytes += delivery.frames.len();
        queue.deliveries.push_back(delivery);
        drop(queue);
        self.hub.wake();
    }

    /// Returns when the hub is not behind. Who sends what has to arrive asks here first.
    pub(super) async fn room(&self) {
        poll_fn(|cx| {
            let mut queue = self.queue();
            if queue.bytes <= BACKLOG || queue.is_closed {
                return Poll::Ready(());
            }
            queue.senders.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.queue().is_closed
    }

    fn close(&self) {
        let mut queue = self.queue();
        queue.is_closed = true;
        queue.deliveries = VecDeque::new();
        queue.senders.drain(..).for_each(Waker::wake);
    }

    /// Whether something waits; wakes the caller when something comes.
    fn has_some(&self, cx: &Context<'_>) -> bool {
        self.hub.register(cx.waker());
        !self.queue().deliveries.is_empty()
    }

    fn take(&self) -> VecDeque<Delivery> {
        let mut queue = self.queue();
        queue.bytes = 0;
        queue.senders.drain(..).for_each(Waker::wake);
        std::mem::take(&mut queue.deliveries)
    }
}

/// The seats of one worker. Lives on its thread.
#[derive(Default)]
pub struct Hub {
    pub(super) inbox: Arc<Inbox>,
    seats: RefCell<HashMap<SeatId, Rc<Seat>>>,
    accounts: RefCell<HashMap<Uuid, Vec<Rc<Seat>>>>,
    listeners: Listeners,
    rooms: OnceCell<Rooms>,
    /// Seats with answers that have not left yet.
    answered: RefCell<Vec<Rc<Seat>>>,
}

impl Hub {
    /// Starts the task of this hub, the first time. Says whether it was.
    pub(super) fn start(self: &Rc<Self>, rooms: &Rooms) -> bool {
        if self.rooms.set(rooms.clone()).is_err() {
            return false;
        }
        let (hub, inbox) = (Rc::downgrade(self), Arc::clone(&self.inbox));
        actix_web::rt::spawn(async move {
            loop {
                let is_open = poll_fn(|cx| match hub.upgrade() {
                    None => Poll::Ready(false),
                    Some(hub) if inbox.has_some(cx) || hub.has_answers() => Poll::Ready(true),
                    Some(_) => Poll::Pending,
                });
                if !is_open.await {
                    return;
                }
                // Whoever is about to add something does so now: a connection is written to once for all of it.
                tokio::task::yield_now().await;
                let Some(hub) = hub.upgrade() else {
                    return;
                };
                hub.deliver(inbox.take()).await;
            }
        });
        true
    }

    pub(super) fn seat(&self, seat: &Rc<Seat>) {
        self.seats.borrow_mut().insert(seat.id, Rc::clone(seat));
        let mut accounts = self.accounts.borrow_mut();
        let seats = accounts.entry(seat.account).or_default();
        seats.push(Rc::clone(seat));
    }

    pub(super) fn unseat(&self, seat: &Seat) {
        for room in seat.rooms() {
            self.quit(room, seat);
        }
        self.seats.borrow_mut().remove(&seat.id);
        let mut accounts = self.accounts.borrow_mut();
        if let Some(seats) = accounts.get_mut(&seat.account) {
            seats.retain(|it| it.id != seat.id);
            if seats.is_empty() {
                accounts.remove(&seat.account);
            }
        }
    }

    /// A seat begins to listen to a room; what comes waits until [`Hub::release`].
    pub(super) fn hold(&self, room: Uuid, seat: &Rc<Seat>) {
        seat.note_room(room, true);
        self.listeners.hold(room, seat);
    }

    /// A seat gets the answer to its request to listen, and all that came after event `upto`. Says whether it still
    /// listens.
    pub(super) fn release(&self, room: Uuid, seat: &Seat, upto: i64, answer: Bytes) -> bool {
        self.listeners.release(room, seat, upto, answer)
    }

    /// A seat does not listen to a room any more.
    pub(super) fn quit(&self, room: Uuid, seat: &Seat) {
        seat.note_room(room, false);
        if self.listeners.quit(room, |it| it.id == seat.id) {
            self.leave(room);
        }
    }

    fn leave(&self, room: Uuid) {
        if let Some(rooms) = self.rooms.get() {
            rooms.tell(room, Item::Leave(Arc::clone(&self.inbox)));
        }
    }

    /// Answers a request of a seat. The frame leaves in a moment, with what else there is for this connection.
    pub(super) fn answer(&self, seat: &Rc<Seat>, frame: Bytes) {
        seat.push(frame, Weight::Needed);
        if seat.touch() {
            self.answered.borrow_mut().push(Rc::clone(seat));
            self.inbox.hub.wake();
        }
    }

    fn has_answers(&self) -> bool {
        !self.answered.borrow().is_empty()
    }

    async fn deliver(&self, deliveries: VecDeque<Delivery>) {
        let mut touched = self.answered.take();
        for delivery in deliveries {
            self.put(&delivery, &mut touched);
        }
        for (count, seat) in touched.into_iter().enumerate() {
            if count % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
            seat.flush();
        }
    }

    /// Puts a delivery into the outboxes that it is for, and notes those that had nothing to do until now.
    fn put(&self, delivery: &Delivery, touched: &mut Vec<Rc<Seat>>) {
        let mut give = |seat: &Rc<Seat>| {
            if seat.touch() {
                touched.push(Rc::clone(seat));
            }
            seat.push(delivery.frames.clone(), delivery.weight);
        };
        match &delivery.to {
            To::Account(account) => {
                let accounts = self.accounts.borrow();
                accounts.get(account).into_iter().flatten().for_each(give);
            }
            To::Admins => {
                let seats = self.seats.borrow();
                seats.values().filter(|it| it.is_admin.get()).for_each(give);
            }
            To::Everyone => self.seats.borrow().values().for_each(&mut give),
            To::Seats(ids) => {
                let seats = self.seats.borrow();
                ids.iter().filter_map(|id| seats.get(id)).for_each(give);
            }
            To::Room(room, upto) => self.listeners.event(*room, *upto, &delivery.frames, give),
            To::Passing(room) => self.listeners.pass(*room, give),
            To::LeftRoom(room, account) => {
                let is_empty = self.listeners.quit(*room, |seat| {
                    let leaves = seat.account == *account;
                    if leaves {
                        seat.note_room(*room, false);
                    }
                    leaves
                });
                if is_empty {
                    self.leave(*room);
                }
            }
            To::EndOfRoom(room, come_back) => {
                self.listeners.quit(*room, |seat| {
                    seat.note_room(*room, false);
                    if *come_back {
                        seat.bell.ring(Ending::TooSlow);
                    }
                    true
                });
            }
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.inbox.close();
    }
}
