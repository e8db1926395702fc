//! The seam for what others shall be told, whatever happens to this process.
//!
//! A slice says within its change what has happened; the outbox writes down, in the same transaction, who is to be told.
//! So a change that is undone tells nothing, and one that stands is told. Who they are is not known here.

use std::sync::{Arc, OnceLock};

use playhouse_api::webhooks::Happening;

use crate::clock::Time;
use crate::db::{self, Conn};

/// Keeps what is to be told.
pub trait Outbox: Send + Sync {
    /// Writes it down as part of the caller's transaction. It may run more than once, as in [`db::Db::write`].
    ///
    /// # Errors
    /// When the database refuses; the caller's transaction then fails as a whole.
    fn put_in(&self, conn: &mut Conn, now: Time, happening: &Happening) -> db::Result<()>;

    /// Something that was put in may be committed now. It must be quick and must not wait.
    fn committed(&self);
}

/// The house's one outbox, once there is one.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<OnceLock<Box<dyn Outbox>>>);

impl Slot {
    pub(super) fn fill(&self, outbox: Box<dyn Outbox>) {
        if self.0.set(outbox).is_err() {
            tracing::error!("the house has an outbox already");
        }
    }

    pub(super) fn get(&self) -> Option<&dyn Outbox> {
        Some(self.0.get()?.as_ref())
    }
}
