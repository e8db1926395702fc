//! The rules of uploads: who may begin one, what it may be, and what its bytes may do.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use playhouse_api::problem::{FieldCode, FieldProblem};
use playhouse_api::uploads as api;
use tokio::sync::{mpsc, oneshot, watch};

use super::checksum::Checksum;
use super::house::{House, Writer};
use super::metadata::Metadata;
use super::model::{CompletedUpload, Error, Standing, State, Stop, Upload};
use super::receive::{QUEUE, pump};
use super::stint::Order;
use super::store;
use crate::accounts::{Role, Via, Viewer};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Conn, Db};
use crate::events::Events;
use crate::ids::{AccountId, SessionId, UploadId};
use crate::storage::StagingFolder;

type Result<T> = std::result::Result<T, Error>;

/// Every upload of the house; cheap to copy.
#[derive(Clone)]
pub struct Uploads {
    pub(super) house: Arc<House>,
}

/// A file to come.
#[derive(Clone, Debug)]
pub(super) struct NewUpload {
    pub size: i64,
    pub metadata: Metadata,
}

/// What a request brings for an upload.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub offset: i64,
    pub checksum: Option<Checksum>,
    /// Bytes of the body, when the client said.
    pub length: Option<u64>,
}

/// Takes a complete upload for its one use, in the transaction that uses it.
///
/// # Errors
/// [`Error::Used`] when it is not complete or was taken before.
pub fn mark_used_in(conn: &mut Conn, id: &UploadId) -> Result<()> {
    if store::mark_used(conn, id)? {
        Ok(())
    } else {
        Err(Error::Used)
    }
}

impl Uploads {
    #[must_use]
    pub fn new(db: Db, clock: Clock, events: Events, config: &Config) -> Self {
        let staging = StagingFolder::new(config.storage_folder().join("uploads"));
        let listener = events.clone();
        let house = House::new(db, clock, events, config.uploads.clone(), staging);
        let house = Arc::new(house);
        let weak = Arc::downgrade(&house);
        listener.on_access_ended(move |ended| {
            if let Some(house) = weak.upgrade() {
                house.end_access(ended);
            }
        });
        Self { house }
    }

    /// The largest upload, in bytes.
    pub(super) fn max_bytes(&self) -> i64 {
        self.house.config.max_bytes
    }

    /// Begins an upload. One without bytes is complete at once.
    pub(super) async fn create(&self, who: &Viewer, new: NewUpload) -> Result<Upload> {
        may_upload(who, new.metadata.purpose)?;
        let max = self.max_bytes();
        if new.size > max {
            return Err(Error::TooLarge { max });
        }
        self.need_room(new.size).await?;
        let now = self.house.clock.now();
        let row = Upload {
            id: UploadId::generate(),
            account_id: who.id().clone(),
            purpose: new.metadata.purpose.into(),
            file_name: new.metadata.file_name,
            content_type: new.metadata.content_type,
            metadata: new.metadata.raw,
            size: new.size,
            acknowledged: 0,
            state: State::Receiving,
            blake3: None,
            fingerprint: None,
            created_at: now,
            updated_at: now,
            expires_at: self.house.expiry(now),
        };
        let (inserted, max) = (row.clone(), self.house.config.max_open);
        self.house
            .db
            .write(move |conn| insert(conn, &inserted, max))
            .await?;
        if row.size == 0 {
            self.finish(row.clone()).await?;
        }
        Ok(row)
    }

    /// Begins an upload with its first bytes. When they cannot be kept, nothing is.
    pub(super) async fn create_with<S, E>(
        &self,
        who: &Viewer,
        new: NewUpload,
        patch: Patch,
        body: S,
    ) -> Result<(Upload, Standing)>
    where
        S: Stream<Item = std::result::Result<Bytes, E>>,
    {
        let upload = self.create(who, new).await?;
        let id = upload.id.clone();
        match self
            .receive_into(upload.clone(), session_of(who), patch, true, body)
            .await
        {
            Ok(standing) => Ok((upload, standing)),
            Err(error) => {
                self.house.discard(&id).await?;
                Err(error)
            }
        }
    }

    /// Takes the bytes of one request.
    pub(super) async fn receive<S, E>(
        &self,
        who: &Viewer,
        id: &UploadId,
        patch: Patch,
        body: S,
    ) -> Result<Standing>
    where
        S: Stream<Item = std::result::Result<Bytes, E>>,
    {
        let upload = self.get_own(id, who.id()).await?;
        self.receive_into(upload, session_of(who), patch, false, body)
            .await
    }

