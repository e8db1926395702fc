//! A file on its way in: what dav-server writes goes to [`put`](crate::transfers::Uploads::put) as the body of one upload.
//!
//! dav-server says that it is done before it looks whether it had everything. So the length that was announced is
//! looked at here, and a body counts as whole only when it has exactly that; whatever else happens, including that
//! nobody goes on writing, nothing appears.

use std::io::SeekFrom;

use bytes::{Buf, Bytes};
use dav_server::fs::{DavFile, DavMetaData, FsError, FsFuture, FsResult, OpenOptions};
use futures_util::stream;
use playhouse_api::uploads::OnConflict;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::fs::Files;
use super::meta::Meta;
use super::visit::{Visit, of_drive, of_upload};
use crate::drive::DrivePath;
use crate::ids::EntryId;
use crate::transfers::uploads::{Placed, Target, UploadError};

/// Pieces of the body that wait for the upload.
const QUEUE: usize = 2;

/// A piece of the body, or its end.
enum Piece {
    Bytes(Bytes),
    End,
}

/// The body ended without saying so.
#[derive(Debug)]
struct Cut;

pub(super) struct Incoming {
    files: Files,
    visit: Visit,
    announced: Option<u64>,
    written: u64,
    feed: mpsc::Sender<Piece>,
    upload: Option<JoinHandle<Result<Placed, UploadError>>>,
    placed: Option<EntryId>,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming")
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl Incoming {
    pub(super) fn begin(
        files: &Files,
        visit: &Visit,
        path: &DrivePath,
        options: &OpenOptions,
    ) -> Self {
        let (feed, pieces) = mpsc::channel(QUEUE);
        let target = Target {
            path: path.to_string(),
            on_conflict: if options.create_new {
                OnConflict::Fail
            } else {
                OnConflict::Replace
            },
            modified_at: visit.put.modified_at,
            if_match: visit.if_match.clone(),
        };
        let size = options.size.and_then(|it| i64::try_from(it).ok());
        let (uploads, who) = (files.uploads.clone(), visit.who.clone());
        let content_type = visit.put.content_type.clone();
        let upload = tokio::task::spawn_local(async move {
            let body = Box::pin(body_of(pieces));
            uploads
                .put(&who, target, content_type.as_deref(), size, body)
                .await
        });
        Self {
            files: files.clone(),
            visit: visit.clone(),
            announced: options.size,
            written: 0,
            feed,
            upload: Some(upload),
            placed: None,
        }
    }

    async fn write(&mut self, bytes: Bytes) -> FsResult<()> {
        self.written = self.written.saturating_add(bytes.len() as u64);
        match self.feed.send(Piece::Bytes(bytes)).await {
            Ok(()) => Ok(()),
            // The upload has ended; it knows why.
            Err(_) => self.outcome().await,
        }
    }

    /// Says that this was everything, and waits until it is in its place.
    pub(super) async fn finish(&mut self) -> FsResult<()> {
        if self.announced.is_some_and(|size| size != self.written) {
            return Err(of_upload(&self.visit, UploadError::Cut { at: 0 }));
        }
        // When nobody takes it, the upload has ended already.
        let _ = self.feed.send(Piece::End).await;
        self.outcome().await
    }

    async fn outcome(&mut self) -> FsResult<()> {
        let Some(upload) = self.upload.take() else {
            return Err(FsError::GeneralFailure);
        };
        match upload.await {
            Ok(Ok(placed)) => {
                self.placed = Some(placed.entry_id.into());
                Ok(())
            }
            Ok(Err(error)) => Err(of_upload(&self.visit, error)),
            Err(_) => Err(FsError::GeneralFailure),
        }
    }

    async fn entry(&self) -> FsResult<Meta> {
        let id = self.placed.clone().ok_or(FsError::NotFound)?;
        let found = self.files.drive.node(self.visit.owner(), id).await;
        let node = found.map_err(of_drive(&self.visit))?;
        Ok(Meta { node })
    }
}

/// The body as a stream. A feed that is dropped is a body that was cut.
fn body_of(pieces: mpsc::Receiver<Piece>) -> impl futures_util::Stream<Item = Result<Bytes, Cut>> {
    stream::unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(pieces))),
            Some(Piece::End) => None,
            None => Some((Err(Cut), None)),
        }
    })
}

impl DavFile for Incoming {
    fn metadata(&'_ mut self) -> FsFuture<'_, Box<dyn DavMetaData>> {
        Box::pin(async {
            let meta = self.entry().await?;
            Ok(Box::new(meta) as Box<dyn DavMetaData>)
        })
    }

    fn write_buf(&'_ mut self, mut buf: Box<dyn Buf + Send>) -> FsFuture<'_, ()> {
        let bytes = buf.copy_to_bytes(buf.remaining());
        Box::pin(self.write(bytes))
    }

    fn write_bytes(&'_ mut self, buf: Bytes) -> FsFuture<'_, ()> {
        Box::pin(self.write(buf))
    }

    fn read_bytes(&'_ mut self, _: usize) -> FsFuture<'_, Bytes> {
        Box::pin(async { Err(FsError::NotImplemented) })
    }

    fn seek(&'_ mut self, _: SeekFrom) -> FsFuture<'_, u64> {
        Box::pin(async { Err(FsError::NotImplemented) })
    }

    fn flush(&'_ mut self) -> FsFuture<'_, ()> {
        Box::pin(self.finish())
    }
}
