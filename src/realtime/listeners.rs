//! Which seats of a worker listen to which rooms, and what waits for those who have just begun to.
//!
//! Keeps true: a seat that begins to listen gets its answer first, then every event after the one that the answer ends
//! with, and none twice.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;
use uuid::Uuid;

use super::ending::Ending;
use super::outbox::Weight;
use super::seat::Seat;

/// Bytes of events that may wait for the answer to a request to listen.
const HELD: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(super) struct Listeners {
    rooms: RefCell<HashMap<Uuid, Vec<Listener>>>,
}

#[derive(Debug)]
struct Listener {
    seat: Rc<Seat>,
    held: Option<Box<Held>>,
}

/// Events that came before the answer, by the number of the last one.
#[derive(Debug, Default)]
struct Held {
    events: Vec<(i64, Bytes)>,
    bytes: usize,
}

impl Listeners {
    pub(super) fn hold(&self, room: Uuid, seat: &Rc<Seat>) {
        let mut rooms = self.rooms.borrow_mut();
        let listeners = rooms.entry(room).or_default();
        listeners.retain(|it| it.seat.id != seat.id);
        listeners.push(Listener {
            seat: Rc::clone(seat),
            held: Some(Box::default()),
        });
    }

    pub(super) fn release(&self, room: Uuid, seat: &Seat, upto: i64, answer: Bytes) -> bool {
        let mut rooms = self.rooms.borrow_mut();
        let listeners = rooms.get_mut(&room).into_iter().flatten();
        let Some(listener) = listeners.into_iter().find(|it| it.seat.id == seat.id) else {
            return false;
        };
        let held = listener.held.take().unwrap_or_default();
        seat.push(answer, Weight::Needed);
        for (last, frames) in held.events {
            if last > upto {
                seat.push(frames, Weight::Needed);
            }
        }
        seat.flush();
        true
    }

    /// Removes those who are meant. Says whether nobody listens any more, if somebody did.
    pub(super) fn quit(&self, room: Uuid, is_meant: impl Fn(&Seat) -> bool) -> bool {
        let mut rooms = self.rooms.borrow_mut();
        let Some(listeners) = rooms.get_mut(&room) else {
            return false;
        };
        listeners.retain(|it| !is_meant(&it.seat));
        let is_empty = listeners.is_empty();
        if is_empty {
            rooms.remove(&room);
        }
        is_empty
    }

    /// Gives events up to number `last` to those who listen, and keeps them for those who have just begun.
    pub(super) fn event(
        &self,
        room: Uuid,
        last: i64,
        frames: &Bytes,
        mut give: impl FnMut(&Rc<Seat>),
    ) {
        let mut rooms = self.rooms.borrow_mut();
        for listener in rooms.get_mut(&room).into_iter().flatten() {
            let Some(held) = &mut listener.held else {
                give(&listener.seat);
                continue;
            };
            held.bytes += frames.len();
            held.events.push((last, frames.clone()));
            if held.bytes > HELD && held.events.len() > 1 {
                listener.seat.bell.ring(Ending::TooSlow);
            }
        }
    }

    /// Gives what is not kept to those who listen.
    pub(super) fn pass(&self, room: Uuid, give: impl FnMut(&Rc<Seat>)) {
        let rooms = self.rooms.borrow();
        let listeners = rooms.get(&room).into_iter().flatten();
        listeners
            .filter(|it| it.held.is_none())
            .map(|it| &it.seat)
            .for_each(give);
    }
}
