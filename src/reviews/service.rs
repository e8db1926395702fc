//! What the parts of this service share: who may see a film, and how often somebody may write.

mod comments;
mod leaving;
mod moderation;
mod ratings;

use std::sync::{Arc, Mutex, PoisonError};

use super::model::Error;
use crate::accounts::Viewer;
use crate::clock::{Clock, Time};
use crate::config::ReviewsConfig;
use crate::db::{Conn, Db};
use crate::ids::{AccountId, MovieId};
use crate::limits::Buckets;
use crate::membership::Membership;
use crate::movies::Movie;

type Result<T> = std::result::Result<T, Error>;

const HOUR: u32 = 3600;

/// Ratings and comments in this house; cheap to copy.
#[derive(Clone)]
pub struct Reviews {
    db: Db,
    clock: Clock,
    limit: Arc<Mutex<Buckets<AccountId>>>,
}

/// Somebody who looks at films, and when.
#[derive(Clone, Debug)]
struct Looker {
    account: AccountId,
    as_admin: bool,
    now: Time,
}

impl Reviews {
    #[must_use]
    pub fn new(db: Db, clock: Clock, config: &ReviewsConfig) -> Self {
        let limit = Buckets::new(config.comments_per_hour, HOUR);
        Self {
            db,
            clock,
            limit: Arc::new(Mutex::new(limit)),
        }
    }

    fn looker(&self, who: &Viewer) -> Looker {
        Looker {
            account: who.id().clone(),
            as_admin: who.is_admin(),
            now: self.clock.now(),
        }
    }

    /// Takes a token of whoever writes.
    fn count(&self, who: &Looker) -> Result<()> {
        // A poisoned lock guards plain values that are valid after any panic.
        let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(retry_after) = limit.wait(&who.account, who.now) {
            return Err(Error::Throttled { retry_after });
        }
        limit.take(who.account.clone(), who.now);
        Ok(())
    }
}

impl Looker {
    /// The film, if they see it.
    fn film(&self, conn: &mut Conn, movie: &MovieId) -> Result<Option<Movie>> {
        let (account, now) = (&self.account, self.now);
        Ok(Membership::see_in(
            conn,
            account,
            movie,
            self.as_admin,
            now,
        )?)
    }
}
