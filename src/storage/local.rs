//! Blobs on the local disk: `ROOT/ab/cd/abcd...`, one file for each content.
//!
//! A blob never changes once it is in place. Opening it touches the disk: call it from a thread
//! that may block.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::BlobHash;

/// A folder of blobs.
#[derive(Clone, Debug)]
pub struct LocalBlobs {
    root: PathBuf,
}

/// An open blob.
#[derive(Debug)]
pub struct Blob {
    /// Open for reading.
    pub file: File,
    /// Its length in bytes.
    pub size: u64,
}

impl LocalBlobs {
    /// The blobs below this folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> LocalBlobs {
        LocalBlobs { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a blob lives, whether or not it is there. Two levels of folders keep each small.
    pub fn path(&self, id: &BlobHash) -> PathBuf {
        let name = id.as_str();
        let (first, rest) = name.split_at(2);
        let (second, _) = rest.split_at(2);
        self.root.join(first).join(second).join(name)
    }

    /// Opens a blob for reading; `NotFound` when there is none.
    pub fn open(&self, id: &BlobHash) -> io::Result<Blob> {
        let file = File::open(self.path(id))?;
        let size = file.metadata()?.len();
        Ok(Blob { file, size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_found_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::new(folder.path());
        let id = BlobHash::from(blake3::hash(b"film"));
        assert_eq!(blobs.open(&id).unwrap_err().kind(), io::ErrorKind::NotFound);
        let path = blobs.path(&id);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, b"film").unwrap();
        assert_eq!(blobs.open(&id).unwrap().size, 4);
        assert!(path.starts_with(folder.path()));
    }
}
