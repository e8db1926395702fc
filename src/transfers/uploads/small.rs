//! A small file in one request: its bytes are collected in memory, and nothing is anywhere until all of it is in its
//! place, which takes one transaction instead of one for each step of the way.
//!
//! What is promised is the same as for a large one: the bytes are durable before the row, and the row before the answer.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use playhouse_api::events::{Event, TransferEvent, TransferKind, TransferState};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};

use super::destination::{Placed, Target, WholeFile};
use super::house::{House, Writer};
use super::model::{Error, Standing, Stop};
use super::receive::{QUEUE, pump};
use super::service::{Uploads, session_of};
use super::stint::Piece;
use crate::accounts::Viewer;
use crate::events::Audience;
use crate::ids::{AccountId, UploadId};

type Result<T> = std::result::Result<T, Error>;

/// Bytes of the largest file that is collected.
const MOST: i64 = 256 << 10;

/// A file that is being collected.
pub(super) struct Small {
    house: Arc<House>,
    id: UploadId,
    owner: AccountId,
    size: i64,
    content_type: String,
    target: Target,
    _turn: OwnedSemaphorePermit,
}

impl Uploads {
    /// Room for a file of this size in memory; none for one that is large or of unknown length, or in a crowd.
    pub(super) fn turn_of_small(&self, size: Option<i64>) -> Option<OwnedSemaphorePermit> {
        size.filter(|it| (0..=MOST.min(self.max_bytes())).contains(it))?;
        Arc::clone(&self.house.small).try_acquire_owned().ok()
    }

    /// Collects a body and puts it into the drive of `who`. Once it is all there, this goes on without the request.
    pub(super) async fn put_small<S, E>(
        &self,
        who: &Viewer,
        (target, content_type): (Target, String),
        (size, turn): (i64, OwnedSemaphorePermit),
        body: S,
    ) -> Result<Standing>
    where
        S: Stream<Item = std::result::Result<Bytes, E>>,
    {
        let house = &self.house;
        if house.is_closing() {
            return Err(Error::Stopped(Stop::Pausing));
        }
        let small = Small {
            house: Arc::clone(house),
            id: UploadId::generate(),
            owner: who.id().clone(),
            size,
            content_type,
            target,
            _turn: turn,
        };
        let (feed, mut fed) = mpsc::channel(QUEUE);
        let (told, answer) = oneshot::channel();
        let stop = watch::Sender::new(None);
        let mut stopped = stop.subscribe();
        let (checkpoint, _) = mpsc::channel(1);
        let _enlisted = house.enlist(Writer {
            upload: small.id.clone(),
            account: small.owner.clone(),
            session: session_of(who),
            stop,
            checkpoint,
        });
        tokio::spawn(async move {
            let placed = small.take(&mut fed, &mut stopped).await;
            // Nobody listens when the connection is gone.
            drop(told.send(placed));
        });
        let stall = Duration::from_secs(house.config.stall_seconds);
        pump(body, feed, answer, stall, || house.writing()).await
    }
}

impl Small {
    async fn take(
        self,
        fed: &mut mpsc::Receiver<Piece>,
        stopped: &mut watch::Receiver<Option<Stop>>,
    ) -> Result<Standing> {
        let bytes = tokio::select! {
            biased;
            why = stopped.wait_for(Option::is_some) => {
                let why = why.ok().and_then(|it| *it);
                return Err(Error::Stopped(why.unwrap_or(Stop::Pausing)));
            }
            bytes = self.collect(fed) => bytes?,
        };
        let placed = self.place(bytes).await;
        if let Err(error) = self.house.remove_file(&self.id).await {
            // It is removed at the next start.
            tracing::warn!(upload.id = %self.id, %error, "could not remove a staged file");
        }
        let placed = placed?;
        self.tell();
        Ok(Standing {
            offset: Some(self.size),
            is_full: true,
            expires_at: self.house.clock.now(),
            entry: Some(placed.entry_id),
            is_new: placed.is_new,
        })
    }

    async fn collect(&self, fed: &mut mpsc::Receiver<Piece>) -> Result<Vec<BytesMut>> {
        let (mut pieces, mut length) = (Vec::new(), 0_i64);
        loop {
            match fed.recv().await {
                Some(Piece::Bytes(bytes)) => {
                    length = length.saturating_add_unsigned(bytes.len() as u64);
                    if length > self.size {
                        return Err(Error::TooLong { size: self.size });
                    }
                    pieces.push(bytes);
                }
                Some(Piece::End) if length == self.size => return Ok(pieces),
                Some(Piece::End) | None => return Err(Error::Cut { at: 0 }),
            }
        }
    }

    async fn place(&self, bytes: Vec<BytesMut>) -> Result<Placed> {
        let drive = self.house.destination.get().cloned();
        let drive = drive.ok_or(Error::NoDestination)?;
        let file = WholeFile {
            blake3: self.stage(bytes).await?,
            path: self.house.staging.path(self.id.as_str()),
            size: self.size,
            content_type: self.content_type.clone(),
        };
        let (target, owner) = (self.target.clone(), self.owner.clone());
        drive.put(file, target, owner).await
    }

    /// Makes the bytes durable in the staging folder, and says what they are.
    async fn stage(&self, bytes: Vec<BytesMut>) -> Result<String> {
        let (house, name) = (Arc::clone(&self.house), self.id.clone());
        let size = self.size.unsigned_abs();
        let staged = self.house.on_disk(move || {
            if !house.has_room(size)? {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let mut growing = house.staging.open(name.as_str(), 0)?;
            for piece in &bytes {
                growing.append(piece)?;
            }
            growing.sync()?;
            io::Result::Ok(growing.hash()?.to_hex().to_string())
        });
        Ok(staged.await??)
    }

    fn tell(&self) {
        let event = Event::Transfer(TransferEvent {
            id: self.id.uuid(),
            kind: TransferKind::Upload,
            sent: self.size,
            size: Some(self.size),
            state: TransferState::Completed,
        });
        let owner = Audience::Account(self.owner.clone());
        self.house.events.push(owner, event);
    }
}
