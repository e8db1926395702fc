//! The files of an archive, out of the storage.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

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
