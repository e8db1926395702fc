//! The files of an archive, out of the storage.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use tokio::runtime::Handle;

use crate::blobs::Blobs;
use crate::storage;
use crate::transfers::zip::{Content, Shelf};

/// Opens blobs from a thread that may block.
pub(super) struct BlobShelf {
    pub blobs: Blobs,
    pub runtime: Handle,
}

impl Shelf for BlobShelf {
    fn open(&self, content: &Content) -> io::Result<Box<dyn Read + Send>> {
        let size = i64::try_from(content.size).map_err(io::Error::other)?;
        let opened = self.blobs.open(&content.blake3, size);
        let blob = self.runtime.block_on(opened).map_err(io::Error::other)?;
        match blob.content {
            storage::Content::File(file) => Ok(Box::new(FileReader { file, at: 0 })),
            storage::Content::Remote(object) => Ok(Box::new(RemoteReader {
                pieces: object.read(0..content.size),
                piece: Bytes::new(),
                runtime: self.runtime.clone(),
            })),
        }
    }
}

/// Reads with positions, because the file may be shared.
struct FileReader {
    file: Arc<File>,
    at: u64,
}

impl Read for FileReader {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(space, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Reads an object of a service as it arrives.
struct RemoteReader {
    pieces: BoxStream<'static, io::Result<Bytes>>,
    /// What has arrived and was not taken yet.
    piece: Bytes,
    runtime: Handle,
}

impl Read for RemoteReader {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.runtime.block_on(self.pieces.try_next())? {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let taken = self.piece.len().min(space.len());
        self.piece.copy_to_slice(&mut space[..taken]);
        Ok(taken)
    }
}
