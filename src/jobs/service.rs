//! The rules of the queue: who may take a job, and what becomes of it afterwards.

use std::sync::Arc;

use chrono::TimeDelta;
use playhouse_api::admin as api;
use playhouse_api::events::{Event, JobEvent};
use playhouse_api::page::Page;
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use super::model::{Error, Failure, Job, JobKey, JobState, NewJob, Outcome};
use super::store::{self, Release};
use crate::audit::{self, Actor};
use crate::clock::{Clock, Time};
use crate::db::{self, Conn, Db};
use crate::events::{Audience, Events};
use crate::ids::JobId;
use crate::page::PageRequest;

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
    #[must_use]
    pub fn new(db: Db, clock: Clock, events: Events) -> Self {
        Self {
            db,
            clock,
            events,
            wake: Arc::default(),
        }
    }

    /// Puts a job into the queue, as part of the caller's transaction. After the commit, call [`Jobs::wake`].
    ///
    /// # Errors
    /// When the database refuses.
    pub fn enqueue_in(conn: &mut Conn, now: Time, job: NewJob) -> db::Result<()> {
        store::insert(conn, &job.into_row(now))
    }

    /// Tells the workers of this node that there is something to do. Others find it by looking.
    pub fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// Jobs, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        state: Option<api::JobState>,
        page: PageRequest<JobKey>,
    ) -> Result<Page<api::Job>> {
        let fetch = page.rows_to_fetch();
        let before = page.after.clone().map(|key| key.0);
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                let state = state.map(JobState::from);
                Ok(store::list(conn, state, before.as_deref(), fetch)?)
            })
            .await?;
        let page = page.page(rows, |job| JobKey(job.id.as_str().to_owned()));
        Ok(page.map(Job::view))
    }

    /// An admin asks for a job to be tried now.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotWaiting`] when it runs or is done.
    pub async fn retry(&self, actor: Actor, id: JobId) -> Result<api::Job> {
        let now = self.clock.now();
        let job = self
            .db
            .write(move |conn| retry(conn, now, &actor, &id))
            .await?;
        self.wake();
        self.tell(&job);
        Ok(job.view())
    }

    /// Removes jobs that were done long ago.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self) -> Result<usize> {
        let before = self.clock.now() - KEEP_DONE;
        self.db
            .write_relaxed::<_, Error, _>(move |conn| Ok(store::delete_done(conn, before)?))
            .await
    }

    /// Takes the next job that is due, if there is one.
    pub(super) async fn take(&self) -> Result<Option<Held>> {
        let now = self.clock.now();
        let is_any_due = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::is_any_due(conn, now)?))
            .await?;
        if !is_any_due {
            return Ok(None);
        }
        let taken = self.db.write(move |conn| take(conn, now)).await?;
        taken.given_up.iter().for_each(|job| self.tell(job));
        if let Some(held) = &taken.held {
            self.tell(&held.job);
        }
        Ok(taken.held)
    }

    /// Extends the lease; false when it is lost.
    pub(super) async fn renew(&self, held: &Held) -> Result<bool> {
        let until = self.clock.now() + LEASE;
        let (id, owner) = (held.job.id.clone(), held.owner.clone());
        self.db
            .write_relaxed::<_, Error, _>(move |conn| Ok(store::renew(conn, &id, &owner, until)?))
            .await
    }

    /// Notes how an attempt ended.
    pub(super) async fn finish(
        &self,
        held: Held,
        ended: std::result::Result<Outcome, Failure>,
    ) -> Result<()> {
        let release = after_attempt(&held.job, ended, self.clock.now());
        self.release(held, release).await
    }

    /// Gives a job back that was interrupted, without counting the attempt.
    pub(super) async fn give_back(&self, held: Held) -> Result<()> {
        let now = self.clock.now();
        let release = Release {
            state: JobState::Queued,
            attempts: held.job.attempts - 1,
            run_at: now,
            last_error: None,
            updated_at: now,
        };
        self.release(held, release).await
    }

    async fn release(&self, held: Held, release: Release) -> Result<()> {
        let released = Job {
            state: release.state,
            ..held.job.clone()
        };
        let was_held = self
            .db
            .write::<_, Error, _>(move |conn| {
                Ok(store::release(conn, &held.job.id, &held.owner, &release)?)
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
            state: job.state.into(),
            progress: if job.state == JobState::Done {
                1.0
            } else {
                0.0
            },
        };
        self.events.push(Audience::Admins, Event::Job(event));
    }
}

fn retry(conn: &mut Conn, now: Time, actor: &Actor, id: &JobId) -> Result<Job> {
    let job = store::find(conn, id)?.ok_or(Error::NotFound)?;
    if !matches!(job.state, JobState::Failed | JobState::Queued) {
        return Err(Error::NotWaiting(job.state));
    }
    store::requeue(conn, id, now)?;
    let detail = json!({"kind": job.kind, "subject": job.subject_id});
    audit::record(conn, now, actor, "job.retry", id.as_str(), &detail)?;
    store::find(conn, id)?.ok_or(Error::NotFound)
}

/// Takes one job. One that has used up its attempts, because its workers died, is failed instead.
fn take(conn: &mut Conn, now: Time) -> Result<Taken> {
    let mut given_up = Vec::new();
    while let Some(mut job) = store::next_due(conn, now)? {
        let owner = Uuid::now_v7().to_string();
        store::take(conn, &job.id, &owner, now, now + LEASE)?;
        if job.attempts < job.max_attempts {
            job.attempts += 1;
            job.state = JobState::Running;
            let held = Some(Held { job, owner });
            return Ok(Taken { held, given_up });
        }
        let release = Release {
            state: JobState::Failed,
            attempts: job.attempts,
            run_at: job.run_at,
            last_error: Some("The server stopped during every attempt.".to_owned()),
            updated_at: now,
        };
        store::release(conn, &job.id, &owner, &release)?;
        job.state = JobState::Failed;
        given_up.push(job);
    }
    let held = None;
    Ok(Taken { held, given_up })
}

fn after_attempt(job: &Job, ended: std::result::Result<Outcome, Failure>, now: Time) -> Release {
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
            now + pause_after(job.attempts),
            Some(failure.message),
        ),
    };
    Release {
        state,
        attempts,
        run_at,
        last_error,
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
        let new = NewJob {
            kind: "poster",
            subject: "x".to_owned(),
            run_at: now,
        };
        let mut job = new.into_row(now);
        job.attempts = 1;
        let passing = || Err(Failure::passing("disk"));
        let again = after_attempt(&job, passing(), now);
        assert_eq!((again.state, again.attempts), (JobState::Queued, 1));
        assert_eq!(again.run_at, now + TimeDelta::seconds(10));
        assert_eq!(again.last_error.as_deref(), Some("disk"));
        let lasting = after_attempt(&job, Err(Failure::lasting("no picture")), now);
        assert_eq!(lasting.state, JobState::Failed);
        let later = now + TimeDelta::days(3);
        let early = after_attempt(&job, Ok(Outcome::Again(later)), now);
        assert_eq!((early.attempts, early.run_at), (0, later));
        job.attempts = job.max_attempts;
        assert_eq!(after_attempt(&job, passing(), now).state, JobState::Failed);
    }
}
