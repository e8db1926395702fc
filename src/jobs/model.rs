//! The types of this slice, and what can go wrong in it.

use playhouse_api::admin as api;
use playhouse_api::problem::ErrorCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Time;
use crate::db::{self, text_enum};
use crate::ids::JobId;

/// How often a job is tried before an admin has to look at it.
const MAX_ATTEMPTS: i32 = 6;

text_enum! {
    /// How a job stands.
    pub enum JobState {
        Queued = "queued", Running = "running", Done = "done", Failed = "failed", Cancelled = "cancelled",
    }
}

text_enum! {
    /// Which workers do a job. Long work does not keep quick work waiting, nor does what waits for the servers of others.
    pub enum Lane { Quick = "quick", Long = "long", Outside = "outside" }
}

impl JobState {
    /// Whether there is still something to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

impl From<JobState> for api::JobState {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Queued => Self::Waiting,
            JobState::Running => Self::Running,
            JobState::Done => Self::Done,
            JobState::Failed => Self::Failed,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<api::JobState> for JobState {
    fn from(state: api::JobState) -> Self {
        match state {
            api::JobState::Waiting => Self::Queued,
            api::JobState::Running => Self::Running,
            api::JobState::Done => Self::Done,
            api::JobState::Failed => Self::Failed,
            api::JobState::Cancelled => Self::Cancelled,
        }
    }
}

/// A row of `jobs`, without what its tool said.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::jobs)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub subject_id: Option<String>,
    pub payload: String,
    pub lane: Lane,
    pub priority: i32,
    pub parent_id: Option<JobId>,
    pub state: JobState,
    pub attempts: i32,
    pub max_attempts: i32,
    /// Per cent.
    pub progress: i32,
    pub run_at: Time,
    /// Names the process and its taking of the job, so that a worker that lost its lease cannot end the job for another.
    pub lease_owner: Option<String>,
    pub lease_until: Option<Time>,
    /// When its worker last said that it is alive.
    pub heartbeat_at: Option<Time>,
    pub last_error: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Job {
    /// The film that the job is about, if it is about one.
    pub(super) fn movie_id(&self) -> Option<Uuid> {
        Uuid::try_parse(self.subject_id.as_deref()?).ok()
    }

    /// The job as the API shows it.
    #[must_use]
    pub fn view(self) -> api::Job {
        api::Job {
            id: self.id.uuid(),
            movie_id: self.movie_id(),
            kind: self.kind,
            payload: Some(self.payload).filter(|it| !it.is_empty()),
            parent_id: self.parent_id.map(|id| id.uuid()),
            priority: self.priority,
            state: self.state.into(),
            progress: self.progress,
            attempts: self.attempts,
            max_attempts: self.max_attempts,
            run_at: self.run_at.and_utc(),
            heartbeat_at: self.heartbeat_at.map(|at| at.and_utc()),
            last_error: self.last_error,
            created_at: self.created_at.and_utc(),
            updated_at: self.updated_at.and_utc(),
        }
    }
}

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub kind: &'static str,
    /// What it is about, such as the id of a film.
    pub subject: String,
    /// What else its worker must know.
    pub payload: String,
    pub lane: Lane,
    /// The highest is done first.
    pub priority: i32,
    /// The job that asks for this one. When that is cancelled, so is this one.
    pub parent: Option<JobId>,
    /// Not before then.
    pub run_at: Time,
}

impl NewJob {
    /// Quick work of no special importance.
    #[must_use]
    pub fn new(kind: &'static str, subject: impl Into<String>, run_at: Time) -> Self {
        Self {
            kind,
            subject: subject.into(),
            payload: String::new(),
            lane: Lane::Quick,
            priority: 0,
            parent: None,
            run_at,
        }
    }

    pub(super) fn into_row(self, now: Time) -> Job {
        Job {
            id: JobId::generate(),
            kind: self.kind.to_owned(),
            subject_id: Some(self.subject),
            payload: self.payload,
            lane: self.lane,
            priority: self.priority,
            parent_id: self.parent,
            state: JobState::Queued,
            attempts: 0,
            max_attempts: MAX_ATTEMPTS,
            progress: 0,
            run_at: self.run_at,
            lease_owner: None,
            lease_until: None,
            heartbeat_at: None,
            last_error: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// How a handler ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It is too early: come back then. This does not count as an attempt.
    Again(Time),
}

/// Why a handler did not succeed, for the admin.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub message: String,
    /// Whether another attempt is pointless.
    pub is_final: bool,
    /// When another attempt makes sense at the earliest, if that is known.
    pub not_before: Option<Time>,
}

impl Failure {
    /// A failure that may pass.
    pub fn passing(cause: impl std::fmt::Display) -> Self {
        Self {
            message: cause.to_string(),
            is_final: false,
            not_before: None,
        }
    }

    /// A failure that another attempt will not mend.
    pub fn lasting(cause: impl std::fmt::Display) -> Self {
        Self {
            message: cause.to_string(),
            is_final: true,
            not_before: None,
        }
    }

    /// The next attempt waits at least until then; never for a shorter time than without this.
    #[must_use]
    pub fn not_before(self, at: Option<Time>) -> Self {
        Self {
            not_before: at,
            ..self
        }
    }
}

/// A job that will not be done, unless an admin asks for it again.
#[derive(Clone, Debug)]
pub struct GivenUp {
    pub id: JobId,
    pub subject: String,
    pub payload: String,
    /// For people.
    pub why: String,
}

/// Which jobs a list shows; all of them by default.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    pub state: Option<api::JobState>,
    pub kind: Option<String>,
    pub movie: Option<Uuid>,
}

/// The key of a page of jobs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobKey(pub(super) String);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such job")]
    NotFound,
    #[error("the job is {0:?}")]
    NotWaiting(JobState),
    #[error("the job is {0:?}")]
    NotOpen(JobState),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let conflict = |state: JobState, rule: &str| {
            let detail = format!("The job is {}. {rule}", state.as_str());
            Self::new(ErrorCode::Conflict, detail)
        };
        match error {
            Error::NotFound => Self::not_found("job"),
            Error::NotWaiting(state) => conflict(
                state,
                "Only one that has failed, was cancelled or waits can be tried now.",
            ),
            Error::NotOpen(state) => {
                conflict(state, "Only one that waits or runs can be cancelled.")
            }
            Error::Db(cause) => cause.into(),
        }
    }
}
