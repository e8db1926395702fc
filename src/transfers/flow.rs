//! What the owner of a transfer and the bodies that serve it share.
//!
//! Any number of bodies, on any worker, may belong to one [`Flow`]. Counting costs one atomic
//! addition per chunk; the lock on the delivered set is taken once in [`NOTE_EVERY`] bytes and at
//! the end of a range. After [`Flow::stop`] no body sends another byte, nor joins.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ranges::Span;
use super::socket::PeerSocket;
use super::spans::SpanSet;
use super::throttle::Throttle;

/// How many bytes a body may send before it notes them in the shared set.
pub const NOTE_EVERY: u64 = 1 << 20;

/// How one response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every byte of it was handed to the connection.
    Completed,
    /// The client went away, the file could not be read, or the flow was stopped.
    Cut,
}

/// Counters of a flow at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Bytes of the file handed to connections, repeats included.
    pub sent: u64,
    /// Responses under way.
    pub open: usize,
    /// Responses ever begun.
    pub begun: u64,
    /// Responses that ended as [`Outcome::Completed`].
    pub completed: u64,
    /// Responses that ended as [`Outcome::Cut`].
    pub cut: u64,
}

/// The shared state of one transfer.
#[derive(Debug, Default)]
pub struct Flow {
    sent: AtomicU64,
    open: AtomicUsize,
    begun: AtomicU64,
    completed: AtomicU64,
    cut: AtomicU64,
    stopped: AtomicBool,
    delivered: Mutex<SpanSet>,
    sockets: Mutex<HashMap<u64, PeerSocket>>,
    throttle: Option<Arc<Throttle>>,
}

impl Flow {
    /// A flow that goes on from what earlier ones delivered, no faster than a throttle lets it, which flows may share.
    pub fn resume(sent: u64, delivered: SpanSet, throttle: Option<Arc<Throttle>>) -> Flow {
        Flow {
            sent: AtomicU64::new(sent),
            delivered: Mutex::new(delivered),
            throttle,
            ..Flow::default()
        }
    }

    /// Adds a response to the flow; `None` once it is stopped.
    pub fn join(self: &Arc<Self>, socket: Option<PeerSocket>) -> Option<Leg> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let mut sockets = lock(&self.sockets);
        // Under the lock: either this sees the stop, or the stop sees this socket.
        if self.is_stopped() {
            return None;
        }
        if let Some(socket) = socket {
            sockets.insert(number, socket);
        }
        drop(sockets);
        self.open.fetch_add(1, Ordering::Relaxed);
        Some(Leg {
            flow: Arc::clone(self),
            number,
            run: Span { start: 0, len: 0 },
            outcome: Outcome::Cut,
        })
    }

    /// Ends every response of the flow at once, and refuses further ones.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        for socket in lock(&self.sockets).values() {
            socket.cut();
        }
    }

    /// Whether [`Flow::stop`] has been called.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// The counters now.
    pub fn tally(&self) -> Tally {
        Tally {
            sent: self.sent.load(Ordering::Relaxed),
            open: self.open.load(Ordering::Relaxed),
            begun: self.begun.load(Ordering::Relaxed),
            completed: self.completed.load(Ordering::Relaxed),
            cut: self.cut.load(Ordering::Relaxed),
        }
    }

    /// The bytes delivered at least once. A body under way lags by up to [`NOTE_EVERY`].
    pub fn delivered(&self) -> SpanSet {
        lock(&self.delivered).clone()
    }

    /// How many different bytes were delivered; lags as [`Flow::delivered`] does.
    pub fn delivered_bytes(&self) -> u64 {
        lock(&self.delivered).total()
    }

    pub(super) fn throttle(&self) -> Option<&Throttle> {
        self.throttle.as_deref()
    }
}

/// A poisoned lock guards plain counters that are valid after any panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One response's part in a [`Flow`]; tells the flow its outcome when dropped.
#[derive(Debug)]
pub struct Leg {
    flow: Arc<Flow>,
    number: u64,
    /// Delivered in one piece and not noted yet.
    run: Span,
    outcome: Outcome,
}

impl Leg {
    /// The flow this belongs to.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Counts bytes of the file that were handed to the connection.
    pub fn deliver(&mut self, span: Span) {
        self.flow.sent.fetch_add(span.len, Ordering::Relaxed);
        if span.start != self.run.end() {
            self.note();
            self.run.start = span.start;
        }
        self.run.len += span.len;
        if self.run.len >= NOTE_EVERY {
            self.note();
        }
    }

    /// Says that the response is whole.
    pub fn complete(&mut self) {
        self.outcome = Outcome::Completed;
    }

    fn note(&mut self) {
        if self.run.len > 0 {
            lock(&self.flow.delivered).insert(self.run);
        }
        self.run = Span {
            start: self.run.end(),
            len: 0,
        };
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.note();
        lock(&self.flow.sockets).remove(&self.number);
        let ended = match self.outcome {
            Outcome::Completed => &self.flow.completed,
            Outcome::Cut => &self.flow.cut,
        };
        ended.fetch_add(1, Ordering::Relaxed);
        // Last: an owner that sees no open response sees everything they did.
        self.flow.open.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::net::UnixStream;

    #[test]
    fn legs_count_and_note_what_they_deliver() {
        let flow = Arc::new(Flow::default());
        let mut a = flow.join(None).unwrap();
        let mut b = flow.join(None).unwrap();
        a.deliver(Span { start: 0, len: 4 });
        a.deliver(Span { start: 4, len: 4 });
        a.deliver(Span { start: 20, len: 1 });
        b.deliver(Span { start: 8, len: 2 });
        assert_eq!(flow.tally().open, 2);
        a.complete();
        drop((a, b));
        assert!(flow.delivered().covers(10));
        assert_eq!(flow.delivered().total(), 11);
        let tally = flow.tally();
        assert_eq!((tally.sent, tally.open, tally.begun), (11, 0, 2));
        assert_eq!((tally.completed, tally.cut), (1, 1));
    }

    #[test]
    fn a_long_run_is_noted_before_it_ends() {
        let flow = Arc::new(Flow::default());
        let mut leg = flow.join(None).unwrap();
        leg.deliver(Span {
            start: 0,
            len: NOTE_EVERY,
        });
        leg.deliver(Span {
            start: NOTE_EVERY,
            len: 1,
        });
        assert_eq!(flow.delivered().total(), NOTE_EVERY);
        drop(leg);
        assert_eq!(flow.delivered().total(), NOTE_EVERY + 1);
    }

    #[test]
    fn stopping_cuts_the_sockets_and_refuses_newcomers() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let flow = Arc::new(Flow::default());
        let leg = flow
            .join(Some(PeerSocket::duplicate(&ours).unwrap()))
            .unwrap();
        flow.stop();
        assert!(leg.flow().is_stopped());
        assert!(flow.join(None).is_none());
        assert_eq!(
            theirs.read(&mut [0; 8]).unwrap(),
            0,
            "the peer sees the end"
        );
    }

    #[test]
    fn a_resumed_flow_starts_from_what_was_kept() {
        let mut before = SpanSet::default();
        before.insert(Span { start: 0, len: 7 });
        let flow = Arc::new(Flow::resume(9, before, None));
        flow.join(None).unwrap().deliver(Span { start: 7, len: 3 });
        assert_eq!(flow.tally().sent, 12);
        assert!(flow.delivered().covers(10));
    }
}
