//! Bodies that are made chunk by chunk.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

/// What makes the chunks of a body.
pub(super) trait Chunks: Unpin {
    /// Bytes of all of them together.
    fn size(&self) -> u64;

    /// The next one, or `None` behind the last.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>>;
}

/// A body of such chunks. When a fault cuts it, what came before is written first.
#[derive(Debug)]
pub(super) struct ChunkBody<C> {
    chunks: C,
    fault: Option<io::Error>,
}

impl<C> ChunkBody<C> {
    pub(super) fn new(chunks: C) -> Self {
        Self {
            chunks,
            fault: None,
        }
    }
}

impl<C: Chunks> MessageBody for ChunkBody<C> {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.chunks.size())
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        let this = self.get_mut();
        if let Some(fault) = this.fault.take() {
            return Poll::Ready(Some(Err(fault)));
        }
        match ready!(this.chunks.poll_chunk(cx)) {
            Ok(chunk) => Poll::Ready(chunk.map(Ok)),
            Err(fault) => {
                // With a fault the protocol layer throws away what it still has, which can be the head: the reader would
                // see an answer that never came instead of one that was cut. It writes when a body has nothing for it.
                this.fault = Some(fault);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
