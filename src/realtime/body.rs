//! The body of the answer that became a WebSocket: it carries the outbox of a seat to the socket.
//!
//! It is polled by the connection, so a client that stopped reading holds up nothing but this. When the connection
//! ends, whatever ended it, the body is dropped, and tells the session. On a plain connection it ends as soon as the
//! head has been written, because the session takes the socket over.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

use super::seat::Seat;

#[derive(Debug)]
pub(super) struct OutboxBody {
    seat: Rc<Seat>,
    has_asked: bool,
}

impl OutboxBody {
    pub(super) fn new(seat: Rc<Seat>) -> Self {
        Self {
            seat,
            has_asked: false,
        }
    }
}

impl MessageBody for OutboxBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = &mut *self;
        ready!(this.seat.poll_clear(cx, &mut this.has_asked));
        if this.seat.take_over() {
            // The protocol layer looks once more, finds the end, and goes.
            cx.waker().wake_by_ref();
            return Poll::Ready(None);
        }
        this.seat.poll_body(cx).map(|frame| frame.map(Ok))
    }
}

impl Drop for OutboxBody {
    fn drop(&mut self) {
        if !self.seat.is_taken() {
            self.seat.abandon();
        }
    }
}
