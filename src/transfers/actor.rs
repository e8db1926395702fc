//! The Transfer actor of a download: one for each [`Live`].
//!
//! It watches the counters that the bodies move, and once a tick writes them down and tells the
//! owner's screens. Nothing passes through it: a chunk never waits for an actor. When no request
//! has come for [`Pace::linger`], it writes the last word — completed, paused or aborted — and
//! leaves the registry, unless a request joined meanwhile. It never blocks: notes are futures,
//! at most one at a time.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::time::Instant;

use super::flow::Tally;
use super::live::{Journal, Live};
use super::registry::Transfers;

/// The rhythm of an actor.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two looks at the counters.
    pub tick: Duration,
    /// How long after its last request a download is held to be over.
    pub linger: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            tick: Duration::from_secs(1),
            linger: Duration::from_secs(2),
        }
    }
}

/// How often the last word is tried before it is given up.
const LAST_WORDS: u32 = 5;

pub(super) struct Transfer {
    live: Arc<Live>,
    journal: Option<Box<dyn Journal>>,
    house: Transfers,
    pace: Pace,
    seen: Tally,
    idle_since: Option<Instant>,
    /// A note is on its way.
    is_noting: bool,
    failures: u32,
}

/// Look at the counters now: the flow was stopped.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Look;

/// Write the last word and end, because the server stops. Answers when it is written.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Close;

impl Transfer {
    pub(super) fn new(
        live: Arc<Live>,
        journal: Option<Box<dyn Journal>>,
        house: Transfers,
        pace: Pace,
    ) -> Transfer {
        Transfer {
            live,
            journal,
            house,
            pace,
            seen: Tally::default(),
            idle_since: None,
            is_noting: false,
            failures: 0,
        }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.is_noting {
            return;
        }
        let tally = self.live.flow.tally();
        let has_moved = tally != self.seen;
        self.seen = tally;
        if tally.open > 0 || has_moved {
            self.idle_since = None;
        }
        let is_over = match (tally.open, self.live.flow.is_stopped()) {
            (0, true) => true,
            (0, false) => {
                let since = *self.idle_since.get_or_insert_with(Instant::now);
                since.elapsed() >= self.pace.linger
            }
            _ => false,
        };
        if is_over {
            self.end(ctx);
        } else if has_moved {
            self.note(ctx);
        }
    }

    fn note(&mut self, ctx: &mut Context<Self>) {
        let Some(journal) = &self.journal else {
            return;
        };
        let progress = self.live.progress(false);
        journal.tell(&progress);
        let noted = journal.note(progress, false);
        self.is_noting = true;
        ctx.spawn(noted.into_actor(self).map(|outcome, transfer, _| {
            transfer.is_noting = false;
            if let Err(cause) = outcome {
                // The next note carries everything that this one did.
                tracing::warn!(%cause, "could not note the progress of a download");
            }
        }));
    }

    /// Writes the last word, then leaves if nobody joined since.
    fn end(&mut self, ctx: &mut Context<Self>) {
        let joins = self.live.joins();
        let Some(journal) = &self.journal else {
            self.leave(joins, ctx);
            return;
        };
        let progress = self.live.progress(true);
        journal.tell(&progress);
        let noted = journal.note(progress, true);
        self.is_noting = true;
        ctx.spawn(noted.into_actor(self).map(move |outcome, transfer, ctx| {
            transfer.is_noting = false;
            match outcome {
                Ok(()) => transfer.leave(joins, ctx),
                Err(cause) => transfer.failed(&cause, joins, ctx),
            }
        }));
    }

    fn failed(&mut self, cause: &str, joins: u64, ctx: &mut Context<Self>) {
        self.failures += 1;
        tracing::warn!(%cause, attempt = self.failures, "could not note the end of a download");
        if self.failures >= LAST_WORDS {
            self.leave(joins, ctx);
        }
    }

    fn leave(&mut self, joins: u64, ctx: &mut Context<Self>) {
        if self.house.release(&self.live, joins) {
            ctx.stop();
        }
    }
}

impl Actor for Transfer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(self.pace.tick, Self::look);
    }
}

impl Handler<Look> for Transfer {
    type Result = ();

    fn handle(&mut self, _: Look, ctx: &mut Context<Self>) {
        self.look(ctx);
    }
}

impl Handler<Close> for Transfer {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Close, _: &mut Context<Self>) -> Self::Result {
        let noted = self
            .journal
            .as_ref()
            .map(|journal| journal.note(self.live.progress(true), true));
        let write = async move {
            match noted {
                Some(noted) => noted.await,
                None => Ok(()),
            }
        };
        Box::pin(write.into_actor(self).map(|outcome, transfer, ctx| {
            if let Err(cause) = outcome {
                tracing::warn!(%cause, "could not note a download before stopping");
            }
            transfer.house.forget(&transfer.live);
            ctx.stop();
        }))
    }
}
