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
use super::house::House;
use super::model::{Error, Standing, State, Stop, Upload};
use super::store::{self, Digests};
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

/// What a request wants written.
pub(super) struct Order {
    pub upload: Upload,
    pub offset: i64,
    pub checksum: Option<Checksum>,
    /// The upload was made by this very request; if it fails, nobody knows of it.
    pub is_creation: bool,
    /// Ends without [`Piece::End`] when the connection does.
    pub feed: mpsc::Receiver<Piece>,
    pub stop: watch::Sender<Option<Stop>>,
    pub checkpoints: mpsc::Receiver<oneshot::Sender<()>>,
    pub answer: oneshot::Sender<Result<Standing, Error>>,
}

/// How a body ended.
enum Ending {
    Whole,
    Cut,
}

pub(super) struct Stint {
    house: Arc<House>,
    upload: Upload,
    staged: Option<Box<Growing>>,
    checksum: Option<Running>,
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
        checksum: order.checksum.take().map(Checksum::start),
        checkpointed_at: Instant::now(),
        told: -1,
        house,
        staged,
        acknowledged,
    };
    let outcome = match stint.begin(order.offset).await {
        // The one before has finished it.
        Ok(()) if stint.upload.state != State::Receiving => Ok(stint.standing()),
        Ok(()) => {
            let ending = stint.work(&mut order).await;
            stint.settle(ending).await
        }
        Err(error) => Err(error),
    };
    if order.is_creation && outcome.is_err() {
        stint.forget().await;
    }
    stint.tell(state_after(&outcome, &stint.upload));
    // Nobody listens when the connection is gone.
    drop(order.answer.send(outcome));
    stint.staged
}

fn state_after(outcome: &Result<Standing, Error>, upload: &Upload) -> TransferState {
    match outcome {
        Ok(standing) if standing.offset == upload.size => TransferState::Completed,
        Err(Error::Stopped(Stop::Deleted) | Error::NotFound) => TransferState::Aborted,
        _ => TransferState::Paused,
    }
}

impl Stint {
    /// Opens the file at its acknowledged length, and checks that the request goes on from there.
    async fn begin(&mut self, offset: i64) -> Result<(), Error> {
        if self.staged.is_none() {
            let row = self.house.find(&self.upload.id).await?;
            self.upload = row.ok_or(Error::NotFound)?;
            if self.upload.state == State::Receiving {
                self.open().await?;
            }
        }
        let at = match self.upload.state {
            State::Receiving => self.marked(),
            State::Complete | State::Used => self.upload.size,
        };
        self.acknowledged.store(at, Ordering::SeqCst);
        if at != offset {
            return Err(Error::OffsetMismatch { at });
        }
        Ok(())
    }

    async fn open(&mut self) -> Result<(), Error> {
        let keep = u64::try_from(self.upload.acknowledged).unwrap_or(0);
        let (staging, name) = (self.house.staging.clone(), self.upload.id.clone());
        let opened = self
            .house
            .on_disk(move || staging.open(name.as_str(), keep))
            .await?;
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
        if self.length() + i64::try_from(count).unwrap_or(i64::MAX) > self.upload.size {
            return Err(Error::TooLong {
                size: self.upload.size,
            });
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
        let (from, to) = (self.marked(), self.length());
        if from == to {
            return Ok(());
        }
        self.on_disk(Growing::sync).await?;
        let now = self.house.clock.now();
        let times = (now, self.house.expiry(now));
        let id = self.upload.id.clone();
        let moved = self
            .house
            .db
            .write::<_, Error, _>(move |conn| Ok(store::acknowledge(conn, &id, (from, to), times)?))
            .await?;
        if !moved {
            return Err(Error::NotFound);
        }
        if let Some(growing) = &mut self.staged {
            growing.mark();
        }
        self.upload.acknowledged = to;
        self.upload.expires_at = times.1;
        self.acknowledged.store(to, Ordering::SeqCst);
        Ok(())
    }

    /// Brings file and row to the same length, whatever happened.
    async fn settle(&mut self, ending: Result<Ending, Error>) -> Result<Standing, Error> {
        let settled = match ending {
            Ok(ending) => self.keep(ending).await,
            Err(Error::Stopped(stop @ (Stop::AccessEnded(_) | Stop::Pausing))) => {
                match self.keep(Ending::Cut).await {
                    Ok(_) | Err(Error::Cut { .. }) => Err(Error::Stopped(stop)),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        };
        match settled {
            Err(error) => {
                self.roll_back(&error).await;
                Err(error)
            }
            Ok(standing) => Ok(standing),
        }
    }

    /// Records what arrived, and finishes the upload when that was all.
    async fn keep(&mut self, ending: Ending) -> Result<Standing, Error> {
        if let Some(checksum) = self.checksum.take() {
            let at = self.marked();
            match ending {
                Ending::Cut => return Err(Error::Cut { at }),
                Ending::Whole if !checksum.holds() => return Err(Error::ChecksumMismatch { at }),
                Ending::Whole => {}
            }
        }
        self.checkpoint().await?;
        let at = self.marked();
        if at == self.upload.size {
            self.complete().await?;
        } else if matches!(ending, Ending::Cut) {
            return Err(Error::Cut { at });
        }
        Ok(self.standing())
    }

    fn standing(&self) -> Standing {
        Standing {
            offset: self.upload.acknowledged,
            expires_at: self.upload.expires_at,
        }
    }

    /// Every byte is durable: what are they?
    async fn complete(&mut self) -> Result<(), Error> {
        let digests = self
            .on_disk(|growing| {
                Ok(Digests {
                    blake3: growing.hash()?.to_hex().to_string(),
                    fingerprint: fingerprint(growing.file())?,
                })
            })
            .await?;
        let now = self.house.clock.now();
        let times = (now, self.house.expiry(now));
        let id = self.upload.id.clone();
        let moved = self
            .house
            .db
            .write::<_, Error, _>(move |conn| Ok(store::complete(conn, &id, &digests, times)?))
            .await?;
        if !moved {
            return Err(Error::NotFound);
        }
        self.upload.state = State::Complete;
        self.upload.expires_at = times.1;
        // Nothing is written any more.
        self.staged = None;
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
            size: Some(self.upload.size),
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

fn is_lost(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof
    )
}
