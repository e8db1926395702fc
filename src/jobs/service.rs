//! The rules of the queue: who may take a job, and what becomes of it afterwards.

mod admin;
mod hooks;

use std::sync::Arc;

use chrono::TimeDelta;
use playhouse_api::events::{Event, JobEvent};
use tokio::sync::Notify;

use super::model::{Error, Failure, GivenUp, Job, JobState, Lane, NewJob, Outcome};
use super::node::Node;
use super::store::{self, Beat, Release};
use super::task::Said;
use crate::clock::{Clock, Time};
use crate::db::{self, Conn, Db};
use crate::events::{Audience, Events};
use crate::ids::JobId;
use hooks::Hooks;

/// How long a worker may be silent before its job is taken again.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);

/// How long a finished job stays in the list.
const KEEP_DONE: TimeDelta = TimeDelta::days(7);

type Result<T> = std::result::Result<T, Error>;

/// The queue; cheap to copy.
#[derive(Clone)]
pub struct Jobs {
    pub(super) db: Db,
    pub(super) clock: Clock,
    events: Events,
    pub(super) wake: Arc<Notify>,
    /// Told when a job that may be running was taken from its worker.
    pub(super) revoked: Arc<Notify>,
    endings: Hooks<GivenUp>,
    revivals: Hooks<Job>,
    node: Arc<Node>,
}

/// A job in the hands of a worker.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub job: Job,
    pub owner: String,
}

/// What came of looking for a job to do.
struct Taken {
    held: Option<Held>,
    given_up: Vec<Job>,
}

impl Jobs {
    /// A queue whose leases run out when its process dies; see [`Jobs::of`].
    #[must_use]
    pub fn new(db: Db, clock: Clock, events: Events) -> Self {
        Self {
            node: Arc::new(Node::unknown()),
            db,
            clock,
            events,
            wake: Arc::default(),
            revoked: Arc::default(),
            endings: Hooks::default(),
            revivals: Hooks::default(),
        }
    }

    /// The same queue for a process that others on its data folder know of.
    #[must_use]
    pub fn of(self, node: Node) -> Self {
        Self {
            node: Arc::new(node),
            ..self
        }
    }

