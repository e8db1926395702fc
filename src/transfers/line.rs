//! A plain TCP connection that a response body may write to by itself.
//!
//! The protocol layer would copy every chunk of a body into a buffer of the connection first, and
//! keep it there for a slow client. But it owns the connection, and buffers the head. A body may write only when
//! nothing of that buffer is left. The protocol layer calls `poll_flush` on its stream when, and
//! only when, the stream has accepted all that it had buffered: [`WatchedStream`] passes that
//! moment on. Everything happens in the one task that serves the connection, so nothing can be
//! buffered between that moment and the body's write, except by the body itself.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use super::socket::PeerSocket;

/// Bytes of a metered body that the protocol layer gets in one go, at most. It would read until the socket is empty or
/// 128 KiB wait, in a buffer that doubles, and keep as much again in its body's queue: with many uploads most of the
/// memory of the house.
const SIP: usize = 32 << 10;
/// The same of a head and what follows it. The buffer that this makes is the one that a connection keeps.
const HEAD: usize = 8 << 10;

/// The connection as a body sees it.
#[derive(Debug)]
pub struct Line {
    stream: RefCell<TcpStream>,
    is_drained: Cell<bool>,
    waiter: RefCell<Option<Waker>>,
    /// Bytes read since the protocol layer was last told to wait.
    sipped: Cell<usize>,
    /// While the body of a request comes in that is read no faster than it is used.
    meter: Cell<Option<Meter>>,
    /// Who waits to read more of that body.
    reader: RefCell<Option<Waker>>,
    /// It belongs to somebody else than the protocol layer.
    is_taken: Cell<bool>,
}

/// How far reading is ahead of whoever uses the bytes.
#[derive(Clone, Copy, Debug)]
struct Meter {
    ahead: usize,
    /// Nothing more is read while so many bytes are ahead.
    most: usize,
}

impl Meter {
    /// Bytes that the protocol layer gets in one go: what it has and what waits for its user are two halves.
    fn sip(self) -> usize {
        (self.most / 2).min(SIP)
    }
}

/// The connection as the protocol layer sees it.
#[derive(Debug)]
pub struct WatchedStream(Rc<Line>);

impl WatchedStream {
    pub fn new(stream: TcpStream) -> WatchedStream {
        WatchedStream(Rc::new(Line {
            stream: RefCell::new(stream),
            is_drained: Cell::new(false),
            waiter: RefCell::new(None),
            sipped: Cell::new(0),
            meter: Cell::new(None),
            reader: RefCell::new(None),
            is_taken: Cell::new(false),
        }))
    }

    /// For the bodies of this connection.
    pub fn line(&self) -> Rc<Line> {
        Rc::clone(&self.0)
    }
}

impl Line {
    /// Asks to be woken when everything that is buffered now has been written.
    pub(crate) fn ask_for_drain(&self, cx: &Context<'_>) {
        self.is_drained.set(false);
        self.waiter.replace(Some(cx.waker().clone()));
    }

    /// Whether that moment has come; asks again if not.
    pub(crate) fn is_drained(&self, cx: &Context<'_>) -> bool {
        let is_drained = self.is_drained.get();
        if !is_drained {
            self.waiter.replace(Some(cx.waker().clone()));
        }
        is_drained
    }

