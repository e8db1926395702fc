//! What the uploads of this server share: the registry of actors and of the requests that write.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use actix::{Actor as _, Addr, Arbiter};
use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::time::timeout;

use super::actor::{Close, Take, UploadTransfer};
use super::destination::Destination;
use super::model::{Error, Kind, Stop, Upload};
use super::quota::{Ended, Quota};
use super::stint::Order;
use super::store;
use crate::clock::{Clock, Time};
use crate::config::UploadsConfig;
use crate::db::{Conn, Db};
use crate::events::{AccessEnded, Events};
use crate::ids::{AccountId, SessionId, UploadId};
use crate::storage::StagingFolder;

/// Disk jobs of uploads at a time; each upload has at most one.
const DISK_JOBS: usize = 8;
/// Small files in memory at a time, a quarter of a megabyte each at most.
const SMALL_FILES: usize = 64;
/// How long an actor may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a stopping server waits for each; what is acknowledged is in the row whether or not it waits.
const PAUSE_PATIENCE: Duration = Duration::from_secs(4);
/// How long HEAD waits for what is arriving to become durable.
const CHECKPOINT_PATIENCE: Duration = Duration::from_secs(2);
/// Tries to reach an actor that may be about to leave.
const ATTEMPTS: u32 = 3;

pub(super) struct House {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub config: UploadsConfig,
    pub staging: StagingFolder,
    pub disk: Semaphore,
    /// Small files that are collected in memory.
    pub small: Arc<Semaphore>,
    /// What is older was begun by another run of the server.
    pub begun_at: Time,
    pub destination: OnceLock<Arc<dyn Destination>>,
    actors: Mutex<HashMap<UploadId, Seat>>,
    writers: Mutex<HashMap<u64, Writer>>,
    counter: AtomicU64,
    is_closing: AtomicBool,
}

struct Seat {
    number: u64,
    addr: Addr<UploadTransfer>,
}

/// A request that writes, or is about to.
pub(super) struct Writer {
    pub upload: UploadId,
    pub account: AccountId,
    /// The login session that it came by; None for an access token.
    pub session: Option<SessionId>,
    pub stop: watch::Sender<Option<Stop>>,
    pub checkpoint: mpsc::Sender<oneshot::Sender<()>>,
}

/// Takes a writer off the list when its request is over.
pub(super) struct Enlisted {
    house: Arc<House>,
    number: u64,
}

impl Drop for Enlisted {
    fn drop(&mut self) {
        locked(&self.house.writers).remove(&self.number);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl House {
    pub(super) fn new(
        db: Db,
        clock: Clock,
        events: Events,
        config: UploadsConfig,
        staging: StagingFolder,
    ) -> Self {
        Self {
            begun_at: clock.now(),
            db,
            clock,
            events,
            config,
            staging,
            disk: Semaphore::new(DISK_JOBS),
            small: Arc::new(Semaphore::new(SMALL_FILES)),
            destination: OnceLock::new(),
            actors: Mutex::default(),
            writers: Mutex::default(),
            counter: AtomicU64::new(0),
            is_closing: AtomicBool::new(false),
        }
    }

    pub(super) fn expiry(&self, now: Time) -> Time {
        now + TimeDelta::hours(self.config.expire_hours)
    }

    pub(super) async fn find(&self, id: &UploadId) -> Result<Option<Upload>, Error> {
        let id = id.clone();
        self.db.read(move |conn| Ok(store::find(conn, &id)?)).await
    }

    /// What the files of the drive hold of their owners' quota.
    pub(super) fn quota(&self) -> Quota {
        Quota(self.destination.get().cloned())
    }

    /// A change of an upload. What is direct may be lost with the power until the drive has it: nothing was promised.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        upload: &Upload,
        change: impl FnMut(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        match upload.kind {
            Kind::Direct => self.db.write_relaxed(change).await,
            Kind::Whole | Kind::Partial | Kind::Final => self.db.write(change).await,
        }
    }

    /// Runs a job that blocks; a few at a time.
    pub(super) async fn on_disk<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let _turn = self.disk.acquire().await.map_err(|_| Error::Busy)?;
        let done = tokio::task::spawn_blocking(job).await;
        done.map_err(|error| Error::Disk(io::Error::other(error)))
    }

    /// Whether `bytes` more leave what must stay free.
    pub(super) fn has_room(&self, bytes: u64) -> io::Result<bool> {
        let needed = bytes.saturating_add(self.config.min_free_bytes);
        Ok(self.available()? >= needed)
    }

    pub(super) fn available(&self) -> io::Result<u64> {
        self.staging.available()
    }

    pub(super) fn enlist(self: &Arc<Self>, writer: Writer) -> Enlisted {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        locked(&self.writers).insert(number, writer);
        Enlisted {
            house: Arc::clone(self),
            number,
        }
    }

    /// How many requests write now.
    pub(super) fn writing(&self) -> usize {
        locked(&self.writers).len()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::SeqCst)
    }

