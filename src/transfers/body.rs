//! A response body that streams parts of a file.
//!
//! What the page cache holds is read inline (`preadv2` with `RWF_NOWAIT`): handing the read to
//! another thread would cost more than the copy. What it does not hold is read by one blocking
//! thread, so a slow disk never stops a worker. A chunk goes to the connection without a further
//! copy here; memory is one chunk per response that waits for a disk, and a few per worker.
//!
//! "Delivered" means handed to the connection: what the socket still holds when a client goes
//! away has been counted. The body does not know who may read the file.

use std::collections::VecDeque;
use std::fs::File;
use std::future::Future;
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use rustix::io::{Errno, ReadWriteFlags};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep_until};

use super::buffers::{Lease, SIZE};
use super::chunks::Chunks;
use super::flow::Leg;
use super::ranges::Span;

/// One piece of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes made by us: the head of a part, the closing boundary.
    Text(Bytes),
    /// Bytes of the file.
    File(Span),
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Piece::Text(text) => text.len() as u64,
            Piece::File(span) => span.len,
        }
    }
}

/// Streams pieces in order. Dropping it tells the flow how it ended.
#[derive(Debug)]
pub struct FileBody {
    file: Arc<File>,
    pieces: VecDeque<Piece>,
    size: u64,
    leg: Leg,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    /// The slot of this many bytes begins later.
    Waiting(Pin<Box<Sleep>>, u64),
    /// The bytes were not in the page cache.
    Reading(JoinHandle<(Lease, io::Result<usize>)>),
}

/// What a read without waiting found.
enum Cached {
    Bytes(Bytes),
    Missing(Lease),
}

impl FileBody {
    /// A body of these pieces; every span must lie inside the file.
    pub fn new(file: Arc<File>, pieces: Vec<Piece>, leg: Leg) -> FileBody {
        FileBody {
            file,
            size: pieces.iter().map(Piece::len).sum(),
            pieces: pieces.into(),
            leg,
            state: State::Ready,
        }
    }

    fn poll_piece(
        &mut self,
        granted: Option<u64>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Bytes>>> {
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
        let want = match granted {
            Some(bytes) => bytes,
            None => match self.reserve(span) {
                Slot::Now(bytes) => bytes,
                Slot::Later(at, bytes) => {
                    self.state = State::Waiting(Box::pin(sleep_until(at)), bytes);
                    return self.poll_chunk(cx);
                }
            },
        };
        match read_cached(&self.file, span.start, want)? {
            Cached::Bytes(bytes) => Poll::Ready(self.took(bytes).map(Some)),
            Cached::Missing(lease) => {
                self.state = State::Reading(read_blocking(&self.file, span.start, want, lease));
                self.poll_chunk(cx)
            }
        }
    }

    /// How much of the span to send next, and when.
    fn reserve(&self, span: Span) -> Slot {
        let most = span.len.min(SIZE as u64);
        let Some(throttle) = self.leg.flow().throttle() else {
            return Slot::Now(most);
        };
        let bytes = throttle.chunk(most);
        match throttle.reserve(bytes, Instant::now()) {
            Some(at) => Slot::Later(at, bytes),
            None => Slot::Now(bytes),
        }
    }

    /// Accounts for bytes read at the start of the first piece.
    fn took(&mut self, bytes: Bytes) -> io::Result<Bytes> {
        let Some(Piece::File(span)) = self.pieces.front_mut() else {
            return Err(io::Error::other("read without a piece"));
        };
        let len = bytes.len() as u64;
        if len == 0 || len > span.len {
            return Err(too_short());
        }
        self.leg.deliver(Span {
            start: span.start,
            len,
        });
        span.start += len;
        span.len -= len;
        if span.len == 0 {
            self.pieces.pop_front();
        }
        Ok(bytes)
    }
}

enum Slot {
    Now(u64),
    Later(Instant, u64),
}

pub(super) fn stopped() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the transfer was stopped")
}

pub(super) fn too_short() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the file is shorter than its record",
    )
}

/// Reads without waiting for a disk; `None` when it would have to wait, or the file system
/// cannot say.
pub(super) fn read_now(file: &File, at: u64, space: &mut [u8]) -> io::Result<Option<usize>> {
    loop {
        let space = IoSliceMut::new(space);
        match rustix::io::preadv2(file, &mut [space], at, ReadWriteFlags::NOWAIT) {
            Ok(read) => return Ok(Some(read)),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::INVAL | Errno::NOSYS) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A chunk never exceeds the buffer, which fits a `usize` anywhere.
fn chunk_len(want: u64) -> usize {
    usize::try_from(want).unwrap_or(SIZE).min(SIZE)
}

fn read_cached(file: &File, at: u64, want: u64) -> io::Result<Cached> {
    let mut lease = Lease::take();
    Ok(match read_now(file, at, lease.space(chunk_len(want)))? {
        Some(read) => Cached::Bytes(lease.freeze(read)),
        None => Cached::Missing(lease),
    })
}

fn read_blocking(
    file: &Arc<File>,
    at: u64,
    want: u64,
    mut lease: Lease,
) -> JoinHandle<(Lease, io::Result<usize>)> {
    let file = Arc::clone(file);
    tokio::task::spawn_blocking(move || {
        let read = loop {
            match file.read_at(lease.space(chunk_len(want)), at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        (lease, read)
    })
}

impl Chunks for FileBody {
    fn size(&self) -> u64 {
        self.size
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        if self.leg.flow().is_stopped() {
            return Poll::Ready(Err(stopped()));
        }
        let granted = match &mut self.state {
            State::Ready => None,
            State::Waiting(slot, bytes) => {
                ready!(slot.as_mut().poll(cx));
                Some(*bytes)
            }
            State::Reading(read) => {
                let done = ready!(Pin::new(read).poll(cx));
                self.state = State::Ready;
                let (lease, read) = done.map_err(io::Error::other)?;
                let read = read?;
                return Poll::Ready(self.took(lease.freeze(read)).map(Some));
            }
        };
        self.state = State::Ready;
        self.poll_piece(granted, cx)
    }
}

/// The body of an answer to HEAD: it has a length and no bytes.
#[derive(Clone, Copy, Debug)]
pub struct LengthOnly(pub u64);

impl MessageBody for LengthOnly {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
