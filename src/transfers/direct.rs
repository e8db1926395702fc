//! A response body that moves a part of a file from the page cache to the socket by `sendfile`.
//!
//! For a plain connection and a single range, which is what players and download managers ask
//! for; the rest is for [`super::body`]. It needs no buffer at all, so memory does not grow with
//! the number of clients, however slow they are.
//!
//! `sendfile` waits for a disk, and a worker must not. So each stretch is first looked for in the
//! page cache, and if some of it is missing, a blocking thread reads it in.

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::task::JoinHandle;

use super::body;
use super::flow::Leg;
use super::line::Line;
use super::ranges::Span;

/// Bytes looked for in the page cache at a time, and read in if they are not there.
const STRETCH: u64 = 1 << 20;

/// Where a stretch is probed: the kernel reads ahead in larger runs than this.
const PROBE_EVERY: u64 = 128 << 10;

/// After so many bytes other connections of the worker have their turn.
const TURN: u64 = 4 << 20;

/// Sends one span. Its length must be announced by the response, for it yields no bytes itself.
#[derive(Debug)]
pub(super) struct DirectBody {
    file: Arc<File>,
    span: Span,
    leg: Leg,
    line: Rc<Line>,
    /// What is known to be in the page cache ends here.
    cached_to: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The head of the response is buffered, or about to be.
    Fresh,
    /// Until the head has been written.
    Draining,
    Sending,
    /// A blocking thread reads a stretch that ends there.
    Reading(JoinHandle<io::Result<()>>, u64),
}

impl DirectBody {
    pub(super) fn new(file: Arc<File>, span: Span, leg: Leg, line: Rc<Line>) -> DirectBody {
        DirectBody {
            file,
            cached_to: span.start,
            span,
            leg,
            line,
            state: State::Fresh,
        }
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut turn = 0;
        loop {
            if self.leg.flow().is_stopped() {
                return Poll::Ready(Err(body::stopped()));
            }
            match &mut self.state {
                State::Fresh => {
                    self.line.ask_for_drain(cx);
                    self.state = State::Draining;
                    return Poll::Pending;
                }
                State::Draining if !self.line.is_drained(cx) => return Poll::Pending,
                State::Draining => self.state = State::Sending,
                State::Reading(read, end) => {
                    let end = *end;
                    let done = ready!(Pin::new(read).poll(cx));
                    self.state = State::Sending;
                    done.map_err(io::Error::other)??;
                    self.cached_to = end;
                }
                State::Sending if self.span.len == 0 => {
                    self.leg.complete();
                    return Poll::Ready(Ok(()));
                }
                State::Sending if turn >= TURN => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                State::Sending if self.cached_to <= self.span.start => self.look_ahead()?,
                State::Sending => turn += ready!(self.poll_send(cx))?,
            }
        }
    }

    /// Makes sure that the next stretch is in the page cache.
    fn look_ahead(&mut self) -> io::Result<()> {
        let stretch = Span {
            start: self.span.start,
            len: self.span.len.min(STRETCH),
        };
        if is_cached(&self.file, stretch)? {
            self.cached_to = stretch.end();
        } else {
            let file = Arc::clone(&self.file);
            let read = tokio::task::spawn_blocking(move || read_in(&file, stretch));
            self.state = State::Reading(read, stretch.end());
        }
        Ok(())
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let known = Span {
            start: self.span.start,
            len: self.cached_to - self.span.start,
        };
        let (file, count) = (&self.file, usize::try_from(known.len).unwrap_or(usize::MAX));
        let sent = ready!(self.line.poll_write_by(cx, |socket| {
            let mut offset = known.start;
            Ok(rustix::fs::sendfile(
                socket,
                file,
                Some(&mut offset),
                count,
            )?)
        }))?;
        let sent = sent as u64;
        if sent == 0 {
            return Poll::Ready(Err(body::too_short()));
        }
        self.leg.deliver(Span {
            start: self.span.start,
            len: sent,
        });
        self.span.start += sent;
        self.span.len = self.span.len.saturating_sub(sent);
        Poll::Ready(Ok(sent))
    }
}

fn is_cached(file: &File, stretch: Span) -> io::Result<bool> {
    let mut at = stretch.start;
    while at < stretch.end() {
        if !body::is_byte_cached(file, at)? {
            return Ok(false);
        }
        at += PROBE_EVERY;
    }
    body::is_byte_cached(file, stretch.end() - 1)
}

/// Reads a stretch for the sake of the page cache.
fn read_in(file: &File, stretch: Span) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    let mut at = stretch.start;
    while at < stretch.end() {
        match file.read_at(&mut buffer, at) {
            Ok(0) => return Err(body::too_short()),
            Ok(read) => at += read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl MessageBody for DirectBody {
    type Error = io::Error;

    /// To the protocol layer this is a stream without bytes; the response says the length.
    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        let this = self.get_mut();
        match ready!(this.poll_all(cx)) {
            Ok(()) => Poll::Ready(None),
            Err(error) if is_parting(&error) => {
                // Nobody is there to be told. Cut first, so that nothing can follow on the line.
                this.line.cut();
                Poll::Ready(None)
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

/// The client went away, or we cut it off: no fault to report.
fn is_parting(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::BrokenPipe | Kind::ConnectionReset | Kind::ConnectionAborted
    )
}
