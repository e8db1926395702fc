//! The rows of jobs.

use diesel::prelude::*;

use super::model::{Job, JobState, Lane};
use crate::clock::Time;
use crate::db::schema::jobs;
use crate::db::{Conn, Result};
use crate::ids::JobId;

pub(super) fn insert(conn: &mut Conn, job: &Job) -> Result<()> {
    diesel::insert_into(jobs::table).values(job).execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: &JobId) -> Result<Option<Job>> {
    Ok(jobs::table
        .find(id)
        .select(Job::as_select())
        .first(conn)
        .optional()?)
}

/// The end of what the tool of a job said.
pub(super) fn log_tail(conn: &mut Conn, id: &JobId) -> Result<String> {
    let log: Option<String> = jobs::table
        .find(id)
        .select(jobs::log_tail)
        .first(conn)
        .optional()?;
    Ok(log.unwrap_or_default())
}

/// What another job asked for, in the order in which it did.
pub(super) fn children(conn: &mut Conn, id: &JobId) -> Result<Vec<Job>> {
    Ok(jobs::table
        .filter(jobs::parent_id.eq(id))
        .order(jobs::id)
        .select(Job::as_select())
        .load(conn)?)
}

/// Which rows a list shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub state: Option<JobState>,
    pub kind: Option<String>,
    pub subject: Option<String>,
    /// Older than this one. Ids sort by time, so the id is the key.
    pub before: Option<String>,
}

