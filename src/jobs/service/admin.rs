//! What admins see of the queue, and do in it.

use playhouse_api::admin as api;
use playhouse_api::page::Page;
use serde_json::json;

use super::hooks::Hooks;
use super::{Jobs, Result};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::JobId;
use crate::jobs::model::{Error, GivenUp, Job, JobFilter, JobKey, JobState};
use crate::jobs::store::{self, Filter};
use crate::page::PageRequest;

impl Jobs {
    /// Jobs, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        filter: JobFilter,
        page: PageRequest<JobKey>,
    ) -> Result<Page<api::Job>> {
        let fetch = page.rows_to_fetch();
        let filter = Filter {
            state: filter.state.map(JobState::from),
            kind: filter.kind,
            subject: filter.movie.map(|id| id.to_string()),
            before: page.after.clone().map(|key| key.0),
        };
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::list(conn, &filter, fetch)?))
            .await?;
        let page = page.page(rows, |job| JobKey(job.id.as_str().to_owned()));
        Ok(page.map(Job::view))
    }

    /// One job, with what its tool said and the jobs that it asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, id: JobId) -> Result<api::JobDetail> {
        self.db
            .read(move |conn| {
                let job = store::find(conn, &id)?.ok_or(Error::NotFound)?;
                let children = store::children(conn, &id)?;
                Ok(api::JobDetail {
                    log_tail: store::log_tail(conn, &id)?,
                    children: children.into_iter().map(Job::view).collect(),
                    job: job.view(),
                })
            })
            .await
    }

    /// An admin asks for a job to be tried now.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotWaiting`] when it runs or is done.
    pub async fn retry(&self, actor: Actor, id: JobId) -> Result<api::Job> {
        let now = self.clock.now();
        let revivals = self.revivals.clone();
        let job = self
            .db
            .write(move |conn| retry(conn, now, &actor, &id, &revivals))
            .await?;
        self.wake();
        self.tell(&job);
        Ok(job.view())
    }

    /// An admin does not want a job, nor those that it asked for. One that runs is ended at once.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotOpen`] when it has ended.
    pub async fn cancel(&self, actor: Actor, id: JobId) -> Result<api::Job> {
        let now = self.clock.now();
        let endings = self.endings.clone();
        let cancelled = self
            .db
            .write(move |conn| cancel(conn, now, &actor, &id, &endings))
            .await?;
        self.revoked.notify_waiters();
        cancelled.iter().for_each(|job| self.tell(job));
        let first = cancelled.into_iter().next().ok_or(Error::NotFound)?;
        Ok(first.view())
    }
}

fn retry(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    id: &JobId,
    revivals: &Hooks<Job>,
) -> Result<Job> {
    let job = store::find(conn, id)?.ok_or(Error::NotFound)?;
    if matches!(job.state, JobState::Running | JobState::Done) {
        return Err(Error::NotWaiting(job.state));
    }
    store::requeue(conn, id, now)?;
    if !job.state.is_open() {
        revivals.run(&job.kind, conn, now, &job)?;
    }
    let detail = json!({"kind": job.kind, "subject": job.subject_id, "payload": job.payload});
    audit::record(conn, now, actor, "job.retry", id.as_str(), &detail)?;
    store::find(conn, id)?.ok_or(Error::NotFound)
}

/// The job and what it asked for, as they are afterwards.
fn cancel(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    id: &JobId,
    endings: &Hooks<GivenUp>,
) -> Result<Vec<Job>> {
    let job = store::find(conn, id)?.ok_or(Error::NotFound)?;
    let mut open = store::children(conn, id)?;
    open.retain(|child| child.state.is_open());
    if !job.state.is_open() && open.is_empty() {
        return Err(Error::NotOpen(job.state));
    }
    let detail = json!({"kind": job.kind, "subject": job.subject_id, "payload": job.payload});
    audit::record(conn, now, actor, "job.cancel", id.as_str(), &detail)?;
    if job.state.is_open() {
        open.insert(0, job);
    }
    for job in &mut open {
        store::cancel(conn, &job.id, now)?;
        let why = format!("{} cancelled it.", actor.name);
        endings.give_up(conn, now, job, &why)?;
        job.state = JobState::Cancelled;
    }
    Ok(open)
}
