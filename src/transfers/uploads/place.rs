//! The end of an upload to the drive: from a complete file to an entry.

use super::destination::Target;
use super::model::{CompletedUpload, Error, Kind, State, Upload};
use super::stint::Stint;
use super::store;
use crate::ids::UploadId;

impl Stint {
    /// Gives a complete file of the drive to its destination. When that refuses, the bytes and what they reserve stay
    /// until the upload expires or is ended; it is tried again whenever somebody asks for the upload.
    pub(super) async fn place(&mut self) -> Result<(), Error> {
        let is_due = self.upload.state == State::Complete && self.upload.is_due();
        let Some(target) = self.upload.target().filter(|_| is_due) else {
            return Ok(());
        };
        let drive = self.house.destination.get().cloned();
        let drive = drive.ok_or(Error::NoDestination)?;
        let files = self.files().await?;
        let complete = self.completed()?;
        let owner = self.upload.account_id.clone();
        let placed = drive.finish(complete, target, owner).await?;
        self.upload.state = State::Used;
        self.placed = Some(placed);
        for file in files {
            if let Err(error) = self.house.remove_file(&file).await {
                // It is removed at the next start.
                tracing::warn!(upload.id = %self.upload.id, %error, "could not remove a staged file");
            }
        }
        Ok(())
    }

    fn completed(&self) -> Result<CompletedUpload, Error> {
        let path = self.house.staging.path(self.upload.file().as_str());
        CompletedUpload::new(self.upload.clone(), path).ok_or(Error::Incomplete)
    }

    /// The staging files that end with this upload: its own, and those of its parts.
    async fn files(&self) -> Result<Vec<UploadId>, Error> {
        let mut files = vec![self.upload.file().clone()];
        if self.upload.kind == Kind::Final {
            files.extend(self.parts().await?.iter().map(|it| it.file().clone()));
            files.dedup();
        }
        Ok(files)
    }

    pub(super) async fn parts(&self) -> Result<Vec<Upload>, Error> {
        let id = self.upload.id.clone();
        self.house
            .db
            .read(move |conn| Ok(store::parts(conn, &id)?))
            .await
    }
}

impl CompletedUpload {
    /// None when the upload is not complete, or is only a part.
    pub(super) fn new(upload: Upload, path: std::path::PathBuf) -> Option<Self> {
        if upload.state != State::Complete {
            return None;
        }
        Some(Self {
            path,
            id: upload.id,
            size: upload.size?,
            blake3: upload.blake3?,
            fingerprint: upload.fingerprint?,
            file_name: upload.file_name,
            content_type: upload.content_type,
        })
    }
}

/// Where a complete file of the drive shall go instead, in one transaction.
pub(super) fn retarget_in(
    conn: &mut crate::db::Conn,
    id: &UploadId,
    target: &Target,
) -> Result<(), Error> {
    let rule = target.on_conflict.as_str();
    if store::set_target(conn, id, &target.path, rule)? {
        Ok(())
    } else {
        Err(Error::Used)
    }
}