    /// Takes back at once the jobs of processes that have died on this data folder, and says how many they were. What
    /// another living process has stays its own. Runs after a start.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_back(&self) -> Result<usize> {
        let node = Arc::clone(&self.node);
        let dead = tokio::task::spawn_blocking(move || node.dead()).await;
        let mut count = 0;
        for process in dead.unwrap_or_default() {
            let (now, prefix) = (self.clock.now(), process.prefix());
            let write = move |conn: &mut Conn| Ok(store::abandon(conn, &prefix, now)?);
            count += self.db.write::<_, Error, _>(write).await?;
            process.forget();
        }
        if count > 0 {
            tracing::info!(count, "took back the jobs of a server that was killed");
            self.wake();
        }
        Ok(count)
    }

    /// Says what else changes, in the same transaction, when a job of this kind fails for good or is cancelled. It may
    /// run more than once, as in [`Db::write`].
    pub fn when_given_up(
        &self,
        kind: &'static str,
        ending: impl Fn(&mut Conn, Time, &GivenUp) -> db::Result<()> + Send + Sync + 'static,
    ) {
        self.endings.set(kind, ending);
    }

    /// Says what else changes, in the same transaction, when an admin has a job of this kind tried again that had failed
    /// or was cancelled. It may run more than once, as in [`Db::write`].
    pub fn when_tried_again(
        &self,
        kind: &'static str,
        revival: impl Fn(&mut Conn, Time, &Job) -> db::Result<()> + Send + Sync + 'static,
    ) {
        self.revivals.set(kind, revival);
    }

    /// Puts a job into the queue, as part of the caller's transaction. After the commit, call [`Jobs::wake`].
    ///
    /// # Errors
    /// When the database refuses.
    pub fn enqueue_in(conn: &mut Conn, now: Time, job: NewJob) -> db::Result<()> {
        store::insert(conn, &job.into_row(now))
    }

    /// Whether there is something to do still about this subject, of this kind and with this payload.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_open_in(
        conn: &mut Conn,
        kind: &str,
        subject: &str,
        payload: &str,
    ) -> db::Result<bool> {
        let filter = store::Filter {
            kind: Some(kind.to_owned()),
            subject: Some(subject.to_owned()),
            ..store::Filter::default()
        };
        let found = store::list(conn, &filter, 1000)?;
        let is_it = |job: &Job| job.state.is_open() && job.payload == payload;
        Ok(found.iter().any(is_it))
    }

    /// Whether there is something to do still about this subject, of any of these kinds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_any_open_in(conn: &mut Conn, subject: &str, kinds: &[&str]) -> db::Result<bool> {
        let filter = store::Filter {
            subject: Some(subject.to_owned()),
            ..store::Filter::default()
        };
        let found = store::list(conn, &filter, 1000)?;
        let is_it = |job: &Job| job.state.is_open() && kinds.contains(&job.kind.as_str());
        Ok(found.iter().any(is_it))
    }

    /// Whether some worker is at this attempt of a job, as far as its lease tells.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn runs(&self, id: JobId, attempt: i32) -> Result<bool> {
        let now = self.clock.now();
        self.db
            .read(move |conn| {
                let job = store::find(conn, &id)?;
                Ok(job.is_some_and(|job| {
                    job.state == JobState::Running
                        && job.attempts == attempt
                        && job.lease_until.is_some_and(|at| at > now)
                }))
            })
            .await
    }

    /// Tells the workers of this node that there is something to do. Others find it by looking.
    pub fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// Removes jobs that ended well or were cancelled long ago.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self) -> Result<usize> {
        let before = self.clock.now() - KEEP_DONE;
        self.db
            .write_relaxed::<_, Error, _>(move |conn| Ok(store::delete_ended(conn, before)?))
            .await
    }

    /// Removes jobs of a kind that failed before then, and are of no more use to admins.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_failed_in(conn: &mut Conn, kind: &str, before: Time) -> db::Result<usize> {
        store::delete_failed(conn, kind, before)
    }

    /// How many jobs of a lane and kind have not ended.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count_open(&self, lane: Lane, kind: &'static str) -> Result<i64> {
        let count = move |conn: &mut Conn| Ok(store::count_open(conn, lane, kind)?);
        self.db.read::<_, Error, _>(count).await
    }

    /// Takes the next job of a lane that is due, if there is one.
    pub(super) async fn take(&self, lane: Lane) -> Result<Option<Held>> {
        let now = self.clock.now();
        let is_any_due = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::is_any_due(conn, lane, now)?))
            .await?;
        if !is_any_due {
            return Ok(None);
        }
        let (endings, node) = (self.endings.clone(), Arc::clone(&self.node));
        let taken = self
            .db
            .write(move |conn| take(conn, now, lane, &endings, &node))
            .await?;
        taken.given_up.iter().for_each(|job| self.tell(job));
        if let Some(held) = &taken.held {
            self.tell(&held.job);
        }
        Ok(taken.held)
    }

    /// Whether a worker still has its job.
    pub(super) async fn is_held(&self, held: &Held) -> Result<bool> {
        let (id, owner) = (held.job.id.clone(), held.owner.clone());
        self.db
            .read::<_, Error, _>(move |conn| Ok(store::is_held(conn, &id, &owner)?))
            .await
    }

    /// Extends the lease and notes how far the job is; false when the lease is lost.
    pub(super) async fn beat(&self, held: &mut Held, said: Said) -> Result<bool> {
        let now = self.clock.now();
        let (id, owner) = (held.job.id.clone(), held.owner.clone());
        let beat = Beat {
            lease_until: now + LEASE,
            heartbeat_at: now,
            progress: said.progress,
            log_tail: said.log,
        };
        let is_held = self
            .db
            .write_relaxed::<_, Error, _>(move |conn| Ok(store::beat(conn, &id, &owner, &beat)?))
            .await?;
        if is_held && held.job.progress != said.progress {
            held.job.progress = said.progress;
            self.tell(&held.job);
        }
        Ok(is_held)
    }

    /// Notes how an attempt ended.
    pub(super) async fn finish(
        &self,
        held: Held,
        ended: std::result::Result<Outcome, Failure>,
        said: Said,
    ) -> Result<()> {
        let release = after_attempt(&held.job, ended, said, self.clock.now());
        self.release(held, release).await
    }

    /// Gives a job back that was interrupted, without counting the attempt.
    pub(super) async fn give_back(&self, held: Held) -> Result<()> {
        let now = self.clock.now();
        let release = Release {
            state: JobState::Queued,
            attempts: held.job.attempts - 1,
            progress: 0,
            run_at: now,
            last_error: None,
            log_tail: None,
            updated_at: now,
        };
        self.release(held, release).await
    }

    async fn release(&self, held: Held, release: Release) -> Result<()> {
        let released = Job {
            state: release.state,
            progress: release.progress,
            ..held.job.clone()
        };
        let (endings, now) = (self.endings.clone(), self.clock.now());
        let was_held = self
            .db
            .write::<_, Error, _>(move |conn| {
                let was_held = store::release(conn, &held.job.id, &held.owner, &release)?;
                if was_held && release.state == JobState::Failed {
                    let why = release.last_error.as_deref().unwrap_or_default();
                    endings.give_up(conn, now, &held.job, why)?;
                }
                Ok(was_held)
            })
            .await?;
        if was_held {
            self.tell(&released);
        } else {
            tracing::warn!("a job went to another worker before this one had ended it");
        }
        Ok(())
    }

    /// Tells admins how a film's job stands. What is not about a film is not told.
    fn tell(&self, job: &Job) {
        let Some(movie_id) = job.movie_id() else {
            return;
        };
        let event = JobEvent {
            id: job.id.uuid(),
            kind: job.kind.clone(),
            movie_id,
            payload: Some(job.payload.clone()).filter(|it| !it.is_empty()),
            state: job.state.into(),
            progress: job.progress,
        };
        self.events.push(Audience::Admins, Event::Job(event));
    }
}

