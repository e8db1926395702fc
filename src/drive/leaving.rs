//! The end of a drive whose owner leaves: out of the tree in one step, then row by row as everything that is removed.

use super::purge;
use super::service::{Drive, Result};
use super::store::{bulk, usage};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::AccountId;

impl Drive {
    /// Takes everything of a drive out of the tree, in the caller's transaction: no path leads to it any more.
    /// [`Drive::remove_all`] does the rest.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn abandon_in(conn: &mut Conn, owner: &AccountId, now: Time) -> db::Result<()> {
        bulk::detach_all(conn, owner, now)
    }

    /// Removes an abandoned drive and releases its bytes, in batches; goes on where it was cut short.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove_all(&self, owner: &AccountId) -> Result<()> {
        while self
            .write(self.act(owner.clone()), purge::remove_some_in)
            .await?
        {}
        self.jobs.wake();
        self.write(self.act(owner.clone()), |conn, act| {
            if !bulk::has_any(conn, &act.owner)? {
                usage::delete(conn, &act.owner)?;
            }
            Ok(())
        })
        .await
    }
}