    /// Writes once by `work` as soon as the socket takes something.
    pub(crate) fn poll_write_by<T>(
        &self,
        cx: &mut Context<'_>,
        mut work: impl FnMut(BorrowedFd<'_>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let stream = self.stream.try_borrow().map_err(io::Error::other)?;
        loop {
            ready!(stream.poll_write_ready(cx))?;
            match stream.try_io(Interest::WRITABLE, || work(stream.as_fd())) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Writes at once what the socket takes; `WouldBlock` when it takes nothing, or the protocol layer still has
    /// something of its own to write.
    pub(crate) fn write_now(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if !self.is_drained.get() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let stream = self.stream.try_borrow().map_err(io::Error::other)?;
        stream.try_io(Interest::WRITABLE, || {
            Self::write_to(stream.as_fd(), slices)
        })
    }

    /// One write of several pieces.
    pub(crate) fn write_to(socket: BorrowedFd<'_>, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = match slices {
            [one] => rustix::io::write(socket, one),
            several => rustix::io::writev(socket, several),
        };
        Ok(written?)
    }

    /// Keeps the end of what is written back until more comes to fill its segment, or sends it now. Only a hint: a
    /// socket that takes none sends all the same.
    pub(super) fn hold(&self, more_follows: bool) {
        if let Ok(stream) = self.stream.try_borrow() {
            let _ = rustix::net::sockopt::set_tcp_cork(&*stream, more_follows);
        }
    }

    /// Another handle on the socket, to cut it from anywhere.
    pub(super) fn duplicate(&self) -> io::Result<PeerSocket> {
        let stream = self.stream.try_borrow().map_err(io::Error::other)?;
        PeerSocket::duplicate(&*stream)
    }

    /// From now on at most `most` bytes, and what is in the protocol layer's hands already, are read ahead of what
    /// [`Line::took`] counts.
    pub(super) fn meter(&self, most: usize) {
        self.meter.set(Some(Meter { ahead: 0, most }));
    }

    /// Somebody has taken bytes of the body. `most` is how many may be ahead now.
    pub(super) fn took(&self, bytes: usize, most: usize) {
        if let Some(meter) = self.meter.get() {
            let ahead = meter.ahead.saturating_sub(bytes);
            self.meter.set(Some(Meter { ahead, most }));
            self.read_on();
        }
    }

    /// The body has ended, or nobody wants it any more: all that comes is read.
    pub(super) fn unmeter(&self) {
        self.meter.set(None);
        self.read_on();
    }

    fn read_on(&self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Takes the connection from the protocol layer, which finds its end and goes, with its buffers. Call it when nothing
    /// of the head waits any more, and the other side could not yet send what follows it.
    pub(crate) fn take_over(&self) {
        self.is_taken.set(true);
    }

    /// Reads what is there, for who has taken the connection over. Without bytes it has ended.
    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with_stream(|stream| stream.poll_read(cx, buf))
    }

    /// Says that nothing more will be written.
    pub(crate) fn finish(&self) {
        if let Ok(stream) = self.stream.try_borrow() {
            // One that is gone already is what was wanted.
            let _ = rustix::net::shutdown(&*stream, rustix::net::Shutdown::Write);
        }
    }

    /// Ends the connection both ways.
    pub(super) fn cut(&self) {
        if let Ok(stream) = self.stream.try_borrow() {
            // One that is gone already is what was wanted.
            let _ = rustix::net::shutdown(&*stream, rustix::net::Shutdown::Both);
        }
    }

    fn with_stream<T>(
        &self,
        work: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut stream = self.stream.try_borrow_mut().map_err(io::Error::other)?;
        work(Pin::new(&mut *stream))
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0.is_taken.get() {
            return Poll::Ready(Ok(()));
        }
        let meter = self.0.meter.get();
        if meter.is_some_and(|it| it.ahead >= it.most) {
            self.0.reader.replace(Some(cx.waker().clone()));
            return Poll::Pending;
        }
        if self.0.sipped.get() >= meter.map_or(HEAD, Meter::sip) {
            // It works on what it has, and asks again.
            self.0.sipped.set(0);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let read = self.0.with_stream(|stream| stream.poll_read(cx, buf));
        let count = buf.filled().len() - before;
        let sipped = match &read {
            Poll::Ready(_) => self.0.sipped.get() + count,
            Poll::Pending => 0,
        };
        self.0.sipped.set(sipped);
        if let Some(meter) = meter {
            let ahead = meter.ahead + count;
            self.0.meter.set(Some(Meter { ahead, ..meter }));
        }
        read
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.is_drained.set(false);
        self.0.with_stream(|stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.is_drained.set(true);
        if let Some(waiter) = self.0.waiter.take() {
            waiter.wake();
        }
        self.0.with_stream(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.0.is_taken.get() {
            return Poll::Ready(Ok(()));
        }
        self.0.with_stream(|stream| stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests;
