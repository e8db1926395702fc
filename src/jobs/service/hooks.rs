//! What a turn of a job changes elsewhere, in the same transaction.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::clock::Time;
use crate::db::{Conn, Result};
use crate::jobs::model::{GivenUp, Job};

type Hook<T> = Arc<dyn Fn(&mut Conn, Time, &T) -> Result<()> + Send + Sync>;

/// By the kind of the job; cheap to copy.
pub(super) struct Hooks<T>(Arc<RwLock<HashMap<&'static str, Hook<T>>>>);

impl<T> Hooks<T> {
    pub(super) fn set(
        &self,
        kind: &'static str,
        hook: impl Fn(&mut Conn, Time, &T) -> Result<()> + Send + Sync + 'static,
    ) {
        let mut hooks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        hooks.insert(kind, Arc::new(hook));
    }

    pub(super) fn run(&self, kind: &str, conn: &mut Conn, now: Time, of: &T) -> Result<()> {
        let hooks = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let hook = hooks.get(kind).cloned();
        drop(hooks);
        hook.map_or(Ok(()), |hook| hook(conn, now, of))
    }
}

impl Hooks<GivenUp> {
    pub(super) fn give_up(&self, conn: &mut Conn, now: Time, job: &Job, why: &str) -> Result<()> {
        let given_up = GivenUp {
            id: job.id.clone(),
            subject: job.subject_id.clone().unwrap_or_default(),
            payload: job.payload.clone(),
            why: why.to_owned(),
        };
        self.run(&job.kind, conn, now, &given_up)
    }
}

impl<T> Clone for Hooks<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Hooks<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}
