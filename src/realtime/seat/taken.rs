//! A plain connection that was taken from the protocol layer: the session reads and writes the socket itself.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;

use super::Seat;

/// Bytes that are read from a socket at once.
const AT_ONCE: usize = 4096;

impl Seat {
    /// Takes a plain connection from the protocol layer, if its head has been written. False for one over TLS.
    pub(in crate::realtime) fn take_over(&self) -> bool {
        let Some(line) = self.line.as_ref().filter(|_| self.is_clear.get()) else {
            return false;
        };
        line.take_over();
        self.is_taken.set(true);
        self.outbox.borrow_mut().wake_body();
        true
    }

    pub(in crate::realtime) fn is_taken(&self) -> bool {
        self.is_taken.get()
    }

    /// Writes what waits on a connection that was taken over, until all has been said; forever on another one.
    pub(in crate::realtime) async fn carry(&self) {
        if self.line.is_none() {
            return std::future::pending().await;
        }
        poll_fn(|cx| self.poll_body(cx).map(drop)).await;
        self.abandon();
        if let Some(line) = &self.line {
            line.finish();
        }
    }

    /// Reads from a connection that was taken over, and gives it to `hear`. False at its end.
    pub(in crate::realtime) async fn listen(&self, mut hear: impl FnMut(&[u8])) -> bool {
        let Some(line) = self.line.as_ref().filter(|_| self.is_taken.get()) else {
            return false;
        };
        poll_fn(|cx| {
            let mut space = [MaybeUninit::uninit(); AT_ONCE];
            let mut found = ReadBuf::uninit(&mut space);
            let read = ready!(line.poll_read(cx, &mut found));
            let is_open = read.is_ok() && !found.filled().is_empty();
            if is_open {
                hear(found.filled());
            }
            Poll::Ready(is_open)
        })
        .await
    }

    /// Waits until the head of the answer has been written; from then on the connection is ours.
    pub(in crate::realtime) fn poll_clear(
        &self,
        cx: &Context<'_>,
        has_asked: &mut bool,
    ) -> Poll<()> {
        let Some(line) = self.line.as_ref().filter(|_| !self.is_clear.get()) else {
            return Poll::Ready(());
        };
        if !*has_asked {
            *has_asked = true;
            line.ask_for_drain(cx);
            return Poll::Pending;
        }
        if !line.is_drained(cx) {
            return Poll::Pending;
        }
        self.is_clear.set(true);
        Poll::Ready(())
    }
}
