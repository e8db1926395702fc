//! A connection as its worker sees it: the outbox, the socket, and who sits there.
//!
//! A seat belongs to one worker thread. Other threads reach it through the worker's [`super::hub::Hub`], or ring its
//! bell.
//!
//! A plain connection leaves HTTP behind when the head of the answer has been written: the session reads and writes the
//! socket itself, and what the protocol layer holds for a connection, mostly two buffers, is given back. One over TLS
//! stays with it and goes through the body of the answer.

mod taken;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use playhouse_api::events::Event;
use tokio::time::Instant;
use uuid::Uuid;

use super::ending::{Bell, Ending};
use super::frames;
use super::outbox::{Full, Outbox, Weight};
use crate::accounts::Viewer;
use crate::transfers::line::Line;
use crate::transfers::socket::PeerSocket;

/// Names a seat on this node.
pub(super) type SeatId = u64;

#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: SeatId,
    pub(super) account: Uuid,
    pub(super) viewer: Arc<Viewer>,
    pub(super) is_admin: Cell<bool>,
    pub(super) bell: Arc<Bell>,
    outbox: RefCell<Outbox>,
    /// The rooms that it listens to.
    rooms: RefCell<Vec<Uuid>>,
    /// A plain connection is written to directly.
    line: Option<Rc<Line>>,
    socket: Option<PeerSocket>,
    /// The head of the answer has been written; the connection is ours.
    is_clear: Cell<bool>,
    /// The protocol layer has nothing to do with the socket any more.
    is_taken: Cell<bool>,
    /// It is among those that the hub will write to next.
    is_touched: Cell<bool>,
    /// A request is being answered, so nothing is read.
    is_busy: Cell<bool>,
    heard: Cell<Instant>,
}

/// What a seat is made of.
pub(super) struct Place {
    pub(super) id: SeatId,
    pub(super) viewer: Arc<Viewer>,
    pub(super) bell: Arc<Bell>,
    pub(super) outbox_bytes: usize,
    pub(super) line: Option<Rc<Line>>,
    pub(super) socket: Option<PeerSocket>,
}

impl Seat {
    pub(super) fn new(place: Place) -> Self {
        Self {
            id: place.id,
            account: place.viewer.id().uuid(),
            is_admin: Cell::new(place.viewer.is_admin()),
            viewer: place.viewer,
            bell: place.bell,
            outbox: RefCell::new(Outbox::new(place.outbox_bytes)),
            rooms: RefCell::default(),
            line: place.line,
            socket: place.socket,
            is_clear: Cell::new(false),
            is_taken: Cell::new(false),
            is_touched: Cell::new(false),
            is_busy: Cell::new(false),
            heard: Cell::new(Instant::now()),
        }
    }

    /// Puts a frame into the outbox. One that has to arrive and finds no room ends the connection.
    /// It leaves with the next [`Seat::flush`].
    pub(super) fn push(&self, frame: Bytes, weight: Weight) {
        if self.bell.why().is_some() {
            return;
        }
        if let Err(Full) = self.outbox.borrow_mut().push(frame, weight) {
            self.bell.ring(Ending::TooSlow);
        }
    }

    /// The rooms that this seat listens to.
    pub(super) fn rooms(&self) -> Vec<Uuid> {
        self.rooms.borrow().clone()
    }

    pub(super) fn listens_to(&self, room: Uuid) -> bool {
        self.rooms.borrow().contains(&room)
    }

    pub(super) fn note_room(&self, room: Uuid, listens: bool) {
        let mut rooms = self.rooms.borrow_mut();
        rooms.retain(|it| *it != room);
        if listens {
            rooms.push(room);
        }
    }

    /// Notes that there will be something to write; says whether that is news.
    pub(super) fn touch(&self) -> bool {
        !self.is_touched.replace(true)
    }

