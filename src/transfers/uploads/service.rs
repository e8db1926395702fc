//! The rules of uploads: who may begin one, what it may be, and what its bytes may do.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::begin::{Limits, NewUpload, insert, new_row};
use super::checksum::Checksum;
use super::concat::are_complete;
use super::destination::{Destination, Target};
use super::house::{Enlisted, House, Writer};
use super::model::{CompletedUpload, Error, Kind, Purpose, Standing, State, Stop, Upload};
use super::place::retarget_in;
use super::policy::may_upload;
use super::receive::{Answer, QUEUE, pump};
use super::stint::{Errand, Order, Piece};
use super::store;
use crate::accounts::{Via, Viewer};
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

/// What a request brings for an upload.
#[derive(Clone, Debug, Default)]
pub(super) struct Patch {
    pub offset: i64,
    /// The length of the file, when it is said only now.
    pub size: Option<i64>,
    pub checksum: Option<Checksum>,
    /// Bytes of the body, when the client said.
    pub length: Option<u64>,
    /// Where a complete file of the drive shall go instead.
    pub target: Option<Target>,
    /// Whether the file ends where the body does, if its length is not known.
    pub is_last: bool,
}

/// Takes a complete upload for its one use, in the transaction that uses it.
///
/// # Errors
/// [`Error::Used`] when it is not complete or was taken before.
pub fn mark_used_in(conn: &mut Conn, id: &UploadId) -> Result<()> {
    if store::mark_used(conn, id, None)? {
        Ok(())
    } else {
        Err(Error::Used)
    }
}

