//! What a request needs, and the way into dav-server.

use std::time::Duration;

use bytes::Bytes;
use dav_server::DavHandler;
use dav_server::body::Body;

use super::address;
use super::fs::Files;
use super::locks::Locks;
use super::store;
use super::visit::Visit;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Conn, Db};
use crate::drive::Drive;
use crate::ids::AccountId;
use crate::transfers::Uploads;

/// WebDAV over the drives of the house; cheap to copy.
#[derive(Clone)]
pub struct Dav {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) drive: Drive,
    uploads: Uploads,
    pub(super) is_on: bool,
    /// How long a client may send nothing.
    pub(super) patience: Duration,
}

impl Dav {
    #[must_use]
    pub fn new(db: Db, clock: Clock, drive: Drive, uploads: Uploads, config: &Config) -> Self {
        Self {
            db,
            clock,
            drive,
            uploads,
            is_on: config.drive.webdav,
            patience: Duration::from_secs(config.uploads.stall_seconds),
        }
    }

    /// Removes locks whose time is over.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self) -> db::Result<usize> {
        let now = self.clock.now();
        self.db
            .write_relaxed(move |conn| store::delete_expired(conn, now))
            .await
    }

    /// Removes the locks of an account that leaves, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, account: &AccountId) -> db::Result<()> {
        store::delete_all(conn, account)
    }

    /// Lets dav-server do what a request asks for.
    pub(super) async fn handle<B, E>(
        &self,
        request: http1::Request<B>,
        visit: &Visit,
    ) -> http1::Response<Body>
    where
        B: http_body_util::BodyExt<Data = Bytes, Error = E>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let files = Files {
            drive: self.drive.clone(),
            uploads: self.uploads.clone(),
        };
        let locks = Locks {
            db: self.db.clone(),
            clock: self.clock.clone(),
            drive: self.drive.clone(),
            visit: visit.clone(),
        };
        let principal = visit.who.account.username.clone();
        let handler = DavHandler::builder()
            .filesystem(Box::new(files))
            .locksystem(Box::new(locks))
            .strip_prefix(address::ROOT)
            .build_handler();
        handler
            .handle_guarded(request, principal, visit.clone())
            .await
    }
}
