//! What waits to be written to one connection, bounded in bytes.
//!
//! Keeps true: frames leave whole and in the order in which they came; what may be dropped (typing, presence) is
//! dropped before anything else has to be; a frame that has begun to leave is never dropped; nothing follows the frame
//! that closes. Empty, it holds room for a few frames at most.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Waker};

use bytes::{Buf as _, Bytes};

/// How much a frame matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// The next one corrects it: for a slow reader it is left out.
    Droppable,
    /// Has to arrive, or the connection ends.
    Needed,
}

/// More is waiting than a connection may leave unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Frames that are offered to the socket at once.
const AT_ONCE: usize = 16;
/// Places that an empty outbox keeps: what a queue begins with.
const FEW: usize = 4;

#[derive(Debug)]
pub(super) struct Outbox {
    queue: VecDeque<(Bytes, Weight)>,
    waiting: usize,
    limit: usize,
    /// The first frame has left in part.
    has_begun: bool,
    /// Until hello has been put in front, nothing leaves.
    is_held: bool,
    state: State,
    dropped: u64,
    body: Option<Waker>,
    room: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// The last frame is in the queue.
    Closing,
    /// Nobody takes anything out any more.
    Gone,
}

impl Outbox {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            waiting: 0,
            limit,
            has_begun: false,
            is_held: true,
            state: State::Open,
            dropped: 0,
            body: None,
            room: None,
        }
    }

    /// Adds a frame, or leaves it out if it may be.
    ///
    /// # Errors
    /// [`Full`] when it has to be sent and there is no room, even without all that may be dropped.
    pub(super) fn push(&mut self, frame: Bytes, weight: Weight) -> Result<(), Full> {
        if self.state != State::Open || frame.is_empty() {
            return Ok(());
        }
        let after = self.waiting + frame.len();
        if weight == Weight::Droppable && after > self.limit / 2 {
            self.dropped += 1;
            return Ok(());
        }
        if after > self.limit {
            self.drop_droppable();
        }
        // A frame that is larger than the limit goes alone, or it would never go.
        if self.waiting > 0 && self.waiting + frame.len() > self.limit {
            return Err(Full);
        }
        self.add(frame, weight);
        Ok(())
    }

    /// Puts hello before everything that came while it was made, and lets it all go.
    pub(super) fn begin(&mut self, hello: Bytes) {
        self.waiting += hello.len();
        self.queue.push_front((hello, Weight::Needed));
        self.is_held = false;
    }

    /// Adds the last frame. What waits is left out if `is_at_once`.
    pub(super) fn close(&mut self, last: Bytes, is_at_once: bool) {
        if self.state != State::Open {
            return;
        }
        if is_at_once {
            let keep = usize::from(self.has_begun);
            self.queue.truncate(keep);
            self.waiting = self.queue.iter().map(|(frame, _)| frame.len()).sum();
        }
        self.is_held = false;
        self.add(last, Weight::Needed);
        self.state = State::Closing;
        self.wake_room();
    }

    /// Nobody will take anything out any more.
    pub(super) fn give_up(&mut self) {
        self.state = State::Gone;
        self.queue = VecDeque::new();
        self.waiting = 0;
        self.wake_room();
    }

    /// Bytes that wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Frames that were left out.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn has_some(&self) -> bool {
        !self.is_held && !self.queue.is_empty()
    }

    /// Everything has left that ever will.
    pub(super) fn is_finished(&self) -> bool {
        match self.state {
            State::Open => false,
            State::Closing => self.queue.is_empty(),
            State::Gone => true,
        }
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.state == State::Gone
    }

    /// Whether nobody takes anything out any more; wakes the caller when that changes.
    pub(super) fn is_gone(&mut self, cx: &Context<'_>) -> bool {
        if self.state != State::Gone {
            self.room = Some(cx.waker().clone());
        }
        self.state == State::Gone
    }

    /// Whether somebody who makes answers may make more; wakes the caller when that changes.
    pub(super) fn has_room(&mut self, cx: &Context<'_>) -> bool {
        let has_room = self.waiting <= self.limit / 4 || self.state != State::Open;
        if !has_room {
            self.room = Some(cx.waker().clone());
        }
        has_room
    }

    /// Lets the body know that there is something to do.
    pub(super) fn wake_body(&mut self) {
        if let Some(body) = self.body.take() {
            body.wake();
        }
    }

    /// Wakes `cx` with the next [`Outbox::wake_body`].
    pub(super) fn watch(&mut self, cx: &Context<'_>) {
        match &self.body {
            Some(known) if known.will_wake(cx.waker()) => {}
            _ => self.body = Some(cx.waker().clone()),
        }
    }

    /// Takes the first frame out, for a connection that is not written to directly.
    pub(super) fn pop(&mut self) -> Option<Bytes> {
        if self.is_held {
            return None;
        }
        let (frame, _) = self.queue.pop_front()?;
        self.waiting -= frame.len();
        self.settle();
        Some(frame)
    }

    /// Offers what waits to `write` until all is gone.
    ///
    /// # Errors
    /// Those of `write`; `WouldBlock` when the socket takes no more now.
    pub(super) fn drain(
        &mut self,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<()> {
        while self.has_some() {
            let mut slices = [IoSlice::new(&[]); AT_ONCE];
            let mut count = 0;
            for (slice, (frame, _)) in slices.iter_mut().zip(&self.queue) {
                *slice = IoSlice::new(frame);
                count += 1;
            }
            let written = write(slices.get(..count).unwrap_or_default())?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.advance(written);
        }
        Ok(())
    }

    fn advance(&mut self, mut written: usize) {
        self.waiting -= written;
        while let Some((frame, _)) = self.queue.front_mut() {
            if written < frame.len() {
                frame.advance(written);
                self.has_begun |= written > 0;
                break;
            }
            written -= frame.len();
            self.queue.pop_front();
            self.has_begun = false;
        }
        self.settle();
    }

    fn settle(&mut self) {
        if self.queue.is_empty() && self.queue.capacity() > FEW {
            // A burst must not leave its room behind.
            self.queue = VecDeque::new();
        }
        if self.waiting <= self.limit / 4 {
            self.wake_room();
        }
    }

    fn add(&mut self, frame: Bytes, weight: Weight) {
        self.waiting += frame.len();
        self.queue.push_back((frame, weight));
    }

    fn drop_droppable(&mut self) {
        let (before, mut at) = (self.queue.len(), 0);
        let has_begun = self.has_begun;
        self.queue.retain(|(_, weight)| {
            let is_leaving = has_begun && at == 0;
            at += 1;
            is_leaving || *weight == Weight::Needed
        });
        self.dropped += (before - self.queue.len()) as u64;
        self.waiting = self.queue.iter().map(|(frame, _)| frame.len()).sum();
    }

    fn wake_room(&mut self) {
        if let Some(room) = self.room.take() {
            room.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(limit: usize) -> Outbox {
        let mut outbox = Outbox::new(limit);
        outbox.begin(Bytes::from_static(b"H"));
        assert_eq!(outbox.pop().unwrap(), "H");
        outbox
    }

    #[test]
    fn hello_comes_first() {
        let mut outbox = Outbox::new(100);
        outbox
            .push(Bytes::from_static(b"notice"), Weight::Needed)
            .unwrap();
        assert!(!outbox.has_some() && outbox.pop().is_none());
        outbox.begin(Bytes::from_static(b"hello"));
        assert_eq!(outbox.pop().unwrap(), "hello");
        assert_eq!(outbox.pop().unwrap(), "notice");
    }

    #[test]
    fn what_may_be_dropped_goes_first_and_then_there_is_no_room() {
        let mut outbox = open(100);
        for _ in 0..10 {
            outbox
                .push(Bytes::from_static(&[b't'; 10]), Weight::Droppable)
                .unwrap();
        }
        assert_eq!((outbox.waiting(), outbox.dropped()), (50, 5));
        outbox
            .push(Bytes::from_static(&[b'm'; 60]), Weight::Needed)
            .unwrap();
        assert_eq!((outbox.waiting(), outbox.dropped()), (60, 10));
        outbox
            .push(Bytes::from_static(&[b'm'; 40]), Weight::Needed)
            .unwrap();
        assert_eq!(
            outbox.push(Bytes::from_static(b"m"), Weight::Needed),
            Err(Full)
        );
        assert_eq!(outbox.waiting(), 100);
    }

    #[test]
    fn a_frame_that_has_begun_is_finished_before_the_last_word() {
        let mut outbox = open(100);
        outbox
            .push(Bytes::from_static(b"begun"), Weight::Droppable)
            .unwrap();
        outbox
            .push(Bytes::from_static(b"never"), Weight::Needed)
            .unwrap();
        let mut written = Vec::new();
        let once = outbox.drain(|slices| match written.len() {
            0 => {
                written.extend_from_slice(&slices[0][..2]);
                Ok(2)
            }
            _ => Err(io::ErrorKind::WouldBlock.into()),
        });
        assert_eq!(once.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        outbox.close(Bytes::from_static(b"bye"), true);
        outbox
            .push(Bytes::from_static(b"late"), Weight::Needed)
            .unwrap();
        assert!(!outbox.is_finished());
        outbox
            .drain(|slices| {
                slices.iter().for_each(|it| written.extend_from_slice(it));
                Ok(slices.iter().map(|it| it.len()).sum())
            })
            .unwrap();
        assert_eq!(written, b"begunbye");
        assert!(outbox.is_finished());
    }

    #[test]
    fn a_frame_above_the_limit_goes_alone() {
        let mut outbox = open(100);
        let large = Bytes::from_static(&[b'n'; 300]);
        outbox.push(large.clone(), Weight::Needed).unwrap();
        assert_eq!(
            outbox.push(Bytes::from_static(b"m"), Weight::Needed),
            Err(Full)
        );
        assert_eq!(outbox.pop().unwrap(), large);
        outbox.push(large, Weight::Needed).unwrap();
    }

    proptest! {
        #[test]
        fn never_above_the_limit_and_always_in_order(
            steps in prop::collection::vec((1_usize..40, any::<bool>(), 0_usize..60), 1..200),
        ) {
            let mut outbox = open(128);
            let (mut sent, mut got, mut number) = (Vec::new(), Vec::new(), 0_u8);
            for (size, is_needed, takes) in steps {
                number = number.wrapping_add(1);
                let frame = vec![number; size];
                let weight = if is_needed { Weight::Needed } else { Weight::Droppable };
                if outbox.push(frame.clone().into(), weight).is_ok() && is_needed {
                    sent.extend(frame);
                }
                prop_assert!(outbox.waiting() <= 128);
                let mut left = takes;
                let _ = outbox.drain(|slices| {
                    let all: Vec<u8> = slices.iter().flat_map(|it| it.to_vec()).collect();
                    let taken = all.len().min(left);
                    left -= taken;
                    got.extend_from_slice(&all[..taken]);
                    match taken { 0 => Err(io::ErrorKind::WouldBlock.into()), _ => Ok(taken) }
                });
            }
            let _ = outbox.drain(|slices| { got.extend_from_slice(&slices[0]); Ok(slices[0].len()) });
            prop_assert_eq!(outbox.waiting(), 0);
            // What was needed is all there, in order: take the rest away.
            let mut rest = got.into_iter();
            for byte in sent {
                prop_assert!(rest.any(|it| it == byte));
            }
        }
    }
}
