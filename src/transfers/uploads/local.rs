//! Files that are on this machine already, taken in as if they had been sent.

use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use futures_util::stream;
use playhouse_api::uploads::Purpose;
use tokio::io::AsyncReadExt as _;

use super::begin::NewUpload;
use super::metadata::Metadata;
use super::model::{Error, Kind};
use super::service::{Patch, Uploads};
use crate::accounts::Viewer;
use crate::ids::UploadId;

/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;

impl Uploads {
    /// Uploads a file of this machine as a film of `who`. It is complete when this returns.
    ///
    /// # Errors
    /// When the file cannot be read, and as for an upload over HTTP.
    pub async fn take_file(&self, who: &Viewer, path: &Path) -> Result<UploadId, Error> {
        let file = tokio::fs::File::open(path).await?;
        let length = file.metadata().await?.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let new = NewUpload {
            size: Some(i64::try_from(length).unwrap_or(i64::MAX)),
            kind: Kind::Whole,
            metadata: Metadata {
                purpose: Purpose::Movie,
                file_name: name.into_owned(),
                content_type: String::new(),
                raw: String::new(),
                target: None,
                part: None,
            },
            parts: None,
        };
        let patch = Patch {
            length: Some(length),
            ..Patch::default()
        };
        // A file that becomes unreadable midway ends early, and the upload stays incomplete.
        let body = stream::unfold(file, |mut file| async move {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece).await.unwrap_or(0);
            piece.truncate(read);
            (read > 0).then(|| (Ok::<_, Infallible>(Bytes::from(piece)), file))
        });
        let (upload, _) = self.create_with(who, new, patch, Box::pin(body)).await?;
        Ok(upload.id)
    }
}
