//! A response body that makes an archive while it is sent.
//!
//! One blocking thread at a time fills the next buffer while the connection takes the one before. Nothing is read
//! before the body is polled, nor ahead of what the client takes but for that one buffer.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep_until};

use super::plan::Plan;
use super::stream::{Shelf, ZipStream};
use crate::transfers::body::{stopped, too_short};
use crate::transfers::buffers::{Lease, SIZE};
use crate::transfers::chunks::Chunks;
use crate::transfers::flow::Leg;
use crate::transfers::ranges::Span;

/// An archive that is offered.
pub struct Archive {
    pub plan: Arc<Plan>,
    pub shelf: Arc<dyn Shelf>,
    /// The name to save it under.
    pub name: String,
    /// The plan's part of the memory that all plans may take together.
    pub room: OwnedSemaphorePermit,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive")
            .field("name", &self.name)
            .field("entries", &self.plan.entries())
            .finish_non_exhaustive()
    }
}

/// Streams an archive from its beginning. Dropping it tells the flow how it ended.
pub(in crate::transfers) struct ZipBody {
    archive: Arc<Archive>,
    at: u64,
    leg: Leg,
    next: Next,
    waiting: Option<(Pin<Box<Sleep>>, Bytes)>,
}

enum Next {
    Idle(Box<ZipStream>),
    Filling(JoinHandle<Filled>),
    Nothing,
}

type Filled = (Box<ZipStream>, Lease, io::Result<usize>);

impl ZipBody {
    pub(in crate::transfers) fn new(archive: Arc<Archive>, leg: Leg) -> ZipBody {
        let stream = ZipStream::new(Arc::clone(&archive.plan), Arc::clone(&archive.shelf));
        ZipBody {
            archive,
            at: 0,
            leg,
            next: Next::Idle(Box::new(stream)),
            waiting: None,
        }
    }

    /// The next buffer, while a thread goes on with the one after it.
    fn poll_filled(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        let Some(filling) = self.filling() else {
            return Poll::Ready(Ok(None));
        };
        let done = ready!(Pin::new(filling).poll(cx));
        self.next = Next::Nothing;
        let (stream, lease, filled) = done.map_err(io::Error::other)?;
        let filled = filled?;
        if filled == 0 {
            // The plan knows the length of what it makes.
            return Poll::Ready(Err(too_short()));
        }
        if self.at + (filled as u64) < self.archive.plan.size() {
            self.next = Next::Filling(self.fill(stream));
        }
        Poll::Ready(Ok(Some(lease.freeze(filled))))
    }

    fn filling(&mut self) -> Option<&mut JoinHandle<Filled>> {
        if let Next::Idle(_) = self.next
            && let Next::Idle(stream) = std::mem::replace(&mut self.next, Next::Nothing)
        {
            self.next = Next::Filling(self.fill(stream));
        }
        match &mut self.next {
            Next::Filling(filling) => Some(filling),
            _ => None,
        }
    }

    fn fill(&self, mut stream: Box<ZipStream>) -> JoinHandle<Filled> {
        let throttle = self.leg.flow().throttle();
        let most = throttle.map_or(SIZE as u64, |it| it.chunk(SIZE as u64));
        let most = usize::try_from(most).unwrap_or(SIZE);
        let mut lease = Lease::take();
        tokio::task::spawn_blocking(move || {
            let filled = stream.fill(lease.space(most));
            (stream, lease, filled)
        })
    }

    fn took(&mut self, bytes: Bytes) -> Bytes {
        let len = bytes.len() as u64;
        self.leg.deliver(Span {
            start: self.at,
            len,
        });
        self.at += len;
        if self.at == self.archive.plan.size() {
            self.leg.complete();
        }
        bytes
    }
}

impl Chunks for ZipBody {
    fn size(&self) -> u64 {
        self.archive.plan.size()
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        if self.leg.flow().is_stopped() {
            return Poll::Ready(Err(stopped()));
        }
        if self.waiting.is_none() {
            let Some(bytes) = ready!(self.poll_filled(cx))? else {
                return Poll::Ready(Ok(None));
            };
            let throttle = self.leg.flow().throttle();
            let due = throttle.and_then(|it| it.reserve(bytes.len() as u64, Instant::now()));
            match due {
                None => return Poll::Ready(Ok(Some(self.took(bytes)))),
                Some(due) => self.waiting = Some((Box::pin(sleep_until(due)), bytes)),
            }
        }
        if let Some((slot, _)) = &mut self.waiting {
            ready!(slot.as_mut().poll(cx));
        }
        let bytes = self.waiting.take().map(|(_, bytes)| bytes);
        Poll::Ready(Ok(bytes.map(|bytes| self.took(bytes))))
    }
}