/// Takes one job. One that has used up its attempts, because its workers died, is failed instead.
fn take(
    conn: &mut Conn,
    now: Time,
    lane: Lane,
    endings: &Hooks<GivenUp>,
    node: &Node,
) -> Result<Taken> {
    let mut given_up = Vec::new();
    while let Some(mut job) = store::next_due(conn, lane, now)? {
        let owner = node.owner();
        store::take(conn, &job.id, &owner, now, now + LEASE)?;
        if job.attempts < job.max_attempts {
            job.attempts += 1;
            job.progress = 0;
            job.state = JobState::Running;
            let held = Some(Held { job, owner });
            return Ok(Taken { held, given_up });
        }
        let why = "The server stopped during every attempt.";
        let release = Release {
            state: JobState::Failed,
            attempts: job.attempts,
            progress: 0,
            run_at: job.run_at,
            last_error: Some(why.to_owned()),
            log_tail: None,
            updated_at: now,
        };
        store::release(conn, &job.id, &owner, &release)?;
        endings.give_up(conn, now, &job, why)?;
        job.state = JobState::Failed;
        given_up.push(job);
    }
    let held = None;
    Ok(Taken { held, given_up })
}

fn after_attempt(
    job: &Job,
    ended: std::result::Result<Outcome, Failure>,
    said: Said,
    now: Time,
) -> Release {
    let (state, attempts, run_at, last_error) = match ended {
        Ok(Outcome::Done) => (JobState::Done, job.attempts, job.run_at, None),
        Ok(Outcome::Again(at)) => (JobState::Queued, job.attempts - 1, at, None),
        Err(failure) if failure.is_final || job.attempts >= job.max_attempts => (
            JobState::Failed,
            job.attempts,
            job.run_at,
            Some(failure.message),
        ),
        Err(failure) => (
            JobState::Queued,
            job.attempts,
            failure
                .not_before
                .unwrap_or(now)
                .max(now + pause_after(job.attempts)),
            Some(failure.message),
        ),
    };
    let progress = match state {
        JobState::Done => 100,
        JobState::Failed => said.progress,
        _ => 0,
    };
    Release {
        state,
        attempts,
        progress,
        run_at,
        last_error,
        log_tail: Some(said.log),
        updated_at: now,
    }
}

/// 10 s after the first failure, four times as long after each further one, at most an hour.
fn pause_after(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 6) - 1).unwrap_or(0) * 2;
    TimeDelta::seconds((10_i64 << doublings).min(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        let seconds = [1, 2, 3, 4, 5, 6, 99].map(|n| pause_after(n).num_seconds());
        assert_eq!(seconds, [10, 40, 160, 640, 2560, 3600, 3600]);
    }

    #[test]
    fn an_attempt_ends_as_it_should() {
        let now = Clock::default().now();
        let mut job = NewJob::new("poster", "x", now).into_row(now);
        job.attempts = 1;
        let said = || Said {
            progress: 40,
            log: "words".to_owned(),
        };
        let after = |job: &Job, ended| after_attempt(job, ended, said(), now);
        let passing = || Err(Failure::passing("disk"));
        let again = after(&job, passing());
        assert_eq!((again.state, again.attempts), (JobState::Queued, 1));
        assert_eq!(again.run_at, now + TimeDelta::seconds(10));
        assert_eq!(again.last_error.as_deref(), Some("disk"));
        assert_eq!(
            (again.progress, again.log_tail.as_deref()),
            (0, Some("words"))
        );
        let asked = |by| Err(Failure::passing("busy").not_before(Some(now + by)));
        let early = after(&job, asked(TimeDelta::seconds(3)));
        assert_eq!(early.run_at, now + TimeDelta::seconds(10), "its own pause");
        let late = after(&job, asked(TimeDelta::hours(2)));
        assert_eq!(late.run_at, now + TimeDelta::hours(2));
        let lasting = after(&job, Err(Failure::lasting("no picture")));
        assert_eq!((lasting.state, lasting.progress), (JobState::Failed, 40));
        let later = now + TimeDelta::days(3);
        let early = after(&job, Ok(Outcome::Again(later)));
        assert_eq!((early.attempts, early.run_at), (0, later));
        assert_eq!(after(&job, Ok(Outcome::Done)).progress, 100);
        job.attempts = job.max_attempts;
        assert_eq!(after(&job, passing()).state, JobState::Failed);
    }
}
