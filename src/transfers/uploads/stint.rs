//! One request's work on an upload: pieces to disk, checkpoints, and the end, whichever it is.
//!
//! The order is always the same: bytes, `fdatasync`, the row, and only then an answer. Nothing blocks here: the disk
//! is touched on blocking threads, and the [`Growing`] file travels there and back.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use playhouse_api::events::{Event, TransferEvent, TransferKind, TransferState};
use playhouse_api::fingerprint::fingerprint;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::checksum::{Checksum, Running};
use super::destination::Placed;
use super::house::House;
use super::model::{Error, Kind, Standing, State, Stop, Upload};
use super::store::Digests;
use crate::clock::Time;
use crate::events::Audience;
use crate::storage::Growing;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// What arrives slowly becomes durable this often.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(2);

/// A part of a body on its way from the connection.
pub(super) enum Piece {
    Bytes(BytesMut),
    /// The body is whole.
    End,
}

/// What a request wants done.
pub(super) struct Order {
    pub upload: Upload,
    pub errand: Errand,
    /// The upload was made by this very request; if it fails, nobody knows of it.
    pub is_creation: bool,
    /// Ends without [`Piece::End`] when the connection does.
    pub feed: mpsc::Receiver<Piece>,
    pub stop: watch::Sender<Option<Stop>>,
    pub checkpoints: mpsc::Receiver<oneshot::Sender<()>>,
    pub answer: oneshot::Sender<Result<Standing, Error>>,
}

pub(super) enum Errand {
    /// Write the body.
    Write {
        /// Where it begins.
        offset: i64,
        /// The length of the file, if the client says it only now.
        size: Option<i64>,
        checksum: Option<Checksum>,
        /// The file ends where the body does, if its length is not known.
        is_last: bool,
    },
    /// Bring to its end what is all there.
    Finish,
}

/// How a body ended.
enum Ending {
    Whole,
    Cut,
}

pub(super) struct Stint {
    pub(super) house: Arc<House>,
    pub(super) upload: Upload,
    pub(super) placed: Option<Placed>,
    staged: Option<Box<Growing>>,
    checksum: Option<Running>,
    ends_with_body: bool,
    acknowledged: Arc<AtomicI64>,
    checkpointed_at: Instant,
    told: i64,
}

/// Does what `order` asks, answers it, and returns the file if it can be gone on with.
pub(super) async fn run(
    house: Arc<House>,
    staged: Option<Box<Growing>>,
    acknowledged: Arc<AtomicI64>,
    mut order: Order,
) -> Option<Box<Growing>> {
    let mut stint = Stint {
        upload: order.upload.clone(),
        placed: None,
        checksum: None,
        ends_with_body: false,
        checkpointed_at: Instant::now(),
        told: -1,
        house,
        staged,
        acknowledged,
    };
    let outcome = stint.fulfil(&mut order).await;
    if order.is_creation && outcome.is_err() {
        stint.forget().await;
    }
    stint.tell(state_after(&outcome));
    // Nobody listens when the connection is gone.
    drop(order.answer.send(outcome));
    stint.staged
}

fn state_after(outcome: &Result<Standing, Error>) -> TransferState {
    match outcome {
        Ok(standing) if standing.is_full => TransferState::Completed,
        Err(Error::Stopped(Stop::Deleted) | Error::NotFound) => TransferState::Aborted,
        _ => TransferState::Paused,
    }
}

impl Stint {
    async fn fulfil(&mut self, order: &mut Order) -> Result<Standing, Error> {
        self.begin().await?;
        match std::mem::replace(&mut order.errand, Errand::Finish) {
            Errand::Write {
                offset,
                size,
                checksum,
                is_last,
            } => {
                self.need_offset(offset)?;
                self.ends_with_body = is_last || self.upload.kind == Kind::Direct;
                if let Some(size) = size {
                    self.declare(size).await?;
                }
                // The one before may have finished it.
                if self.upload.state == State::Receiving {
                    self.checksum = checksum.map(Checksum::start);
                    let ending = self.work(order).await;
                    self.settle(ending).await?;
                }
            }
            Errand::Finish if self.upload.state != State::Receiving => {}
            Errand::Finish if self.upload.kind == Kind::Final => self.join().await?,
            Errand::Finish if self.upload.is_full() => self.complete().await?,
            Errand::Finish => return Err(Error::Incomplete),
        }
        self.place().await?;
        Ok(self.standing())
    }

    /// Reads the row anew, and opens the file at its acknowledged length.
    async fn begin(&mut self) -> Result<(), Error> {
        let row = self.house.find(&self.upload.id).await?;
        self.upload = row.ok_or(Error::NotFound)?;
        let is_receiving = self.upload.state == State::Receiving && self.upload.kind != Kind::Final;
        if !is_receiving || self.marked() != self.upload.acknowledged {
            self.staged = None;
        }
        if is_receiving && self.staged.is_none() {
            self.open().await?;
        }
        let at = self.upload.acknowledged;
        self.acknowledged.store(at, Ordering::SeqCst);
        Ok(())
    }

