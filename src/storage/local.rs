//! Blobs on the local disk: `ROOT/ab/cd/abcd...`, one file for each content.
//!
//! The disk is touched on threads that may block, a bounded number at a time.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use super::{Adopted, Blob, BlobHash, LocalFile, Storage, wrong_length};

/// Threads that touch the disk at a time.
const THREADS: usize = 32;

/// A folder of blobs; cheap to copy.
#[derive(Clone, Debug)]
pub struct LocalBlobs {
    root: PathBuf,
    threads: Arc<Semaphore>,
}

impl LocalBlobs {
    /// The blobs below this folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> LocalBlobs {
        LocalBlobs {
            root: root.into(),
            threads: Arc::new(Semaphore::new(THREADS)),
        }
    }

    /// Where a blob lives, whether or not it is there. Two levels of folders keep each small.
    pub fn path(&self, id: &BlobHash) -> PathBuf {
        let name = id.as_str();
        let (first, rest) = name.split_at(2);
        let (second, _) = rest.split_at(2);
        self.root.join(first).join(second).join(name)
    }

    fn open_now(&self, id: &BlobHash) -> io::Result<Blob> {
        // A link of that name is no blob, wherever it leads.
        let mut how = OpenOptions::new();
        how.read(true).custom_flags(libc::O_NOFOLLOW);
        let file = how.open(self.path(id))?;
        let size = file.metadata()?.len();
        Ok(Blob {
            content: file.into(),
            size,
        })
    }

    fn list_now(&self, first: u8) -> io::Result<HashMap<BlobHash, u64>> {
        let mut found = HashMap::new();
        for second in entries(&self.root.join(format!("{first:02x}")))? {
            for path in entries(&second)? {
                let name = path.file_name().and_then(|it| it.to_str());
                if let Some(Ok(id)) = name.map(str::parse::<BlobHash>)
                    && self.path(&id) == path
                {
                    match std::fs::symlink_metadata(&path) {
                        Ok(it) if it.is_file() => drop(found.insert(id, it.len())),
                        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                        // It went meanwhile, or is no blob.
                        _ => {}
                    }
                }
            }
        }
        Ok(found)
    }

    fn adopt_now(&self, from: &Path, id: &BlobHash) -> io::Result<Adopted> {
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
                    return Err(wrong_length(id));
                }
                Ok(Adopted::AlreadyThere)
            }
            Err(error) => Err(error),
        }
    }

    fn remove_now(&self, id: &BlobHash) -> io::Result<()> {
        match std::fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Runs work on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&LocalBlobs) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let threads = Arc::clone(&self.threads);
        let permit = threads.acquire_owned().await.map_err(io::Error::other)?;
        let blobs = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            // The thread is in use for as long as it works, even if nobody waits for it.
            let _permit = permit;
            work(&blobs)
        });
        done.await.map_err(io::Error::other)?
    }
}

impl Storage for LocalBlobs {
    /// By a second name for the same bytes: `from` must be on the same file system.
    fn adopt<'a>(&'a self, from: &'a Path, id: &'a BlobHash) -> BoxFuture<'a, io::Result<Adopted>> {
        let (from, id) = (from.to_owned(), id.clone());
        Box::pin(self.run(move |blobs| blobs.adopt_now(&from, &id)))
    }

    fn open<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<Blob>> {
        let id = id.clone();
        Box::pin(self.run(move |blobs| blobs.open_now(&id)))
    }

    fn remove<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<()>> {
        let id = id.clone();
        Box::pin(self.run(move |blobs| blobs.remove_now(&id)))
    }

    fn list(&self, first: u8) -> BoxFuture<'_, io::Result<HashMap<BlobHash, u64>>> {
        Box::pin(self.run(move |blobs| blobs.list_now(first)))
    }

    fn local_file<'a>(&'a self, id: &'a BlobHash) -> BoxFuture<'a, io::Result<LocalFile>> {
        let id = id.clone();
        Box::pin(self.run(move |blobs| {
            let path = blobs.path(&id);
            std::fs::metadata(&path)?;
            Ok(LocalFile::lasting(path))
        }))
    }

    fn tidy(&self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// There are none: a file gets its second name in one step.
    fn interrupted(&self, _: Duration) -> BoxFuture<'_, io::Result<Vec<BlobHash>>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn give_up<'a>(&'a self, _: &'a BlobHash) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
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
    fn only_blobs_in_their_place_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::new(folder.path());
        let id = BlobHash::from(blake3::hash(b"film"));
        let path = blobs.path(&id);
        let place = path.parent().unwrap();
        std::fs::create_dir_all(place.join("folder")).unwrap();
        std::fs::write(&path, b"film").unwrap();
        std::fs::write(place.join("notes.txt"), b"").unwrap();
        std::fs::write(folder.path().join("notes.txt"), b"").unwrap();
        let strayed = BlobHash::from(blake3::hash(b"strayed"));
        std::fs::write(place.join(strayed.as_str()), b"strayed").unwrap();
        let first = u8::from_str_radix(&id.as_str()[..2], 16).unwrap();
        assert_eq!(blobs.list_now(first).unwrap(), HashMap::from([(id, 4)]));
        assert_eq!(blobs.list_now(!first).unwrap(), HashMap::new());
        assert!(path.starts_with(folder.path()));
    }

    #[test]
    fn a_blob_has_the_name_beside_that_of_the_file_and_not_a_copy() {
        use std::os::unix::fs::MetadataExt as _;
        let folder = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::new(folder.path().join("blobs"));
        let id = BlobHash::from(blake3::hash(b"film"));
        let from = folder.path().join("staged");
        std::fs::write(&from, b"film").unwrap();
        blobs.adopt_now(&from, &id).unwrap();
        let inode = |path: &Path| std::fs::metadata(path).unwrap().ino();
        assert_eq!(inode(&from), inode(&blobs.path(&id)));
    }
}
