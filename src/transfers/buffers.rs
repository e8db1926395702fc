//! Read buffers that are used again instead of being allocated for each chunk.
//!
//! A [`Lease`] becomes `Bytes` without a copy; when the last reference goes, the buffer returns
//! to the thread that took it. Each worker keeps at most [`KEPT`] idle buffers, so memory follows
//! the number of workers and not the number of clients.

use std::cell::RefCell;
use std::thread::ThreadId;

use bytes::Bytes;

/// The size of every buffer, and so of the largest chunk.
pub(super) const SIZE: usize = 256 * 1024;

/// Idle buffers a thread keeps.
const KEPT: usize = 2;

thread_local! {
    static IDLE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer on loan to one read.
#[derive(Debug)]
pub(super) struct Lease {
    /// Empty only while being dropped.
    buffer: Box<[u8]>,
    filled: usize,
    home: ThreadId,
}

impl Lease {
    /// Takes an idle buffer of this thread, or a new one.
    pub(super) fn take() -> Lease {
        let idle = IDLE.with_borrow_mut(Vec::pop);
        Lease {
            buffer: idle.unwrap_or_else(|| vec![0; SIZE].into_boxed_slice()),
            filled: 0,
            home: std::thread::current().id(),
        }
    }

    /// Room for at most `want` bytes.
    pub(super) fn space(&mut self, want: usize) -> &mut [u8] {
        let end = want.min(self.buffer.len());
        &mut self.buffer[..end]
    }

    /// The first `filled` bytes, shared; the buffer comes back when they are done with.
    pub(super) fn freeze(mut self, filled: usize) -> Bytes {
        self.filled = filled.min(self.buffer.len());
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Lease {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Buffers of a cancelled read end on a blocking thread, which has no use for them.
        if std::thread::current().id() != self.home {
            return;
        }
        let buffer = std::mem::take(&mut self.buffer);
        // During thread shutdown the list is gone; then the buffer is simply freed.
        let _ = IDLE.try_with(|idle| {
            let mut idle = idle.borrow_mut();
            if idle.len() < KEPT {
                idle.push(buffer);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_after_its_bytes_are_gone() {
        let mut lease = Lease::take();
        lease.space(3).copy_from_slice(b"abc");
        let place = lease.buffer.as_ptr();
        let bytes = lease.freeze(3);
        assert_eq!(bytes, "abc");
        drop(bytes);
        assert_eq!(Lease::take().buffer.as_ptr(), place);
    }

    #[test]
    fn idle_buffers_are_bounded() {
        let many: Vec<Lease> = (0..10).map(|_| Lease::take()).collect();
        drop(many);
        assert_eq!(IDLE.with_borrow(Vec::len), KEPT);
    }

    #[test]
    fn a_buffer_dropped_elsewhere_is_freed() {
        let lease = Lease::take();
        let idle = std::thread::spawn(move || {
            drop(lease);
            IDLE.with_borrow(Vec::len)
        });
        assert_eq!(idle.join().unwrap(), 0);
    }
}
