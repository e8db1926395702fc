//! The workers: each takes a job, carries it out, renews its lease meanwhile, and notes how it ended.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::model::{Failure, Outcome, Task};
use super::service::{Held, Jobs};

/// How often an idle worker looks, for what others have put into the queue and for what has become due.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A third of the lease.
const RENEW_EVERY: Duration = Duration::from_secs(20);

type Ended = Result<Outcome, Failure>;
type Handler = Box<dyn Fn(Task) -> Pin<Box<dyn Future<Output = Ended> + Send>> + Send + Sync>;

/// What is done for each kind of job.
#[derive(Default)]
pub struct Handlers {
    by_kind: HashMap<&'static str, Handler>,
}

impl Handlers {
    /// Says what a kind of job does. The future may be dropped at any point when the server stops, and may run again.
    #[must_use]
    pub fn on<F, Fut>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Task) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Ended> + Send + 'static,
    {
        self.by_kind
            .insert(kind, Box::new(move |task| Box::pin(handler(task))));
        self
    }

    /// Does what `others` do, too.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.by_kind.extend(others.by_kind);
        self
    }

    fn begin(&self, held: &Held) -> JoinHandle<Ended> {
        let task = Task {
            subject: held.job.subject_id.clone().unwrap_or_default(),
            attempt: held.job.attempts,
        };
        match self.by_kind.get(held.job.kind.as_str()) {
            Some(handler) => tokio::spawn(handler(task)),
            None => {
                let unknown = format!("This server knows no jobs of the kind {:?}.", held.job.kind);
                tokio::spawn(std::future::ready(Err(Failure::lasting(unknown))))
            }
        }
    }
}

/// Workers that run until they are stopped.
pub struct Workers {
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Interrupts what is being done, gives it back to the queue, and returns when every worker has ended.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for worker in self.running {
            if let Err(error) = worker.await {
                tracing::error!(%error, "a worker ended badly");
            }
        }
    }
}

impl Jobs {
    /// Starts workers on the present runtime.
    #[must_use]
    pub fn start(&self, handlers: Handlers, workers: usize) -> Workers {
        let stop = watch::Sender::new(false);
        let handlers = Arc::new(handlers);
        let running = (0..workers)
            .map(|_| tokio::spawn(work(self.clone(), Arc::clone(&handlers), stop.subscribe())))
            .collect();
        Workers { stop, running }
    }
}

async fn work(jobs: Jobs, handlers: Arc<Handlers>, mut stop: watch::Receiver<bool>) {
    // The sender is gone when the workers were dropped instead of stopped.
    while stop.has_changed().is_ok() && !*stop.borrow_and_update() {
        // Listening begins before looking, or a job that comes in between would wait for the next look.
        let woken = jobs.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match jobs.take().await {
            Ok(Some(held)) => {
                carry_out(&jobs, &handlers, held, &mut stop).await;
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "could not look for jobs"),
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn carry_out(jobs: &Jobs, handlers: &Handlers, held: Held, stop: &mut watch::Receiver<bool>) {
    let (kind, id) = (held.job.kind.clone(), held.job.id.clone());
    let mut attempt = handlers.begin(&held);
    let ended = loop {
        tokio::select! {
            ended = &mut attempt => break Some(ended.unwrap_or_else(|error| {
                Err(Failure::passing(format!("the handler ended badly: {error}")))
            })),
            _ = stop.changed() => break None,
            () = tokio::time::sleep(RENEW_EVERY) => if matches!(jobs.renew(&held).await, Ok(false)) {
                tracing::warn!(job.id = %id, job.kind = kind, "lost the lease of a job");
                attempt.abort();
                return;
            },
        }
    };
    if let Some(Err(failure)) = &ended {
        tracing::warn!(job.id = %id, job.kind = kind, job.attempt = held.job.attempts, "a job failed: {failure}");
    }
    let noted = match ended {
        Some(ended) => jobs.finish(held, ended).await,
        None => {
            attempt.abort();
            drop(attempt.await);
            jobs.give_back(held).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(job.id = %id, job.kind = kind, %error, "could not note how a job ended; its lease will run out");
    }
}
