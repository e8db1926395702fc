//! Blobs on the local disk: `ROOT/ab/cd/abcd...`, one file for each content.
//!
//! A blob never changes once it is in place. Opening it touches the disk: call it from a thread
//! that may block.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::{BlobHash, Content};

/// A folder of blobs.
#[derive(Clone, Debug)]
pub struct LocalBlobs {
    root: PathBuf,
}

/// An open blob.
#[derive(Debug)]
pub struct Blob {
    /// To be read.
    pub content: Content,
    /// Its length in bytes.
    pub size: u64,
}

/// How a file became a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// It is in place now.
    Placed,
    /// The same content was in place before; the file stays where it is.
    AlreadyThere,
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
        Ok(Blob {
            content: file.into(),
            size,
        })
    }

    /// The blobs whose hash begins with this byte.
    ///
    /// # Errors
    /// What the disk answers.
    pub fn list(&self, first: u8) -> io::Result<HashSet<BlobHash>> {
        let mut found = HashSet::new();
        for second in entries(&self.root.join(format!("{first:02x}")))? {
            for path in entries(&second)? {
                let name = path.file_name().and_then(|it| it.to_str());
                if let Some(Ok(id)) = name.map(str::parse::<BlobHash>)
                    && self.path(&id) == path
                {
                    found.insert(id);
                }
            }
        }
        Ok(found)
    }

    /// Puts a finished file into place without replacing anything, and makes that durable. The
    /// file must be on the same file system and its content must be that of `id`. Its old name
    /// stays until its owner removes it, so that this can be done again after a crash.
    ///
    /// # Errors
    /// What the disk answers; `InvalidData` when a blob of another length bears the name.
    pub fn adopt(&self, from: &Path, id: &BlobHash) -> io::Result<Adopted> {
        let file = File::open(from)?;
        file.sync_all()?;
        let to = self.path(id);
        let folder = to.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder)?;
        match place(from, &to) {
            Ok(()) => {
                // The folders may have been made just now: their names count, too.
                folder
                    .ancestors()
                    .take(4)
                    .filter(|it| !it.as_os_str().is_empty())
                    .try_for_each(|it| File::open(it)?.sync_all())?;
                Ok(Adopted::Placed)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if std::fs::metadata(&to)?.len() != file.metadata()?.len() {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("the blob {id} has another length"),
                    ));
                }
                Ok(Adopted::AlreadyThere)
            }
            Err(error) => Err(error),
        }
    }

    /// Removes a blob, which may be gone already.
    ///
    /// # Errors
    /// What the disk answers.
    pub fn remove(&self, id: &BlobHash) -> io::Result<()> {
        match std::fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// What is in a folder; nothing when it is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// A second name for the file, or where the file system has no links, another name; never over
/// one that is there.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied
                    | io::ErrorKind::Unsupported
                    | io::ErrorKind::TooManyLinks
            ) =>
        {
            let here = rustix::fs::CWD;
            let how = rustix::fs::RenameFlags::NOREPLACE;
            Ok(rustix::fs::renameat_with(here, from, here, to, how)?)
        }
        outcome => outcome,
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
        std::fs::write(path.with_file_name("notes.txt"), b"").unwrap();
        std::fs::write(folder.path().join("notes.txt"), b"").unwrap();
        let first = id.as_str().get(..2).unwrap();
        let first = u8::from_str_radix(first, 16).unwrap();
        assert_eq!(blobs.list(first).unwrap(), HashSet::from([id]));
        assert_eq!(blobs.list(!first).unwrap(), HashSet::new());
    }

    #[test]
    fn a_file_becomes_a_blob_once_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::new(folder.path().join("blobs"));
        let id = BlobHash::from(blake3::hash(b"film"));
        let from = folder.path().join("staged");
        std::fs::write(&from, b"film").unwrap();
        assert_eq!(blobs.adopt(&from, &id).unwrap(), Adopted::Placed);
        assert_eq!(blobs.adopt(&from, &id).unwrap(), Adopted::AlreadyThere);
        std::fs::remove_file(&from).unwrap();
        assert_eq!(std::fs::read(blobs.path(&id)).unwrap(), b"film");
        std::fs::write(&from, b"a film").unwrap();
        let refused = blobs.adopt(&from, &id).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        assert_eq!(std::fs::read(blobs.path(&id)).unwrap(), b"film");
        blobs.remove(&id).unwrap();
        blobs.remove(&id).unwrap();
        let gone = blobs.adopt(&folder.path().join("none"), &id).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
    }
}
