//! A response body that passes parts of an object on that a storage service has.
//!
//! The object is read in stretches, so that a client that stops reading holds nothing up but its own stretch, and memory
//! is one piece from the network for each response. A stretch that breaks off is asked for again from where it broke
//! off. Counting and throttling are those of [`super::body`].

use std::collections::VecDeque;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};
use tokio::time::{Instant, Sleep, sleep_until};

use super::body::{Piece, stopped, too_short};
use super::buffers::SIZE;
use super::chunks::Chunks;
use super::flow::Leg;
use super::ranges::Span;
use crate::storage::RemoteObject;

/// Bytes that are asked for at a time.
const STRETCH: u64 = 8 << 20;

/// How often in a row a stretch may break off without a byte before the response does.
const ATTEMPTS: u32 = 3;

/// Streams pieces in order. Dropping it tells the flow how it ended.
pub(super) struct RemoteBody {
    object: RemoteObject,
    pieces: VecDeque<Piece>,
    size: u64,
    leg: Leg,
    /// The rest of the present stretch.
    stretch: Option<BoxStream<'static, io::Result<Bytes>>>,
    /// Bytes that have come and are not passed on yet.
    arrived: Bytes,
    /// So many of them have their slot then.
    slot: Option<(Pin<Box<Sleep>>, usize)>,
    failures: u32,
}

impl RemoteBody {
    /// A body of these pieces; every span must lie inside the object.
    pub(super) fn new(object: RemoteObject, pieces: Vec<Piece>, leg: Leg) -> Self {
        Self {
            object,
            size: pieces.iter().map(Piece::len).sum(),
            pieces: pieces.into(),
            leg,
            stretch: None,
            arrived: Bytes::new(),
            slot: None,
            failures: 0,
        }
    }

    /// Waits for bytes of a span, and asks for them if need be.
    fn poll_arrival(&mut self, span: Span, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let object = &self.object;
        let stretch = self.stretch.get_or_insert_with(|| {
            let end = span.end().min(span.start + STRETCH);
            object.read(span.start..end)
        });
        match ready!(stretch.poll_next_unpin(cx)) {
            Some(Ok(bytes)) => {
                if !bytes.is_empty() {
                    self.failures = 0;
                }
                self.arrived = bytes;
                Poll::Ready(Ok(()))
            }
            broken => {
                self.stretch = None;
                self.failures += 1;
                let error = match broken {
                    Some(Err(error)) => error,
                    // It is over, or broke off without saying so: the next one tells.
                    _ => too_short(),
                };
                if error.kind() == io::ErrorKind::NotFound || self.failures >= ATTEMPTS {
                    return Poll::Ready(Err(error));
                }
                Poll::Ready(Ok(()))
            }
        }
    }

    /// How many of the bytes that have come to pass on next, and when.
    fn reserve(&self, span: Span) -> (Option<Instant>, usize) {
        let most = (self.arrived.len().min(SIZE) as u64).min(span.len);
        let Some(throttle) = self.leg.flow().throttle() else {
            return (None, as_length(most));
        };
        let bytes = throttle.chunk(most);
        let at = throttle.reserve(bytes, Instant::now());
        (at, as_length(bytes))
    }

    /// Takes bytes of the first piece from what has come, and accounts for them.
    fn pass_on(&mut self, bytes: usize) -> io::Result<Bytes> {
        let passed = self.arrived.split_to(bytes.min(self.arrived.len()));
        let Some(Piece::File(span)) = self.pieces.front_mut() else {
            return Err(io::Error::other("read without a piece"));
        };
        let len = passed.len() as u64;
        self.leg.deliver(Span {
            start: span.start,
            len,
        });
        span.start += len;
        span.len = span.len.saturating_sub(len);
        if span.len == 0 {
            self.pieces.pop_front();
            self.stretch = None;
            self.arrived = Bytes::new();
        }
        Ok(passed)
    }
}

/// Never more than a chunk, which fits a `usize` anywhere.
fn as_length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(SIZE)
}

impl Chunks for RemoteBody {
    fn size(&self) -> u64 {
        self.size
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        loop {
            if self.leg.flow().is_stopped() {
                return Poll::Ready(Err(stopped()));
            }
            if let Some((slot, bytes)) = &mut self.slot {
                ready!(slot.as_mut().poll(cx));
                let bytes = *bytes;
                self.slot = None;
                return Poll::Ready(self.pass_on(bytes).map(Some));
            }
            let span = match self.pieces.front() {
                None => {
                    self.leg.complete();
                    return Poll::Ready(Ok(None));
                }
                Some(Piece::File(span)) => *span,
                Some(Piece::Text(text)) => {
                    let text = text.clone();
                    self.pieces.pop_front();
                    return Poll::Ready(Ok(Some(text)));
                }
            };
            if span.len == 0 {
                self.pieces.pop_front();
                continue;
            }
            if self.arrived.is_empty() {
                ready!(self.poll_arrival(span, cx))?;
                continue;
            }
            match self.reserve(span) {
                (Some(at), bytes) => self.slot = Some((Box::pin(sleep_until(at)), bytes)),
                (None, bytes) => return Poll::Ready(self.pass_on(bytes).map(Some)),
            }
        }
    }
}
