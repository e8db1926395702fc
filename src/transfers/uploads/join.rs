//! Joining the parts of a final upload.

use playhouse_api::fingerprint::fingerprint;

use super::concat::are_complete;
use super::model::{Error, Upload};
use super::stint::Stint;
use super::store::Digests;
use crate::ids::UploadId;
use crate::storage::StagingFolder;

impl Stint {
    /// Makes one file of the parts, once they are all there, and reads it once to know what it is. Parts that were
    /// written into place are that file already.
    pub(super) async fn join(&mut self) -> Result<(), Error> {
        let parts = self.parts().await?;
        if !are_complete(&parts) {
            return Err(Error::Incomplete);
        }
        let size = parts
            .iter()
            .fold(0_i64, |sum, it| sum.saturating_add(it.acknowledged));
        let max = self.house.config.max_bytes;
        if size > max {
            return Err(Error::TooLarge { max });
        }
        let bytes = u64::try_from(size).unwrap_or(0);
        let needs_copy = self.upload.file_id.is_none();
        let (house, file) = (self.house.clone(), self.upload.file().clone());
        let digests = self.house.on_disk(move || {
            if needs_copy {
                if !house.has_room(bytes)? {
                    return Err(std::io::ErrorKind::StorageFull.into());
                }
                copy(&house.staging, &file, &parts)?;
            }
            digests(&house.staging, &file, bytes)
        });
        let digests = digests.await??;
        self.record_complete(size, Some(digests)).await
    }
}

fn copy(staging: &StagingFolder, file: &UploadId, parts: &[Upload]) -> std::io::Result<()> {
    let parts = parts
        .iter()
        .map(|it| (it.id.as_str(), u64::try_from(it.acknowledged).unwrap_or(0)));
    staging.join(file.as_str(), parts)
}

fn digests(staging: &StagingFolder, file: &UploadId, size: u64) -> std::io::Result<Digests> {
    let mut whole = staging.open(file.as_str(), size)?;
    whole.sync()?;
    Ok(Digests {
        blake3: whole.hash()?.to_hex().to_string(),
        fingerprint: fingerprint(whole.file())?,
    })
}