/// The same for a file of the drive: the transaction makes it this entry, and turns what was reserved into what is used.
///
/// # Errors
/// As for [`mark_used_in`].
pub fn mark_placed_in(conn: &mut Conn, id: &UploadId, entry: Uuid) -> Result<()> {
    let upload = store::find(conn, id)?.ok_or(Error::Used)?;
    if !store::mark_used(conn, id, Some(&entry.to_string()))? {
        return Err(Error::Used);
    }
    store::delete_parts(conn, id)?;
    if upload.kind == Kind::Direct {
        // Nobody knows of it.
        store::delete(conn, std::slice::from_ref(id))?;
    }
    Ok(())
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

    /// How many uploads something is being received of.
    #[must_use]
    pub fn receiving(&self) -> usize {
        self.house.writing()
    }

    /// Bytes that are left on the disk of what arrives; none when it cannot be told.
    pub async fn free_bytes(&self) -> Option<i64> {
        let house = Arc::clone(&self.house);
        let free = self.house.on_disk(move || house.available()).await;
        i64::try_from(free.ok()?.ok()?).ok()
    }

    /// Names what the files of the drive are for, once, when the house is built.
    pub fn register(&self, destination: Arc<dyn Destination>) {
        if self.house.destination.set(destination).is_err() {
            tracing::error!("the uploads have a destination already");
        }
    }

    /// Begins an upload. One without bytes is complete at once.
    pub(super) async fn create(&self, who: &Viewer, new: NewUpload) -> Result<(Upload, Standing)> {
        let row = self.make_row(who, new).await?;
        let mut standing = Standing::from(&row);
        let is_due = match row.kind {
            Kind::Final => self.parts_are_complete(&row.id).await?,
            _ => row.is_full(),
        };
        if is_due {
            standing = self.order(row.clone(), Errand::Finish, true).await?;
        }
        Ok((row, standing))
    }

    async fn parts_are_complete(&self, id: &UploadId) -> Result<bool> {
        let id = id.clone();
        self.house
            .db
            .read(move |conn| Ok(are_complete(&store::parts(conn, &id)?)))
            .await
    }

    /// The row of an upload that may begin, as far as that can be told before the transaction.
    pub(super) async fn plan_row(&self, who: &Viewer, new: NewUpload) -> Result<Upload> {
        may_upload(who, new.metadata.purpose)?;
        let max = self.max_bytes();
        if new.size.is_some_and(|it| it > max) {
            return Err(Error::TooLarge { max });
        }
        self.need_room(new.size.unwrap_or(0)).await?;
        let now = self.house.clock.now();
        new_row(who.id(), new, (now, self.house.expiry(now)))
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            open: self.house.config.max_open,
            bytes: self.max_bytes(),
        }
    }

    async fn make_row(&self, who: &Viewer, mut new: NewUpload) -> Result<Upload> {
        let parts = new.parts.take();
        let row = self.plan_row(who, new).await?;
        let row = Upload {
            concat: parts.as_ref().map(|(_, said)| said.clone()),
            ..row
        };
        let parts = parts.map(|(parts, _)| parts).unwrap_or_default();
        let limits = self.limits();
        let (inserted, quota) = (row.clone(), self.house.quota());
        self.house
            .change(&row, move |conn| {
                insert(conn, &quota, inserted.clone(), &parts, limits)
            })
            .await
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
        let upload = self.make_row(who, new).await?;
        let id = upload.id.clone();
        let session = session_of(who);
        match self
            .receive_into(upload.clone(), session, patch, true, body)
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
        may_upload(who, upload.purpose.into())?;
        let is_retargeted = upload.state == State::Complete && patch.target.is_some();
        if upload.kind == Kind::Final && !is_retargeted {
            return Err(Error::IsFinal);
        }
        if let Some(target) = patch
            .target
            .clone()
            .filter(|_| upload.state == State::Complete)
        {
            let id = id.clone();
            let retargeted = self
                .house
                .db
                .write(move |conn| retarget_in(conn, &id, &target));
            retargeted.await?;
        }
        let is_part = upload.kind == Kind::Partial;
        let received = self.receive_into(upload, session_of(who), patch, false, body);
        let standing = received.await?;
        if is_part && standing.is_full {
            self.join_with(id).await?;
        }
        Ok(standing)
    }

    /// A part is all there: perhaps it was the last one that its final upload waited for. If that cannot be finished, the
    /// part is none the worse; the final upload says why when it is asked.
    async fn join_with(&self, part: &UploadId) -> Result<()> {
        let Some(id) = self.house.find(part).await?.and_then(|it| it.final_id) else {
            return Ok(());
        };
        if !self.parts_are_complete(&id).await? {
            return Ok(());
        }
        if let Some(whole) = self.house.find(&id).await?
            && let Err(error) = self.finish(whole).await
        {
            tracing::warn!(upload.id = %id, %error, "could not finish a final upload");
        }
        Ok(())
    }

    pub(super) async fn receive_into<S, E>(
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
        self.check_patch(&upload, &patch).await?;
        let errand = Errand::Write {
            offset: patch.offset,
            size: patch.size,
            checksum: patch.checksum,
            is_last: patch.is_last,
        };
        let (feed, fed) = mpsc::channel(QUEUE);
        let (order, answer, _enlisted) = self.enlist(upload, session, errand, fed);
        let order = Order {
            is_creation,
            ..order
        };
        self.house.hand_over(order).await?;
        let stall = Duration::from_secs(self.house.config.stall_seconds);
        pump(body, feed, answer, stall, || self.house.writing()).await
    }

    /// What can be told before a byte is read.
    async fn check_patch(&self, upload: &Upload, patch: &Patch) -> Result<()> {
        if self.house.is_closing() {
            return Err(Error::Stopped(Stop::Pausing));
        }
        if patch.offset != upload.acknowledged {
            let at = upload.acknowledged;
            return Err(Error::OffsetMismatch { at });
        }
        let max = self.max_bytes();
        if patch.size.is_some_and(|it| it > max) {
            return Err(Error::TooLarge { max });
        }
        let size = upload.size.or(patch.size);
        let left = size.unwrap_or(max).saturating_sub(upload.acknowledged);
        let length = patch.length.map(|it| i64::try_from(it).unwrap_or(i64::MAX));
        match (length, size) {
            (Some(length), Some(size)) if length > left => Err(Error::TooLong { size }),
            (Some(length), None) if length > left => Err(Error::TooLarge { max }),
            (length, None) => self.need_room(length.unwrap_or(0)).await,
            (_, Some(_)) if upload.state == State::Receiving && left > 0 => {
                self.need_room(left).await
            }
            _ => Ok(()),
        }
    }

    /// An order for the upload's actor, and its place on the list of those that write.
    fn enlist(
        &self,
        upload: Upload,
        session: Option<SessionId>,
        errand: Errand,
        feed: mpsc::Receiver<Piece>,
    ) -> (Order, Answer, Enlisted) {
        let (checkpoint, checkpoints) = mpsc::channel(4);
        let (told, answer) = oneshot::channel();
        let stop = watch::Sender::new(None);
        let enlisted = self.house.enlist(Writer {
            upload: upload.id.clone(),
            account: upload.account_id.clone(),
            session,
            stop: stop.clone(),
            checkpoint,
        });
        let order = Order {
            upload,
            errand,
            is_creation: false,
            feed,
            stop,
            checkpoints,
            answer: told,
        };
        (order, answer, enlisted)
    }

    /// Has the upload's actor do what needs no body.
    async fn order(&self, upload: Upload, errand: Errand, is_creation: bool) -> Result<Standing> {
        let (_, feed) = mpsc::channel(1);
        let (order, answer, _enlisted) = self.enlist(upload, None, errand, feed);
        let order = Order {
            is_creation,
            ..order
        };
        self.house.hand_over(order).await?;
        answer.await.unwrap_or(Err(Error::Busy))
    }

    /// Brings to its end an upload whose bytes are all there.
    pub(super) async fn finish(&self, upload: Upload) -> Result<Standing> {
        Box::pin(self.order(upload, Errand::Finish, false)).await
    }

    /// Where an upload stands, after what is arriving has been recorded. One that is all there and not where it belongs
    /// is brought there first: nobody is told of an end that has not come.
    pub(super) async fn standing(&self, who: &Viewer, id: &UploadId) -> Result<(Upload, Standing)> {
        self.get_own(id, who.id()).await?;
        self.house.checkpoint(id).await;
        let upload = self.get_own(id, who.id()).await?;
        let is_due = match upload.kind {
            Kind::Final if upload.state == State::Receiving => self.parts_are_complete(id).await?,
            Kind::Whole | Kind::Final => upload.purpose == Purpose::Drive && upload.is_due(),
            Kind::Partial | Kind::Direct => false,
        };
        if is_due {
            let standing = self.finish(upload.clone()).await?;
            let size = upload.size.or(standing.offset);
            return Ok((Upload { size, ..upload }, standing));
        }
        let standing = Standing::from(&upload);
        Ok((upload, standing))
    }

    /// Ends an upload and removes its bytes. One that was used has given them away already.
    pub(super) async fn terminate(&self, who: &Viewer, id: &UploadId) -> Result<()> {
        let upload = self.get_own(id, who.id()).await?;
        may_upload(who, upload.purpose.into())?;
        if upload.state == State::Used {
            return Err(Error::Used);
        }
        if upload.final_id.is_some() {
            return Err(Error::Parts(
                "This part belongs to a final upload, which ends with its parts.",
            ));
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
        if upload.state == State::Receiving && upload.is_full() {
            // The server stopped between the last byte and the hash.
            self.finish(upload).await?;
            upload = self.get_own(&id, owner).await?;
        }
        if upload.state == State::Used {
            return Err(Error::Used);
        }
        let path = self.house.staging.path(upload.file().as_str());
        CompletedUpload::new(upload, path).ok_or(Error::Incomplete)
    }

    async fn get_own(&self, id: &UploadId, owner: &AccountId) -> Result<Upload> {
        let upload = self.house.find(id).await?;
        let upload = upload
            .filter(|it| it.account_id == *owner)
            .ok_or(Error::NotFound)?;
        let now = self.house.clock.now();
        if upload.expires_at <= now && !self.has_live_parts(&upload).await? {
            return Err(Error::Expired);
        }
        Ok(upload)
    }

    /// A final upload lives as long as one of its parts.
    async fn has_live_parts(&self, upload: &Upload) -> Result<bool> {
        if upload.kind != Kind::Final {
            return Ok(false);
        }
        let (ids, now) = ([upload.id.clone()], self.house.clock.now());
        let alive = self
            .house
            .db
            .read(move |conn| Ok(store::finals_with_live_parts(conn, &ids, now)?));
        let alive: Result<Vec<UploadId>> = alive.await;
        Ok(!alive?.is_empty())
    }

    async fn need_room(&self, bytes: i64) -> Result<()> {
        let house = Arc::clone(&self.house);
        let bytes = u64::try_from(bytes).unwrap_or(0);
        let has_room = self.house.on_disk(move || house.has_room(bytes)).await??;
        if has_room { Ok(()) } else { Err(Error::NoRoom) }
    }
}

pub(super) fn session_of(who: &Viewer) -> Option<SessionId> {
    match &who.via {
        Via::Session(id) => Some(id.clone()),
        Via::Token { .. } | Via::Password => None,
    }
}
