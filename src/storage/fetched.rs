//! Files of this machine with the bytes of a blob.

use std::path::{Path, PathBuf};

/// A file to read; one that was fetched for this is removed with it.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    is_copy: bool,
}

impl LocalFile {
    /// A file that stays.
    pub(super) fn lasting(path: PathBuf) -> Self {
        Self {
            path,
            is_copy: false,
        }
    }

    /// A copy that goes with this value.
    pub(super) fn copy(path: PathBuf) -> Self {
        Self {
            path,
            is_copy: true,
        }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LocalFile {
    fn drop(&mut self) {
        if self.is_copy
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::debug!(path = %self.path.display(), %error, "could not remove a fetched file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_goes_and_a_blob_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (blob, copy) = (folder.path().join("blob"), folder.path().join("copy"));
        std::fs::write(&blob, b"x").unwrap();
        std::fs::write(&copy, b"x").unwrap();
        drop(LocalFile::lasting(blob.clone()));
        drop(LocalFile::copy(copy.clone()));
        assert!(blob.exists() && !copy.exists());
    }
}