    fn need_offset(&self, offset: i64) -> Result<(), Error> {
        let at = self.upload.acknowledged;
        if at == offset {
            Ok(())
        } else {
            Err(Error::OffsetMismatch { at })
        }
    }

    /// The client says how long the file is.
    async fn declare(&mut self, size: i64) -> Result<(), Error> {
        let (id, quota) = (self.upload.id.clone(), self.house.quota());
        self.house
            .db
            .write(move |conn| quota.declare_in(conn, &id, size))
            .await?;
        self.upload.size = Some(size);
        Ok(())
    }

    async fn open(&mut self) -> Result<(), Error> {
        let keep = u64::try_from(self.upload.acknowledged).unwrap_or(0);
        let (staging, name) = (self.house.staging.clone(), self.upload.file().clone());
        let begin = u64::try_from(self.upload.part_offset.unwrap_or(0)).unwrap_or(0);
        let is_part = self.upload.kind == Kind::Partial;
        let opened = self.house.on_disk(move || match is_part {
            true => staging.open_part(name.as_str(), begin, keep),
            false => staging.open(name.as_str(), keep),
        });
        let opened = opened.await?;
        match opened {
            Ok(growing) => {
                self.staged = Some(Box::new(growing));
                Ok(())
            }
            Err(error) if is_lost(&error) => {
                tracing::error!(upload.id = %self.upload.id, %error, "the file of an upload has lost bytes");
                self.house.discard_row(&self.upload.id).await?;
                Err(Error::NotFound)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes until the body ends or somebody ends it.
    async fn work(&mut self, order: &mut Order) -> Result<Ending, Error> {
        let mut stop = order.stop.subscribe();
        let mut ticks = interval(TELL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                stopped = stop.wait_for(Option::is_some) => {
                    let why = stopped.ok().and_then(|it| *it);
                    return Err(Error::Stopped(why.unwrap_or(Stop::Pausing)));
                }
                Some(done) = order.checkpoints.recv() => {
                    self.checkpoint_if_open().await?;
                    done.send(()).ok();
                }
                piece = order.feed.recv() => match piece {
                    Some(Piece::Bytes(bytes)) => self.write(bytes).await?,
                    Some(Piece::End) => return Ok(Ending::Whole),
                    None => return Ok(Ending::Cut),
                },
                _ = ticks.tick() => {
                    self.tell(TransferState::Running);
                    if self.checkpointed_at.elapsed() >= CHECKPOINT_EVERY {
                        self.checkpoint_if_open().await?;
                    }
                }
            }
        }
    }

    async fn write(&mut self, bytes: BytesMut) -> Result<(), Error> {
        let count = bytes.len() as u64;
        let end = self.length().saturating_add_unsigned(count);
        match self.upload.size {
            Some(size) if end > size => return Err(Error::TooLong { size }),
            None if end > self.house.config.max_bytes => {
                let max = self.house.config.max_bytes;
                return Err(Error::TooLarge { max });
            }
            _ => {}
        }
        let house = Arc::clone(&self.house);
        let mut checksum = self.checksum.take();
        self.checksum = self
            .on_disk(move |growing| {
                if !house.has_room(count)? {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                growing.append(&bytes)?;
                if let Some(checksum) = &mut checksum {
                    checksum.update(&bytes);
                }
                Ok(checksum)
            })
            .await?;
        let ahead = u64::try_from(self.length() - self.marked()).unwrap_or(0);
        if ahead >= self.house.config.checkpoint_bytes {
            self.checkpoint_if_open().await?;
        }
        Ok(())
    }

    /// A checkpoint, unless the body must prove its checksum first.
    async fn checkpoint_if_open(&mut self) -> Result<(), Error> {
        if self.checksum.is_some() {
            return Ok(());
        }
        self.checkpoint().await
    }

    /// Makes what was written durable, and then says so in the row.
    async fn checkpoint(&mut self) -> Result<(), Error> {
        self.checkpointed_at = Instant::now();
        let span = (self.marked(), self.length());
        if span.0 == span.1 {
            return Ok(());
        }
        self.on_disk(Growing::sync).await?;
        let times = self.times();
        let (upload, quota) = (self.upload.clone(), self.house.quota());
        let moved = self
            .house
            .change(&self.upload, move |conn| {
                quota.acknowledge_in(conn, &upload, span, times)
            })
            .await?;
        if !moved {
            return Err(Error::NotFound);
        }
        if let Some(growing) = &mut self.staged {
            growing.mark();
        }
        self.upload.acknowledged = span.1;
        self.upload.expires_at = times.1;
        self.acknowledged.store(span.1, Ordering::SeqCst);
        Ok(())
    }

    fn times(&self) -> (Time, Time) {
        let now = self.house.clock.now();
        (now, self.house.expiry(now))
    }

    /// Brings file and row to the same length, whatever happened.
    async fn settle(&mut self, ending: Result<Ending, Error>) -> Result<(), Error> {
        let settled = match ending {
            Ok(ending) => self.keep(ending).await,
            Err(Error::Stopped(stop @ (Stop::AccessEnded(_) | Stop::Pausing))) => {
                match self.keep(Ending::Cut).await {
                    Ok(()) | Err(Error::Cut { .. }) => Err(Error::Stopped(stop)),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &settled {
            self.roll_back(error).await;
        }
        settled
    }

    /// Records what arrived, and finishes the upload when that was all.
    async fn keep(&mut self, ending: Ending) -> Result<(), Error> {
        let is_whole = matches!(ending, Ending::Whole);
        if let Some(checksum) = self.checksum.take() {
            let at = self.marked();
            if !is_whole {
                return Err(Error::Cut { at });
            }
            if !checksum.holds() {
                return Err(Error::ChecksumMismatch { at });
            }
        }
        let is_direct = self.upload.kind == Kind::Direct;
        let is_last = match self.upload.size {
            Some(size) => self.length() == size,
            None => self.ends_with_body && is_whole,
        };
        if is_last {
            return self.complete().await;
        }
        if !is_direct {
            self.checkpoint().await?;
        }
        if is_direct || !is_whole {
            return Err(Error::Cut { at: self.marked() });
        }
        Ok(())
    }

    fn standing(&self) -> Standing {
        Standing {
            entry: self.placed.map(|it| it.entry_id).or(self.upload.entry()),
            is_new: self.placed.is_some_and(|it| it.is_new),
            ..Standing::from(&self.upload)
        }
    }

    /// Every byte has arrived: makes them durable, and records them and what they are.
    async fn complete(&mut self) -> Result<(), Error> {
        let size = self.length();
        let needs_digests = self.upload.kind != Kind::Partial;
        let digests = self
            .on_disk(move |growing| {
                growing.sync()?;
                needs_digests.then(|| digests_of(growing)).transpose()
            })
            .await?;
        self.record_complete(size, digests).await?;
        // Nothing is written any more.
        self.staged = None;
        Ok(())
    }

    pub(super) async fn record_complete(
        &mut self,
        size: i64,
        digests: Option<Digests>,
    ) -> Result<(), Error> {
        let (times, quota) = (self.times(), self.house.quota());
        let (id, found) = (self.upload.id.clone(), digests.clone());
        let moved = self
            .house
            .change(&self.upload, move |conn| {
                quota.complete_in(conn, &id, size, found.as_ref(), times)
            })
            .await?;
        if !moved {
            return Err(Error::NotFound);
        }
        self.upload.state = State::Complete;
        self.upload.size = Some(size);
        self.upload.acknowledged = size;
        self.upload.expires_at = times.1;
        if let Some(digests) = digests {
            self.upload.blake3 = Some(digests.blake3);
            self.upload.fingerprint = Some(digests.fingerprint);
        }
        self.acknowledged.store(size, Ordering::SeqCst);
        Ok(())
    }

    /// Cuts the file back to what is recorded; gives it up when that cannot be told from here.
    async fn roll_back(&mut self, error: &Error) {
        let is_sure = !matches!(error, Error::Db(_) | Error::Disk(_) | Error::NotFound);
        if self.staged.is_none() {
            return;
        }
        if !is_sure || self.on_disk(Growing::roll_back).await.is_err() {
            self.staged = None;
        }
    }

    /// The client cannot know of an upload whose creation failed.
    async fn forget(&mut self) {
        self.staged = None;
        let discarded = self.house.discard_row(&self.upload.id).await;
        if let Err(error) = discarded {
            tracing::warn!(upload.id = %self.upload.id, %error, "could not clear a failed upload away");
        }
    }

    fn tell(&mut self, state: TransferState) {
        // What arrived and is not durable yet may be gone after a crash, so nobody is told of it.
        let sent = self.acknowledged.load(Ordering::SeqCst);
        if sent == self.told && state == TransferState::Running {
            return;
        }
        self.told = sent;
        let event = Event::Transfer(TransferEvent {
            id: self.upload.id.uuid(),
            kind: TransferKind::Upload,
            sent,
            size: self.upload.size,
            state,
        });
        let owner = Audience::Account(self.upload.account_id.clone());
        self.house.events.push(owner, event);
    }

    fn length(&self) -> i64 {
        let length = self.staged.as_ref().map_or(0, |it| it.length());
        i64::try_from(length).unwrap_or(i64::MAX)
    }

    fn marked(&self) -> i64 {
        let marked = self.staged.as_ref().map_or(0, |it| it.marked());
        i64::try_from(marked).unwrap_or(i64::MAX)
    }

    /// Sends the file to a blocking thread and back. A panic there loses it, and the row decides again.
    async fn on_disk<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut Growing) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let mut growing = self.staged.take().ok_or(Error::Busy)?;
        let (growing, outcome) = self
            .house
            .on_disk(move || {
                let outcome = job(&mut growing);
                (growing, outcome)
            })
            .await?;
        self.staged = Some(growing);
        Ok(outcome?)
    }
}

fn digests_of(growing: &mut Growing) -> io::Result<Digests> {
    Ok(Digests {
        blake3: growing.hash()?.to_hex().to_string(),
        fingerprint: fingerprint(growing.file())?,
    })
}

fn is_lost(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof
    )
}
