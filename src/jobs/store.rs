//! The rows of jobs.

use diesel::prelude::*;

use super::model::{Job, JobState};
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

/// Ids sort by time, so the id is the key.
pub(super) fn list(
    conn: &mut Conn,
    state: Option<JobState>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Job>> {
    let mut query = jobs::table
        .select(Job::as_select())
        .order(jobs::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(jobs::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(jobs::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// A job that is due, or whose worker has let its lease run out.
macro_rules! due {
    ($now:expr) => {
        jobs::table
            .filter(
                jobs::state
                    .eq(JobState::Queued)
                    .and(jobs::run_at.le($now))
                    .or(jobs::state
                        .eq(JobState::Running)
                        .and(jobs::lease_until.le($now))),
            )
            .order(jobs::run_at)
            .select(Job::as_select())
    };
}

pub(super) fn is_any_due(conn: &mut Conn, now: Time) -> Result<bool> {
    Ok(due!(now).first::<Job>(conn).optional()?.is_some())
}

/// The next job to do. On PostgreSQL it is locked, and those that others have locked are passed over.
pub(super) fn next_due(conn: &mut Conn, now: Time) -> Result<Option<Job>> {
    Ok(match conn {
        Conn::Pg(c) => due!(now).limit(1).for_update().skip_locked().first(c),
        Conn::Sqlite(c) => due!(now).first(c),
    }
    .optional()?)
}

pub(super) fn take(conn: &mut Conn, id: &JobId, owner: &str, now: Time, until: Time) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Running),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::lease_owner.eq(owner),
            jobs::lease_until.eq(until),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Extends a lease; false when it has gone to another worker.
pub(super) fn renew(conn: &mut Conn, id: &JobId, owner: &str, until: Time) -> Result<bool> {
    let own = jobs::table
        .find(id)
        .filter(jobs::lease_owner.eq(owner))
        .filter(jobs::state.eq(JobState::Running));
    let changed = diesel::update(own)
        .set(jobs::lease_until.eq(until))
        .execute(conn)?;
    Ok(changed > 0)
}

/// How a job leaves the hands of a worker.
#[derive(AsChangeset)]
#[diesel(table_name = jobs)]
pub(super) struct Release {
    pub state: JobState,
    pub attempts: i32,
    pub run_at: Time,
    /// None keeps what is there.
    pub last_error: Option<String>,
    pub updated_at: Time,
}

/// Ends a lease; false when it has gone to another worker.
pub(super) fn release(conn: &mut Conn, id: &JobId, owner: &str, release: &Release) -> Result<bool> {
    let own = jobs::table
        .find(id)
        .filter(jobs::lease_owner.eq(owner))
        .filter(jobs::state.eq(JobState::Running));
    let changed = diesel::update(own)
        .set((
            release,
            jobs::lease_owner.eq(None::<String>),
            jobs::lease_until.eq(None::<Time>),
        ))
        .execute(conn)?;
    Ok(changed > 0)
}

/// Puts a job back to the front of the queue with all its attempts.
pub(super) fn requeue(conn: &mut Conn, id: &JobId, now: Time) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Queued),
            jobs::attempts.eq(0),
            jobs::run_at.eq(now),
            jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete_done(conn: &mut Conn, before: Time) -> Result<usize> {
    let old = jobs::table
        .filter(jobs::state.eq(JobState::Done))
        .filter(jobs::updated_at.lt(before));
    Ok(diesel::delete(old).execute(conn)?)
}
