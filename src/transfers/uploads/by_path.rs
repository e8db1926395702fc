//! Uploads that are found again by the path of their file, for protocols that know no address of an upload (FTP).
//!
//! Such an upload is one of tus kind whose length comes with its end: the same durable offset, reservation and expiry.
//! There is at most one for a path of an account. A body that is cut leaves what arrived, out of the tree, to be gone on
//! with at exactly that offset; a body from the beginning ends what waited for the same path.

use bytes::Bytes;
use futures_util::Stream;
use playhouse_api::uploads::Purpose;

use super::begin::{NewUpload, insert};
use super::destination::{Placed, Target};
use super::house::House;
use super::metadata::Metadata;
use super::model::{Error, Kind, State, Stop, Upload};
use super::service::{Patch, Uploads, session_of};
use super::store;
use crate::accounts::Viewer;
use crate::ids::AccountId;

/// `Upload-Metadata` of these: `origin path`, in base64.
const MARK: &str = "origin cGF0aA==";

/// An upload that may take its body now.
#[derive(Debug)]
pub struct PathUpload {
    upload: Upload,
    /// Whether what arrives of a body that is cut is kept.
    is_kept: bool,
}

impl PathUpload {
    /// Bytes that have arrived already.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.upload.acknowledged
    }
}

impl Uploads {
    /// How much is durable of a file that did not arrive whole, after what is arriving has been recorded. None when
    /// nothing waits for that path.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn waiting_at(&self, owner: &AccountId, path: &str) -> Result<Option<i64>, Error> {
        let Some(upload) = self.find_at(owner, path).await? else {
            return Ok(None);
        };
        self.house.checkpoint(&upload.id).await;
        let upload = self.find_at(owner, path).await?;
        Ok(upload.map(|it| it.acknowledged))
    }

    /// Begins a file. What waited for the same path is gone. With `is_kept`, what arrives of a body that is cut waits to
    /// be gone on with.
    ///
    /// # Errors
    /// As for an upload over HTTP.
    pub async fn begin_at(
        &self,
        who: &Viewer,
        target: Target,
        is_kept: bool,
    ) -> Result<PathUpload, Error> {
        let path = target.path.clone();
        let mut metadata = Metadata::of_target(Purpose::Drive, target, None);
        MARK.clone_into(&mut metadata.raw);
        let new = NewUpload {
            size: None,
            kind: Kind::Whole,
            metadata,
            parts: None,
        };
        let row = self.plan_row(who, new).await?;
        let (quota, limits) = (self.house.quota(), self.limits());
        let begun = self.house.db.write::<_, Error, _>(move |conn| {
            let older = store::open_at(conn, &row.account_id, &path, MARK)?;
            let older: Vec<_> = older.into_iter().map(|it| it.id).collect();
            let ended = quota.end_in(conn, &older)?;
            Ok((insert(conn, &quota, row.clone(), &[], limits)?, ended))
        });
        let (upload, ended) = begun.await?;
        for ended in &ended {
            self.house.clear(ended).await?;
        }
        Ok(PathUpload { upload, is_kept })
    }

    /// Goes on with a file that did not arrive whole.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing waits for that path, [`Error::OffsetMismatch`] when something waits elsewhere.
    pub async fn resume_at(
        &self,
        who: &Viewer,
        path: &str,
        offset: i64,
    ) -> Result<PathUpload, Error> {
        let upload = self.find_at(who.id(), path).await?;
        let upload = upload.ok_or(Error::NotFound)?;
        let at = upload.acknowledged;
        if at != offset {
            return Err(Error::OffsetMismatch { at });
        }
        Ok(PathUpload {
            upload,
            is_kept: true,
        })
    }

    /// Takes the rest of a file. It is in the drive when this returns. The file ends where the body does; an error of
    /// the body is no end.
    ///
    /// # Errors
    /// As for an upload over HTTP; [`Error::Cut`], [`Error::Stalled`] and [`Error::Stopped`] leave what arrived.
    pub async fn receive_at<S, E>(
        &self,
        who: &Viewer,
        upload: PathUpload,
        body: S,
    ) -> Result<Placed, Error>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        let PathUpload { upload, is_kept } = upload;
        let id = upload.id.clone();
        let patch = Patch {
            offset: upload.acknowledged,
            is_last: true,
            ..Patch::default()
        };
        let received = self.receive_into(upload, session_of(who), patch, false, body);
        let error = match received.await {
            Ok(standing) => {
                return Ok(Placed {
                    entry_id: standing.entry.ok_or(Error::Incomplete)?,
                    is_new: standing.is_new,
                });
            }
            Err(error) => error,
        };
        let stays = is_kept && can_go_on(&error) && has_bytes(&self.house, &id).await?;
        if !stays {
            self.house.discard(&id).await?;
        }
        Err(error)
    }

    async fn find_at(&self, owner: &AccountId, path: &str) -> Result<Option<Upload>, Error> {
        let (owner, path) = (owner.clone(), path.to_owned());
        let now = self.house.clock.now();
        let open = self.house.db.read::<_, Error, _>(move |conn| {
            let open = store::open_at(conn, &owner, &path, MARK)?;
            Ok(open.into_iter().find(|it| it.expires_at > now))
        });
        open.await
    }
}

/// Whether the upload is none the worse for this.
fn can_go_on(error: &Error) -> bool {
    match error {
        Error::Stopped(stop) => *stop != Stop::Deleted,
        Error::Cut { .. }
        | Error::Stalled { .. }
        | Error::OffsetMismatch { .. }
        | Error::NoRoom
        | Error::Busy
        | Error::Disk(_)
        | Error::Db(_) => true,
        _ => false,
    }
}

async fn has_bytes(house: &House, id: &crate::ids::UploadId) -> Result<bool, Error> {
    let upload = house.find(id).await?;
    Ok(upload.is_some_and(|it| it.acknowledged > 0 || it.state == State::Complete))
}