    /// Writes what waits, as far as the socket takes it; the rest follows when it takes more.
    pub(super) fn flush(&self) {
        self.is_touched.set(false);
        let mut outbox = self.outbox.borrow_mut();
        if !outbox.has_some() {
            return;
        }
        if let Some(line) = self.line.as_ref().filter(|_| self.is_clear.get()) {
            match outbox.drain(|slices| line.write_now(slices)) {
                Ok(()) if !outbox.is_finished() => return,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => outbox.give_up(),
                _ => {}
            }
        }
        outbox.wake_body();
    }

    /// Sends a frame now.
    pub(super) fn send(&self, frame: Bytes) {
        self.push(frame, Weight::Needed);
        self.flush();
    }

    pub(super) fn begin(&self, hello: Bytes) {
        self.outbox.borrow_mut().begin(hello);
        self.flush();
    }

    /// The last frame. What somebody must not see any more, or does not read anyway, is left out.
    pub(super) fn close(&self, why: Ending) {
        let is_at_once = why.is_terminal() || why == Ending::TooSlow;
        let mut outbox = self.outbox.borrow_mut();
        outbox.close(last_words(why), is_at_once);
        outbox.wake_body();
        drop(outbox);
        self.flush();
    }

    /// Ends the connection whatever waits, if it is still there.
    pub(super) fn cut(&self) {
        let mut outbox = self.outbox.borrow_mut();
        if outbox.is_given_up() {
            return;
        }
        outbox.give_up();
        outbox.wake_body();
        if let Some(socket) = &self.socket {
            socket.cut();
        }
    }

    /// Nobody drains this outbox any more.
    pub(super) fn abandon(&self) {
        self.outbox.borrow_mut().give_up();
        self.bell.ring(Ending::Gone);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.outbox.borrow().dropped()
    }

    /// Something arrived from the other end.
    pub(super) fn hear(&self) {
        self.heard.set(Instant::now());
    }

    pub(super) fn set_busy(&self, is_busy: bool) {
        self.is_busy.set(is_busy);
        self.hear();
    }

    pub(super) fn is_busy(&self) -> bool {
        self.is_busy.get()
    }

    pub(super) fn has_heard_since(&self, moment: Instant) -> bool {
        self.heard.get() >= moment
    }

    /// Returns when there is room for answers.
    pub(super) async fn room(&self) {
        poll_fn(|cx| match self.outbox.borrow_mut().has_room(cx) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    /// Returns when nobody takes anything out of the outbox any more: the connection is over.
    pub(super) async fn gone(&self) {
        poll_fn(|cx| match self.outbox.borrow_mut().is_gone(cx) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    /// Has the kernel end the connection when what was sent is not confirmed, or nobody answers its probes.
    pub(super) fn mind_silence(&self, after: Duration) {
        if let Some(socket) = &self.socket {
            socket.mind_silence(after);
        }
    }

    /// Lets the body take part: the next frame of a connection that cannot be written to directly; none when all has
    /// been said.
    pub(super) fn poll_body(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut outbox = self.outbox.borrow_mut();
        outbox.watch(cx);
        let Some(line) = &self.line else {
            return match outbox.pop() {
                Some(frame) => Poll::Ready(Some(frame)),
                None if outbox.is_finished() => Poll::Ready(None),
                None => Poll::Pending,
            };
        };
        if !self.is_clear.get() {
            return Poll::Pending;
        }
        while outbox.has_some() {
            match line.poll_write_by(cx, |socket| {
                outbox.drain(|slices| Line::write_to(socket, slices))
            }) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => outbox.give_up(),
            }
        }
        match outbox.is_finished() {
            true => Poll::Ready(None),
            false => Poll::Pending,
        }
    }
}

fn last_words(why: Ending) -> Bytes {
    let close = frames::close(why);
    if !why.is_terminal() {
        return close;
    }
    let told = frames::text(&Event::SessionEnded);
    [told, close].concat().into()
}