    /// Gives a request to the actor of its upload, which answers through the order itself.
    pub(super) async fn hand_over(self: &Arc<Self>, order: Order) -> Result<(), Error> {
        let mut order = Some(order);
        for _ in 0..ATTEMPTS {
            let Some(id) = order.as_ref().map(|it| it.upload.id.clone()) else {
                break;
            };
            let (back, returned) = oneshot::channel();
            let take = Take::new(order.take(), back);
            match timeout(PATIENCE, self.actor(&id)?.send(take)).await {
                Ok(Ok(())) => return Ok(()),
                // The actor was leaving: the message comes back as it was.
                Ok(Err(_)) => order = returned.await.ok(),
                Err(_) => return Err(Error::Busy),
            }
        }
        Err(Error::Busy)
    }

    fn actor(self: &Arc<Self>, id: &UploadId) -> Result<Addr<UploadTransfer>, Error> {
        let mut actors = locked(&self.actors);
        if let Some(seat) = actors.get(id).filter(|seat| seat.addr.connected()) {
            return Ok(seat.addr.clone());
        }
        let arbiter = Arbiter::try_current().ok_or(Error::Busy)?;
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let actor = UploadTransfer::new(Arc::clone(self), id.clone(), number);
        let addr = UploadTransfer::start_in_arbiter(&arbiter, move |_| actor);
        let seat = Seat {
            number,
            addr: addr.clone(),
        };
        actors.insert(id.clone(), seat);
        Ok(addr)
    }

    /// An actor leaves; a later one of the same upload stays.
    pub(super) fn leave(&self, id: &UploadId, number: u64) {
        let mut actors = locked(&self.actors);
        if actors.get(id).is_some_and(|seat| seat.number == number) {
            actors.remove(id);
        }
    }

    /// Ends what is in flight for an upload, and returns when it is recorded.
    pub(super) async fn close(&self, id: &UploadId, stop: Stop) {
        let patience = match stop {
            Stop::Pausing => PAUSE_PATIENCE,
            _ => PATIENCE,
        };
        let addr = locked(&self.actors).get(id).map(|seat| seat.addr.clone());
        if let Some(addr) = addr
            && timeout(patience, addr.send(Close(stop))).await.is_err()
        {
            tracing::warn!(upload.id = %id, "an upload took too long to stop");
        }
    }

    /// Takes nothing new, and ends everything in flight.
    pub(super) async fn pause_all(&self) {
        self.is_closing.store(true, Ordering::SeqCst);
        let ids: Vec<UploadId> = locked(&self.actors).keys().cloned().collect();
        join_all(ids.iter().map(|id| self.close(id, Stop::Pausing))).await;
    }

    /// Makes what has arrived so far of an upload durable, if somebody is sending it.
    pub(super) async fn checkpoint(&self, id: &UploadId) {
        let mut waiting = Vec::new();
        for writer in locked(&self.writers).values() {
            let (done, told) = oneshot::channel();
            if writer.upload == *id && writer.checkpoint.try_send(done).is_ok() {
                waiting.push(told);
            }
        }
        // Without an answer the row says what is durable all the same.
        drop(timeout(CHECKPOINT_PATIENCE, join_all(waiting)).await);
    }

    /// Ends the requests of somebody who may no longer be here.
    pub(super) fn end_access(&self, ended: &AccessEnded) {
        for writer in locked(&self.writers).values() {
            let is_concerned = writer.account == ended.account
                && (ended.is_everything()
                    || ended.session.is_some() && ended.session == writer.session);
            if is_concerned {
                writer
                    .stop
                    .send_replace(Some(Stop::AccessEnded(ended.reason)));
            }
        }
    }

    /// Removes an upload, a final one with its parts: the row, what is in flight, the file, in this order, so that
    /// nothing begins anew.
    pub(super) async fn discard(&self, id: &UploadId) -> Result<(), Error> {
        for ended in self.end_row(id, false).await? {
            self.clear(&ended).await?;
        }
        Ok(())
    }

    /// Removes an upload from within its actor. The parts of a final one stay.
    pub(super) async fn discard_row(&self, id: &UploadId) -> Result<(), Error> {
        for ended in self.end_row(id, true).await? {
            self.remove_file_of(&ended).await?;
        }
        Ok(())
    }

    async fn end_row(&self, id: &UploadId, keep_parts: bool) -> Result<Vec<Ended>, Error> {
        let (key, quota) = (id.clone(), self.quota());
        self.db
            .write(move |conn| {
                if keep_parts {
                    store::release_parts(conn, &key)?;
                }
                quota.end_in(conn, std::slice::from_ref(&key))
            })
            .await
    }

    /// Ends what is in flight for an upload whose row is gone, and removes its file.
    pub(super) async fn clear(&self, ended: &Ended) -> Result<(), Error> {
        self.close(&ended.id, Stop::Deleted).await;
        self.remove_file_of(ended).await
    }

    async fn remove_file_of(&self, ended: &Ended) -> Result<(), Error> {
        match &ended.file {
            Some(file) => self.remove_file(file).await,
            None => Ok(()),
        }
    }

    pub(super) async fn remove_file(&self, id: &UploadId) -> Result<(), Error> {
        let (staging, name) = (self.staging.clone(), id.clone());
        Ok(self
            .on_disk(move || staging.remove(name.as_str()))
            .await??)
    }
}