    async fn receive_into<S, E>(
        &self,
        upload: Upload,
        session: Option<SessionId>,
        patch: Patch,
        is_creation: bool,
        body: S,
    ) -> Result<Standing>
    where
        S: Stream<Item = std::result::Result<Bytes, E>>,
    {
        if self.house.is_closing() {
            return Err(Error::Stopped(Stop::Pausing));
        }
        if patch.offset != upload.acknowledged {
            let at = upload.acknowledged;
            return Err(Error::OffsetMismatch { at });
        }
        let left = upload.size - upload.acknowledged;
        if patch
            .length
            .is_some_and(|it| i64::try_from(it).is_ok_and(|it| it > left) || it > i64::MAX as u64)
        {
            return Err(Error::TooLong { size: upload.size });
        }
        if upload.state != State::Receiving {
            return Ok(Standing {
                offset: upload.size,
                expires_at: upload.expires_at,
            });
        }
        if left > 0 {
            self.need_room(left).await?;
        }
        let (feed, fed) = mpsc::channel(QUEUE);
        let (checkpoint, checkpoints) = mpsc::channel(4);
        let (told, answer) = oneshot::channel();
        let stop = watch::Sender::new(None);
        let _enlisted = self.house.enlist(Writer {
            upload: upload.id.clone(),
            account: upload.account_id.clone(),
            session,
            stop: stop.clone(),
            checkpoint,
        });
        let order = Order {
            upload,
            offset: patch.offset,
            checksum: patch.checksum,
            is_creation,
            feed: fed,
            stop,
            checkpoints,
            answer: told,
        };
        self.house.hand_over(order).await?;
        let stall = Duration::from_secs(self.house.config.stall_seconds);
        pump(body, feed, answer, stall).await
    }

    /// Finishes an upload whose bytes are all acknowledged.
    async fn finish(&self, upload: Upload) -> Result<()> {
        let patch = Patch {
            offset: upload.size,
            checksum: None,
            length: Some(0),
        };
        let nothing = stream::empty::<std::result::Result<Bytes, Error>>();
        let finished = self.receive_into(upload, None, patch, false, nothing);
        Box::pin(finished).await.map(drop)
    }

    /// Where an upload stands, after what is arriving has been recorded.
    pub(super) async fn standing(&self, who: &Viewer, id: &UploadId) -> Result<Upload> {
        self.get_own(id, who.id()).await?;
        self.house.checkpoint(id).await;
        self.get_own(id, who.id()).await
    }

    /// Ends an upload and removes its bytes. One that was used has given them away already.
    pub(super) async fn terminate(&self, who: &Viewer, id: &UploadId) -> Result<()> {
        let upload = self.get_own(id, who.id()).await?;
        if upload.state == State::Used {
            return Err(Error::Used);
        }
        self.house.discard(id).await
    }

    /// A file that arrived whole, for the slice that uses it.
    ///
    /// # Errors
    /// [`Error::NotFound`] (also when it is somebody else's), [`Error::Expired`], [`Error::Incomplete`],
    /// [`Error::Used`].
    pub async fn completed(&self, id: UploadId, owner: &AccountId) -> Result<CompletedUpload> {
        let mut upload = self.get_own(&id, owner).await?;
        if upload.state == State::Receiving && upload.acknowledged == upload.size {
            // The server stopped between the last byte and the hash.
            self.finish(upload).await?;
            upload = self.get_own(&id, owner).await?;
        }
        match (upload.state, upload.blake3, upload.fingerprint) {
            (State::Used, ..) => Err(Error::Used),
            (State::Complete, Some(blake3), Some(fingerprint)) => Ok(CompletedUpload {
                path: self.house.staging.path(upload.id.as_str()),
                id: upload.id,
                size: upload.size,
                blake3,
                fingerprint,
                file_name: upload.file_name,
                content_type: upload.content_type,
            }),
            _ => Err(Error::Incomplete),
        }
    }

    async fn get_own(&self, id: &UploadId, owner: &AccountId) -> Result<Upload> {
        let upload = self.house.find(id).await?;
        let upload = upload
            .filter(|it| it.account_id == *owner)
            .ok_or(Error::NotFound)?;
        if upload.expires_at <= self.house.clock.now() {
            return Err(Error::Expired);
        }
        Ok(upload)
    }

    async fn need_room(&self, bytes: i64) -> Result<()> {
        let house = Arc::clone(&self.house);
        let bytes = u64::try_from(bytes).unwrap_or(0);
        let has_room = self.house.on_disk(move || house.has_room(bytes)).await??;
        if has_room { Ok(()) } else { Err(Error::NoRoom) }
    }
}

fn may_upload(who: &Viewer, purpose: api::Purpose) -> Result<()> {
    match purpose {
        api::Purpose::Movie if who.is_admin() => Ok(()),
        api::Purpose::Movie if who.account.role == Role::Admin => Err(Error::MissingScope),
        api::Purpose::Movie => Err(Error::Forbidden),
        api::Purpose::Drive => Err(Error::Invalid(vec![FieldProblem::new(
            api::metadata::PURPOSE,
            FieldCode::OutOfRange,
            "This house takes no uploads for the drive yet.",
        )])),
    }
}

fn insert(conn: &mut Conn, row: &Upload, max: i64) -> Result<()> {
    if store::count_open(conn, &row.account_id, row.created_at)? >= max {
        return Err(Error::TooManyOpen { max });
    }
    Ok(store::insert(conn, row)?)
}

fn session_of(who: &Viewer) -> Option<SessionId> {
    match &who.via {
        Via::Session(id) => Some(id.clone()),
        Via::Token { .. } => None,
    }
}
