//! A file of this machine, taken in as if somebody had uploaded it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use playhouse_api::uploads::{Purpose, metadata};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::metadata::Metadata;
use super::model::Error;
use super::service::{NewUpload, Patch, Uploads};
use crate::accounts::Viewer;
use crate::ids::UploadId;

const PIECE: usize = 256 << 10;

impl Uploads {
    /// Takes a copy of a film's file; the upload is complete afterwards.
    ///
    /// # Errors
    /// When the file cannot be read, and what an upload may be refused for.
    pub async fn take_file(
        &self,
        who: &Viewer,
        path: &Path,
        media_type: &str,
    ) -> Result<UploadId, Error> {
        let file = File::open(path).await?;
        let length = file.metadata().await?.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let pair = |key: &str, value: &str| format!("{key} {}", STANDARD.encode(value));
        let said = [
            pair(metadata::FILENAME, &name),
            pair(metadata::FILETYPE, media_type),
            pair(metadata::PURPOSE, Purpose::Movie.as_str()),
        ];
        let new = NewUpload {
            size: i64::try_from(length).map_err(std::io::Error::other)?,
            metadata: Metadata::parse(&said.join(","))?,
        };
        let patch = Patch {
            offset: 0,
            checksum: None,
            length: Some(length),
        };
        let taken = self.create_with(who, new, patch, pieces(file));
        Ok(Box::pin(taken).await?.0.id)
    }
}

fn pieces(file: File) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), file)))
    })
}
