//! Who calls is settled before anybody looks at what they send.
//!
//! actix-web polls the extractors of a handler side by side. A guard that asks the database is slower than the refusal
//! of a bad body, so without this a stranger would learn what a call takes, and could make the server read a body for
//! nothing. Guards announce themselves when the extractors are made; the others wait until every guard has let the
//! request in. After a refusal they are never polled again: the guard's answer is the answer.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use actix_web::{HttpMessage, HttpRequest};

use crate::error::Result;

/// What an extractor of this house gives back.
pub type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// The guards of one request. All its extractors are polled by one task.
#[derive(Clone, Default)]
struct Gate(Rc<Watch>);

#[derive(Default)]
struct Watch {
    /// Guards that have not let the request in.
    guards: Cell<usize>,
    /// Who waits for them.
    waiting: RefCell<Vec<Waker>>,
}

impl Gate {
    fn of(request: &HttpRequest) -> Self {
        let mut extensions = request.extensions_mut();
        if let Some(gate) = extensions.get::<Self>() {
            return gate.clone();
        }
        let gate = Self::default();
        extensions.insert(gate.clone());
        gate
    }

    fn close(&self) {
        self.0.guards.set(self.0.guards.get() + 1);
    }

    fn open(&self) {
        self.0.guards.set(self.0.guards.get().saturating_sub(1));
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }

    async fn opened(&self) {
        poll_fn(|context| {
            if self.0.guards.get() == 0 {
                return Poll::Ready(());
            }
            self.0.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Runs a guard, and keeps everything else of the request waiting until it has let the request in.
///
/// Call it in `from_request` itself, not in a future: a guard must be known before the first extractor is polled.
pub fn guard<T: 'static>(
    request: &HttpRequest,
    verdict: impl Future<Output = Result<T>> + 'static,
) -> Extracted<T> {
    let gate = Gate::of(request);
    gate.close();
    Box::pin(async move {
        let who = verdict.await?;
        gate.open();
        Ok(who)
    })
}

/// Returns when every guard of the handler has let the request in; at once if it has none.
pub async fn let_in(request: &HttpRequest) {
    let gate = Gate::of(request);
    gate.opened().await;
}

/// Gives what was found in the head of a request; a refusal only to those who were let in.
pub fn once_let_in<T: 'static>(request: &HttpRequest, found: Result<T>) -> Extracted<T> {
    let request = request.clone();
    Box::pin(async move {
        if found.is_err() {
            let_in(&request).await;
        }
        found
    })
}
