//! Keeping, counting and giving up bytes.
//!
//! The order matters. In: the bytes get their place, then one transaction counts the reference and makes whatever has
//! it. Out: one transaction takes the last reference and asks for the removal, then the bytes go, unless there is a row
//! again. Whatever is interrupted leaves bytes without a row at worst, never a row without bytes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use super::digests::{self, Digests};
use super::locks::Locks;
use super::model::{Blob, Error, NewBlob, Result};
use super::store;
use crate::clock::{Clock, Time};
use crate::db::{self, Conn, Db};
use crate::ids::BlobId;
use crate::jobs::{Failure, Handlers, Jobs, NewJob, Outcome, Task};
use crate::storage::{self, BlobHash, LocalFile, Storage};

/// Removes bytes that nobody has. Its subject is their hash.
const REMOVE_BYTES: &str = "remove_bytes";

/// An upload that is complete goes on being adopted when its owner asks again; uploads expire after two days or so.
const GIVE_UP_AFTER: Duration = Duration::from_secs(48 * 3600);

type Listener = Box<dyn Fn(&BlobId) + Send + Sync>;

/// The bytes of the house; cheap to copy.
#[derive(Clone)]
pub struct Blobs {
    pub(super) house: Arc<House>,
}

pub(super) struct House {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) jobs: Jobs,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) locks: Locks,
    listeners: Mutex<Vec<Listener>>,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blobs")
            .field("storage", &self.house.storage)
            .finish_non_exhaustive()
    }
}

/// Counts `count` references more, for copies of what is there.
///
/// # Errors
/// [`Error::NoSuchBlob`].
pub fn hold_in(conn: &mut Conn, id: &BlobId, count: i64) -> Result<()> {
    if count == 0 || store::add_refs(conn, id, count)? {
        return Ok(());
    }
    Err(Error::NoSuchBlob(id.clone()))
}

/// Counts `count` references less. With the last one the row goes, so nothing may point to it any more; a job removes
/// the bytes. After the commit, call [`Jobs::wake`].
///
/// # Errors
/// [`Error::NoSuchBlob`], [`Error::Miscounted`].
pub fn release_in(conn: &mut Conn, now: Time, id: &BlobId, count: i64) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let found = store::standing(conn, id)?.ok_or_else(|| Error::NoSuchBlob(id.clone()))?;
    if found.refs > count {
        store::add_refs(conn, id, -count)?;
        return Ok(());
    }
    if found.refs < count {
        return Err(Error::Miscounted {
            id: id.clone(),
            refs: found.refs,
            count,
        });
    }
    store::delete(conn, id)?;
    let job = NewJob::new(REMOVE_BYTES, found.blake3, now);
    Ok(Jobs::enqueue_in(conn, now, job)?)
}

/// Writes rows of contents that nobody has yet, each with one reference, without bytes: to measure with.
///
/// # Errors
/// When the database refuses.
pub fn add_rows_in(conn: &mut Conn, rows: &[Blob]) -> db::Result<()> {
    store::insert(conn, rows)
}

impl Blobs {
    #[must_use]
    pub fn new(db: Db, clock: Clock, jobs: Jobs, storage: Arc<dyn Storage>) -> Self {
        Self {
            house: Arc::new(House {
                db,
                clock,
                jobs,
                storage,
                locks: Locks::new(),
                listeners: Mutex::default(),
            }),
        }
    }

    /// What the workers do for bytes.
    #[must_use]
    pub fn handlers(&self) -> Handlers {
        let (digests, remove) = (self.clone(), self.clone());
        Handlers::default()
            .on(digests::KIND, move |task| {
                digests.clone().compute_digests(task)
            })
            .on(REMOVE_BYTES, move |task| {
                remove.clone().remove_when_asked(task)
            })
    }

