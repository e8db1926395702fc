//! A response body that hands a part of a file straight to a plain connection.
//!
//! For a single range, which is what players and download managers ask for; the rest is for
//! [`super::body`]. `sendfile` passes pages of the page cache on without a copy on our side, so
//! a response needs no buffer and hardly any processor time, however slow its client is. It would wait
//! for a disk on the worker: what the page cache lacks is read in by a blocking thread first.

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

/// Bytes that a blocking thread reads in at a time.
const STRETCH: u64 = 1 << 20;

/// Bytes that are offered to the socket at once.
const OFFER: u64 = 2 << 20;

/// After so many bytes other connections of the worker have their turn.
const TURN: u64 = 4 << 20;

/// Sends one span. Its length must be announced by the response, for it yields no bytes itself.
#[derive(Debug)]
pub(super) struct DirectBody {
    file: Arc<File>,
    span: Span,
    leg: Leg,
    line: Rc<Line>,
    /// What a blocking thread has just read in ends here.
    warm_to: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The head of the response is buffered, or about to be.
    Fresh,
    /// Until the head has been written.
    Draining,
    Sending,
    /// A blocking thread reads the next stretch into the page cache.
    Reading(JoinHandle<io::Result<u64>>),
}

impl DirectBody {
    pub(super) fn new(file: Arc<File>, span: Span, leg: Leg, line: Rc<Line>) -> DirectBody {
        DirectBody {
            file,
            warm_to: span.start,
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
                    // The head waits for the first bytes: the client is woken once, not twice.
                    self.line.hold(true);
                    self.line.ask_for_drain(cx);
                    self.state = State::Draining;
                    return Poll::Pending;
                }
                State::Draining if !self.line.is_drained(cx) => return Poll::Pending,
                State::Draining => self.state = State::Sending,
                State::Reading(read) => {
                    let done = ready!(Pin::new(read).poll(cx));
                    self.state = State::Sending;
                    self.warm_to = done.map_err(io::Error::other)??;
                }
                State::Sending if self.span.len == 0 => {
                    self.line.hold(false);
                    self.leg.complete();
                    return Poll::Ready(Ok(()));
                }
                State::Sending if turn >= TURN => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                State::Sending => match ready!(self.poll_send(cx))? {
                    Sent::Bytes(sent) => turn += self.took(sent),
                    Sent::NotCached => self.state = State::Reading(self.read_in()),
                },
            }
        }
    }

    fn poll_send(&self, cx: &mut Context<'_>) -> Poll<io::Result<Sent>> {
        let (file, span, is_warm) = (&self.file, self.span, self.span.start < self.warm_to);
        let end = match is_warm {
            true => self.warm_to.min(span.end()),
            false => span.end(),
        };
        let want = (end - span.start).min(OFFER);
        self.line.poll_write_by(cx, |socket| {
            if !is_warm && !is_cached(file, span.start, want)? {
                return Ok(Sent::NotCached);
            }
            let mut at = span.start;
            let want = usize::try_from(want).unwrap_or(usize::MAX);
            match rustix::fs::sendfile(socket, file, Some(&mut at), want)? {
                0 => Err(body::too_short()),
                sent => Ok(Sent::Bytes(sent)),
            }
        })
    }

    /// Accounts for what the socket took.
    fn took(&mut self, sent: usize) -> u64 {
        let len = sent as u64;
        self.leg.deliver(Span {
            start: self.span.start,
            len,
        });
        self.span.start += len;
        self.span.len = self.span.len.saturating_sub(len);
        len
    }

    fn read_in(&self) -> JoinHandle<io::Result<u64>> {
        let file = Arc::clone(&self.file);
        let stretch = Span {
            start: self.span.start,
            len: self.span.len.min(STRETCH),
        };
        tokio::task::spawn_blocking(move || read_in(&file, stretch).map(|()| stretch.end()))
    }
}

/// What one attempt did.
enum Sent {
    Bytes(usize),
    NotCached,
}

/// Whether the ends of a stretch are in the page cache: the kernel reads files in and forgets them in long runs, so
/// what lies between is there too, as a rule.
fn is_cached(file: &File, start: u64, len: u64) -> io::Result<bool> {
    for at in [start, start + len.saturating_sub(1)] {
        match body::read_now(file, at, &mut [0])? {
            Some(0) => return Err(body::too_short()),
            Some(_) => {}
            None => return Ok(false),
        }
    }
    Ok(true)
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