pub(super) fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<Job>> {
    let mut query = jobs::table
        .select(Job::as_select())
        .order(jobs::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(jobs::state.eq(state));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(jobs::kind.eq(kind));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(jobs::subject_id.eq(subject));
    }
    if let Some(before) = &filter.before {
        query = query.filter(jobs::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// By an index that holds the lane and the state.
pub(super) fn count_open(conn: &mut Conn, lane: Lane, kind: &str) -> Result<i64> {
    Ok(jobs::table
        .filter(jobs::lane.eq(lane))
        .filter(jobs::state.eq_any([JobState::Queued, JobState::Running]))
        .filter(jobs::kind.eq(kind))
        .count()
        .get_result(conn)?)
}

/// A job whose worker has let its lease run out.
macro_rules! abandoned {
    ($lane:expr, $now:expr) => {
        jobs::table
            .filter(jobs::state.eq(JobState::Running))
            .filter(jobs::lease_until.le($now))
            .filter(jobs::lane.eq($lane))
            .order(jobs::lease_until)
            .select(Job::as_select())
            .limit(1)
    };
}

/// A job whose time has come, the most important first.
macro_rules! due {
    ($lane:expr, $now:expr) => {
        jobs::table
            .filter(jobs::lane.eq($lane))
            .filter(jobs::state.eq(JobState::Queued))
            .filter(jobs::run_at.le($now))
            .order((jobs::priority.desc(), jobs::run_at))
            .select(Job::as_select())
            .limit(1)
    };
}

pub(super) fn is_any_due(conn: &mut Conn, lane: Lane, now: Time) -> Result<bool> {
    if abandoned!(lane, now)
        .first::<Job>(conn)
        .optional()?
        .is_some()
    {
        return Ok(true);
    }
    Ok(due!(lane, now).first::<Job>(conn).optional()?.is_some())
}

/// The next job to do. On PostgreSQL it is locked, and those that others have locked are passed over.
pub(super) fn next_due(conn: &mut Conn, lane: Lane, now: Time) -> Result<Option<Job>> {
    let abandoned = match conn {
        Conn::Pg(c) => abandoned!(lane, now).for_update().skip_locked().first(c),
        Conn::Sqlite(c) => abandoned!(lane, now).first(c),
    };
    if let Some(job) = abandoned.optional()? {
        return Ok(Some(job));
    }
    Ok(match conn {
        Conn::Pg(c) => due!(lane, now).for_update().skip_locked().first(c),
        Conn::Sqlite(c) => due!(lane, now).first(c),
    }
    .optional()?)
}

pub(super) fn take(conn: &mut Conn, id: &JobId, owner: &str, now: Time, until: Time) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Running),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::progress.eq(0),
            jobs::log_tail.eq(""),
            jobs::lease_owner.eq(owner),
            jobs::lease_until.eq(until),
            jobs::heartbeat_at.eq(now),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Lets the leases run out whose owners begin with this, and says how many they were.
pub(super) fn abandon(conn: &mut Conn, owners: &str, now: Time) -> Result<usize> {
    let theirs = jobs::table
        .filter(jobs::state.eq(JobState::Running))
        .filter(jobs::lease_owner.like(format!("{owners}%")));
    Ok(diesel::update(theirs)
        .set(jobs::lease_until.eq(now))
        .execute(conn)?)
}

/// The row of a job, for as long as this worker holds it.
macro_rules! held {
    ($id:expr, $owner:expr) => {
        jobs::table
            .find($id)
            .filter(jobs::lease_owner.eq($owner))
            .filter(jobs::state.eq(JobState::Running))
    };
}

pub(super) fn is_held(conn: &mut Conn, id: &JobId, owner: &str) -> Result<bool> {
    let found: Option<JobId> = held!(id, owner).select(jobs::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// What a worker that is alive says.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = jobs)]
pub(super) struct Beat {
    pub lease_until: Time,
    pub heartbeat_at: Time,
    pub progress: i32,
    pub log_tail: String,
}

/// Extends a lease; false when it has gone to another worker, or the job was cancelled.
pub(super) fn beat(conn: &mut Conn, id: &JobId, owner: &str, beat: &Beat) -> Result<bool> {
    let changed = diesel::update(held!(id, owner)).set(beat).execute(conn)?;
    Ok(changed > 0)
}

/// How a job leaves the hands of a worker.
#[derive(AsChangeset)]
#[diesel(table_name = jobs)]
pub(super) struct Release {
    pub state: JobState,
    pub attempts: i32,
    pub progress: i32,
    pub run_at: Time,
    /// None keeps what is there.
    pub last_error: Option<String>,
    /// None keeps what is there.
    pub log_tail: Option<String>,
    pub updated_at: Time,
}

/// Ends a lease; false when it has gone to another worker, or the job was cancelled.
pub(super) fn release(conn: &mut Conn, id: &JobId, owner: &str, release: &Release) -> Result<bool> {
    let changed = diesel::update(held!(id, owner))
        .set((
            release,
            jobs::lease_owner.eq(None::<String>),
            jobs::lease_until.eq(None::<Time>),
        ))
        .execute(conn)?;
    Ok(changed > 0)
}

/// Takes a job from whoever has it, for good.
pub(super) fn cancel(conn: &mut Conn, id: &JobId, now: Time) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Cancelled),
            jobs::lease_owner.eq(None::<String>),
            jobs::lease_until.eq(None::<Time>),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Puts a job back to the front of the queue with all its attempts.
pub(super) fn requeue(conn: &mut Conn, id: &JobId, now: Time) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Queued),
            jobs::attempts.eq(0),
            jobs::progress.eq(0),
            jobs::run_at.eq(now),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes jobs that were done or cancelled before then.
pub(super) fn delete_ended(conn: &mut Conn, before: Time) -> Result<usize> {
    let old = jobs::table
        .filter(jobs::state.eq_any([JobState::Done, JobState::Cancelled]))
        .filter(jobs::updated_at.lt(before));
    Ok(diesel::delete(old).execute(conn)?)
}

/// Removes jobs of a kind that failed before then.
pub(super) fn delete_failed(conn: &mut Conn, kind: &str, before: Time) -> Result<usize> {
    let old = jobs::table
        .filter(jobs::state.eq(JobState::Failed))
        .filter(jobs::kind.eq(kind))
        .filter(jobs::updated_at.lt(before));
    Ok(diesel::delete(old).execute(conn)?)
}