    /// Calls `listener` whenever the digests of a content have become known.
    pub fn on_digests(&self, listener: impl Fn(&BlobId) + Send + Sync + 'static) {
        let listeners = self.house.listeners.lock();
        listeners
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(listener));
    }

    pub(super) fn tell_digests(&self, id: &BlobId) {
        let listeners = self.house.listeners.lock();
        for listener in listeners.unwrap_or_else(PoisonError::into_inner).iter() {
            listener(id);
        }
    }

    /// Puts a finished file into the storage under its hash, and runs `change` in one transaction with one reference
    /// more. Content that is there is not written again. When `change` fails and nobody has the bytes, they are removed.
    /// It is done to the end, whether or not the caller waits for it; the file stays in its old place, too.
    ///
    /// `change` may run more than once, as in [`Db::write`]; it makes exactly one row that has the bytes. After one that
    /// gives up other bytes, call [`Jobs::wake`].
    ///
    /// # Errors
    /// What `change` answers; [`Error::Storage`]; [`Error::WrongLength`] when the file is not as long as it is said.
    pub async fn keep<T, E, F>(&self, file: NewBlob, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + From<db::Error> + std::error::Error + Send + 'static,
        F: FnMut(&mut Conn, &BlobId) -> Result<T, E> + Send + 'static,
    {
        let blobs = self.clone();
        let kept = tokio::spawn(async move { blobs.keep_to_the_end(file, change).await });
        kept.await
            .unwrap_or_else(|error| Err(Error::Storage(io::Error::other(error)).into()))
    }

    async fn keep_to_the_end<T, E, F>(&self, file: NewBlob, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + From<db::Error> + std::error::Error + Send + 'static,
        F: FnMut(&mut Conn, &BlobId) -> Result<T, E> + Send + 'static,
    {
        let name: BlobHash = file.blake3.parse().map_err(Error::from)?;
        let _turn = self.house.locks.lock(&name).await;
        let outcome = match self.adopt(&file, &name).await {
            Ok(digests) => {
                let are_due = digests.is_none();
                let counted = self.count(file, digests, change).await;
                if are_due {
                    self.house.jobs.wake();
                }
                counted
            }
            Err(error) => Err(error.into()),
        };
        if outcome.is_err()
            && let Err(error) = self.remove_without_row(&name).await
        {
            tracing::warn!(blob = %name, %error, "could not see to the bytes of a change that failed; the next start will");
        }
        outcome
    }

    /// The digests of what is small come with it.
    async fn adopt(&self, file: &NewBlob, name: &BlobHash) -> Result<Option<Digests>> {
        let actual = tokio::fs::metadata(&file.path).await?.len();
        if i64::try_from(actual) != Ok(file.size) {
            let expected = file.size;
            return Err(Error::WrongLength { expected, actual });
        }
        let digests = digests::of_small(file).await?;
        self.house.storage.adopt(&file.path, name).await?;
        Ok(digests)
    }

    /// The transaction of [`keep`](Self::keep).
    async fn count<T, E, F>(
        &self,
        file: NewBlob,
        known: Option<Digests>,
        mut change: F,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + From<db::Error> + std::error::Error + Send + 'static,
        F: FnMut(&mut Conn, &BlobId) -> Result<T, E> + Send + 'static,
    {
        let now = self.house.clock.now();
        self.house
            .db
            .write(move |conn| {
                let (id, is_new) = hold_or_add(conn, now, &file, known.as_ref())?;
                let made = change(conn, &id)?;
                if is_new && known.is_none() {
                    digests::enqueue_in(conn, now, &id)?;
                }
                Ok(made)
            })
            .await
    }

    /// Opens bytes for reading.
    ///
    /// # Errors
    /// [`Error::Storage`] with `NotFound` when they are gone, [`Error::WrongLength`] when they are damaged.
    pub async fn open(&self, blake3: &str, size: i64) -> Result<storage::Blob> {
        let name: BlobHash = blake3.parse()?;
        let blob = self.house.storage.open(&name).await?;
        if i64::try_from(blob.size) != Ok(size) {
            return Err(Error::WrongLength {
                expected: size,
                actual: blob.size,
            });
        }
        Ok(blob)
    }

    /// A file of this machine with the bytes, for a tool that reads files; keep the value for as long as it reads.
    ///
    /// # Errors
    /// [`Error::NotAHash`]; [`Error::Storage`] with `NotFound` when they are gone.
    pub async fn local_file(&self, blake3: &str) -> Result<LocalFile> {
        let name: BlobHash = blake3.parse()?;
        Ok(self.house.storage.local_file(&name).await?)
    }

    /// Removes bytes at once if nobody has them, and says whether nobody has. Without this the job from [`release_in`]
    /// does it a moment later.
    ///
    /// # Errors
    /// [`Error::NotAHash`], [`Error::Storage`].
    pub async fn remove_unheld(&self, blake3: &str) -> Result<bool> {
        let name: BlobHash = blake3.parse()?;
        let _turn = self.house.locks.lock(&name).await;
        self.remove_without_row(&name).await
    }

    /// Gives up what was interrupted on its way into the storage and that nobody has gone on with for two days, and says
    /// how many these were. What fails is tried again the next time.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn sweep(&self) -> Result<usize> {
        let interrupted = self.house.storage.interrupted(GIVE_UP_AFTER).await?;
        let mut given_up = 0;
        for name in &interrupted {
            let _turn = self.house.locks.lock(name).await;
            match self.house.storage.give_up(name).await {
                Ok(()) => given_up += 1,
                Err(error) => tracing::warn!(blob = %name, %error, "could not give up an adoption"),
            }
        }
        Ok(given_up)
    }

    /// The handler of [`REMOVE_BYTES`].
    async fn remove_when_asked(self, task: Task) -> std::result::Result<Outcome, Failure> {
        match self.remove_unheld(&task.subject).await {
            Ok(_) => Ok(Outcome::Done),
            Err(error @ Error::NotAHash(_)) => Err(Failure::lasting(error)),
            Err(error) => Err(Failure::passing(error.into_io())),
        }
    }

    /// Removes bytes unless there is a row, and says whether it did. The caller holds the lock on them.
    pub(super) async fn remove_without_row(&self, name: &BlobHash) -> Result<bool> {
        let hash = name.as_str().to_owned();
        let found = self
            .house
            .db
            .read::<_, Error, _>(move |conn| Ok(store::standing_by_hash(conn, &hash)?))
            .await?;
        if found.is_some() {
            return Ok(false);
        }
        self.house.storage.remove(name).await?;
        Ok(true)
    }
}

/// One reference more, and whether it is the first.
fn hold_or_add(
    conn: &mut Conn,
    now: Time,
    file: &NewBlob,
    known: Option<&Digests>,
) -> Result<(BlobId, bool)> {
    if let Some(found) = store::standing_by_hash(conn, &file.blake3)? {
        if found.size != file.size {
            return Err(Error::WrongLength {
                expected: found.size,
                actual: file.size.unsigned_abs(),
            });
        }
        store::add_refs(conn, &found.id, 1)?;
        return Ok((found.id, false));
    }
    let row = Blob {
        id: BlobId::generate(),
        blake3: file.blake3.clone(),
        size: file.size,
        sha256: known.map(|it| it.sha256.clone()),
        md5: known.map(|it| it.md5.clone()),
        created_at: now,
    };
    store::insert(conn, std::slice::from_ref(&row))?;
    Ok((row.id, true))
}
