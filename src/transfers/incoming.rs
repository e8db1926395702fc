//! Bodies of requests that are read from a plain connection no faster than they are used.
//!
//! The protocol layer reads on while whoever takes a body waits for a disk: 128 KiB into its buffer, as much into the queue
//! of the body, and as much again is in the hands of the one who waits. With 64 uploads at once that was most of what they
//! added to the memory. Here the body tells its connection what was taken, and the connection gives only so much more
//! (see [`Line`]). What all bodies of a worker may have ahead together is bounded, down to [`LEAST`] for each.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use bytes::Bytes;
use futures_util::Stream;

use super::line::Line;
use super::socket::line_of;

/// Bytes that all bodies of one worker may have ahead together, and one at most and at least.
const TOGETHER: usize = 512 << 10;
const MOST: usize = 128 << 10;
const LEAST: usize = 16 << 10;

/// A body that is announced to be smaller fits into what one may have ahead anyway.
const SMALL: u64 = LEAST as u64;

thread_local! {
    /// Bodies that come in on this worker.
    static BODIES: Cell<usize> = const { Cell::new(0) };
}

/// The middleware: bodies of some size on plain connections are metered, others pass as they are.
///
/// # Errors
/// Those of the service behind it.
pub async fn metered(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if is_large(&request)
        && let Some(line) = line_of(request.request())
    {
        let body = Metered::new(request.take_payload(), line);
        request.set_payload(Payload::Stream {
            payload: Box::pin(body),
        });
    }
    next.call(request).await
}

/// Whether a body comes that is not known to be small.
fn is_large(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    match headers.get(header::CONTENT_LENGTH) {
        Some(length) => length
            .to_str()
            .is_ok_and(|it| it.parse().is_ok_and(|it: u64| it > SMALL)),
        None => headers.contains_key(header::TRANSFER_ENCODING),
    }
}

/// What one body may have ahead while so many come in.
fn share(bodies: usize) -> usize {
    (TOGETHER / bodies.max(1)).clamp(LEAST, MOST)
}

/// A body that tells its connection what was taken of it.
struct Metered {
    body: Payload,
    line: Rc<Line>,
}

impl Metered {
    fn new(body: Payload, line: Rc<Line>) -> Self {
        BODIES.set(BODIES.get() + 1);
        line.meter(share(BODIES.get()));
        Self { body, line }
    }
}

impl Stream for Metered {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.body).poll_next(cx));
        match &next {
            Some(Ok(bytes)) => self.line.took(bytes.len(), share(BODIES.get())),
            Some(Err(_)) | None => self.line.unmeter(),
        }
        Poll::Ready(next)
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        BODIES.set(BODIES.get().saturating_sub(1));
        self.line.unmeter();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_shares_what_may_be_ahead() {
        assert_eq!(share(1), MOST);
        for bodies in 1..=32 {
            assert!(share(bodies) * bodies <= TOGETHER, "{bodies} bodies");
        }
        assert_eq!(share(1000), LEAST);
    }
}
