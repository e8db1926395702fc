//! Who calls is settled before anybody looks at what they send.
//!
//! actix-web polls the extractors of a handler side by side. A guard that asks the database is slower than the refusal
//! of a bad body, so without this a stranger would learn what a call takes, and could make the server read a body for
//! nothing. Guards announce themselves when the extractors are made; the others wait until every guard has let the
//! request in. After a refusal they are never polled again: the guard's answer is the answer.

use std::future::Future;
use std::pin::Pin;

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::watch;

use crate::error::Result;

/// What an extractor of this house gives back.
pub type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// How many guards of a request have not let it in.
struct Gate(watch::Sender<usize>);

/// Runs a guard, and keeps everything else of the request waiting until it has let the request in.
///
/// Call it in `from_request` itself, not in a future: a guard must be known before the first extractor is polled.
pub fn guard<T: 'static>(
    request: &HttpRequest,
    verdict: impl Future<Output = Result<T>> + 'static,
) -> Extracted<T> {
    let gate = {
        let mut extensions = request.extensions_mut();
        if !extensions.contains::<Gate>() {
            extensions.insert(Gate(watch::Sender::new(0)));
        }
        extensions.get::<Gate>().map(|gate| gate.0.clone())
    };
    let count = move |change: fn(&mut usize)| {
        if let Some(gate) = &gate {
            gate.send_modify(change);
        }
    };
    count(|guards| *guards += 1);
    Box::pin(async move {
        let who = verdict.await?;
        count(|guards| *guards -= 1);
        Ok(who)
    })
}

/// Returns when every guard of the handler has let the request in; at once if it has none.
pub async fn let_in(request: &HttpRequest) {
    let gate = request
        .extensions()
        .get::<Gate>()
        .map(|gate| gate.0.subscribe());
    if let Some(mut gate) = gate
        && gate.wait_for(|guards| *guards == 0).await.is_err()
    {
        // The request is over.
        std::future::pending::<()>().await;
    }
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
