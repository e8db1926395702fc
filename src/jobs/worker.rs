//! The workers: each takes a job of its lane, carries it out, says meanwhile that it is alive and how far it is, and
//! notes how it ended. One whose lease is gone drops what it does, and the tools that it runs end with that.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::model::{Failure, Lane, Outcome};
use super::service::{Held, Jobs, LEASE};
use super::task::{Report, Said, Task};

/// How often an idle worker looks, for what others have put into the queue and for what has become due.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A third of the lease.
const RENEW_EVERY: Duration = Duration::from_secs(20);

/// How often what a job reports is written down, and whether it was cancelled is looked at.
const TICK: Duration = Duration::from_secs(1);

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

    fn begin(&self, held: &Held, report: Report) -> JoinHandle<Ended> {
        let task = Task {
            id: held.job.id.clone(),
            subject: held.job.subject_id.clone().unwrap_or_default(),
            payload: held.job.payload.clone(),
            attempt: held.job.attempts,
            is_last: held.job.attempts >= held.job.max_attempts,
            report,
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
    /// Starts workers on the present runtime: so many for quick work, and so many for work that takes long.
    #[must_use]
    pub fn start(&self, handlers: Handlers, quick: usize, long: usize) -> Workers {
        self.start_lanes(handlers, &[(Lane::Quick, quick), (Lane::Long, long)])
    }

    /// Starts workers on the present runtime: so many for each lane.
    #[must_use]
    pub fn start_lanes(&self, handlers: Handlers, lanes: &[(Lane, usize)]) -> Workers {
        let stop = watch::Sender::new(false);
        let handlers = Arc::new(handlers);
        let running = lanes
            .iter()
            .flat_map(|(lane, workers)| std::iter::repeat_n(*lane, *workers))
            .map(|lane| {
                let work = work(self.clone(), lane, Arc::clone(&handlers), stop.subscribe());
                tokio::spawn(work)
            })
            .collect();
        Workers { stop, running }
    }
}

async fn work(jobs: Jobs, lane: Lane, handlers: Arc<Handlers>, mut stop: watch::Receiver<bool>) {
    // The sender is gone when the workers were dropped instead of stopped.
    while stop.has_changed().is_ok() && !*stop.borrow_and_update() {
        // Listening begins before looking, or a job that comes in between would wait for the next look.
        let woken = jobs.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match jobs.take(lane).await {
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

/// How an attempt came to its end.
enum Stop {
    Ended(Ended),
    /// The lease is gone: another worker has the job, or nobody shall do it.
    Lost,
    /// The server stops.
    Interrupted,
}

async fn carry_out(
    jobs: &Jobs,
    handlers: &Handlers,
    mut held: Held,
    stop: &mut watch::Receiver<bool>,
) {
    let (kind, id) = (held.job.kind.clone(), held.job.id.clone());
    let report = Report::default();
    let mut attempt = handlers.begin(&held, report.clone());
    let stopped = attend(jobs, &mut held, &mut attempt, &report, stop).await;
    let noted = match stopped {
        Stop::Ended(ended) => {
            if let Err(failure) = &ended {
                tracing::warn!(job.id = %id, job.kind = kind, job.attempt = held.job.attempts, "a job failed: {failure}");
            }
            jobs.finish(held, ended, report.said()).await
        }
        Stop::Lost => {
            tracing::info!(job.id = %id, job.kind = kind, "a job was taken from its worker");
            end(attempt).await;
            return;
        }
        Stop::Interrupted => {
            end(attempt).await;
            jobs.give_back(held).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(job.id = %id, job.kind = kind, %error, "could not note how a job ended; its lease will run out");
    }
}

/// Waits for the end of an attempt, and keeps the lease meanwhile.
async fn attend(
    jobs: &Jobs,
    held: &mut Held,
    attempt: &mut JoinHandle<Ended>,
    report: &Report,
    stop: &mut watch::Receiver<bool>,
) -> Stop {
    let mut lease = Kept {
        since: Instant::now(),
        said: Said::default(),
    };
    loop {
        let revoked = jobs.revoked.notified();
        tokio::select! {
            ended = &mut *attempt => return Stop::Ended(ended.unwrap_or_else(|error| {
                Err(Failure::passing(format!("the handler ended badly: {error}")))
            })),
            _ = stop.changed() => return Stop::Interrupted,
            () = revoked => {}
            () = tokio::time::sleep(TICK) => {}
        }
        if !lease.keep(jobs, held, report.said()).await {
            return Stop::Lost;
        }
    }
}

/// When the lease was last known to hold, and what was written down then.
struct Kept {
    since: Instant,
    said: Said,
}

impl Kept {
    /// Whether the job is still this worker's. A worker that cannot ask for the time of a lease must believe that it is
    /// not.
    async fn keep(&mut self, jobs: &Jobs, held: &mut Held, said: Said) -> bool {
        let is_due = said != self.said || self.since.elapsed() >= RENEW_EVERY;
        let kept = match is_due {
            true => jobs.beat(held, said.clone()).await,
            false => jobs.is_held(held).await,
        };
        match kept {
            Ok(true) if is_due => {
                (self.since, self.said) = (Instant::now(), said);
                true
            }
            Ok(is_held) => is_held,
            Err(error) => {
                tracing::warn!(%error, "could not look whether a job is still held");
                self.since.elapsed() < LEASE.to_std().unwrap_or_default()
            }
        }
    }
}

/// Drops what an attempt does, and with that its tools.
async fn end(attempt: JoinHandle<Ended>) {
    attempt.abort();
    drop(attempt.await);
}
