//! Files that are still arriving: `ROOT/NAME`, one for each upload.
//!
//! A [`Growing`] file grows at its end only, and hashes what it is given. It remembers the last
//! length that its owner has [recorded](Growing::mark) and can go back to it. Everything here
//! blocks: call it from a thread that may.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use blake3::Hasher;

/// Bytes of the part below the recorded length that are hashed with each append, until the hash
/// has caught up. The client does not wait for the whole of it after a restart.
const CATCH_UP: u64 = 16 << 20;

/// Bytes read at a time to catch up.
const READ: usize = 256 << 10;

/// The folder of files that are still arriving.
#[derive(Clone, Debug)]
pub struct StagingFolder {
    root: PathBuf,
}

/// A file that grows, or a part of one.
#[derive(Debug)]
pub struct Growing {
    file: File,
    /// Of a part: where it begins. Other parts of the file are none of its business: it cuts nothing off, and has no
    /// hash.
    part: Option<u64>,
    length: u64,
    hash: Hash,
    mark: Mark,
}

/// The hash of the first `length` bytes.
#[derive(Clone, Debug, Default)]
struct Hash {
    hasher: Hasher,
    length: u64,
}

/// What is recorded of a file outside of it.
#[derive(Clone, Debug)]
struct Mark {
    length: u64,
    hash: Hash,
}

/// Opens a file to write, and never what a link of that name leads to.
fn itself() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.read(true).write(true).custom_flags(libc::O_NOFOLLOW);
    how
}

impl StagingFolder {
    /// The files below this folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> StagingFolder {
        StagingFolder { root: root.into() }
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a file is. `name` is an id, never what a client called it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Opens a file and cuts it back to its first `keep` bytes. A new one is made when nothing
    /// is to be kept.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, `UnexpectedEof` when it has fewer bytes.
    pub fn open(&self, name: &str, keep: u64) -> io::Result<Growing> {
        let path = self.path(name);
        let file = if keep == 0 {
            self.create(&path)?
        } else {
            itself().open(&path)?
        };
        let length = file.metadata()?.len();
        if length < keep {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if length > keep {
            file.set_len(keep)?;
        }
        Ok(Growing::new(file, None, keep))
    }

    /// Opens the part of a file that begins at `begin` and has `keep` bytes that count. What is there above them is
    /// written over.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn open_part(&self, name: &str, begin: u64, keep: u64) -> io::Result<Growing> {
        let path = self.path(name);
        let file = if keep == 0 {
            self.create(&path)?
        } else {
            itself().open(&path)?
        };
        if keep > 0 && file.metadata()?.len() < begin.saturating_add(keep) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Growing::new(file, Some(begin), keep))
    }

    /// Copies the first bytes of other files together, within the file system where it can, and makes that durable.
    ///
    /// # Errors
    /// `UnexpectedEof` when one of them has fewer bytes; what the disk answers.
    pub fn join<'a>(
        &self,
        name: &str,
        parts: impl IntoIterator<Item = (&'a str, u64)>,
    ) -> io::Result<()> {
        let mut whole = self.create(&self.path(name))?;
        whole.set_len(0)?;
        for (part, length) in parts {
            let part = File::open(self.path(part))?;
            // This is copy_file_range(2) on Linux.
            let copied = io::copy(&mut io::Read::take(part, length), &mut whole)?;
            if copied < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        whole.sync_data()
    }

    /// Makes the file if need be, and makes its name durable.
    fn create(&self, path: &Path) -> io::Result<File> {
        std::fs::create_dir_all(&self.root)?;
        let file = itself().create(true).truncate(false).open(path)?;
        // The folder's own name, too: it may have been made just now.
        self.root
            .ancestors()
            .take(3)
            .filter(|it| !it.as_os_str().is_empty())
            .try_for_each(|it| File::open(it)?.sync_all())?;
        Ok(file)
    }

    /// The length of a file; None when there is none.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn length(&self, name: &str) -> io::Result<Option<u64>> {
        match std::fs::metadata(self.path(name)) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a file, which may be gone already.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The names of all files.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn list(&self) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Bytes that may still be written on this disk by whoever runs the server.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn available(&self) -> io::Result<u64> {
        std::fs::create_dir_all(&self.root)?;
        let disk = rustix::fs::statvfs(&self.root)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

impl Growing {
    fn new(file: File, part: Option<u64>, length: u64) -> Growing {
        let hash = Hash::default();
        let mark = Mark {
            length,
            hash: hash.clone(),
        };
        Growing {
            file,
            part,
            length,
            hash,
            mark,
        }
    }

    /// Bytes that were written, durable or not.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Bytes that are recorded.
    #[must_use]
    pub fn marked(&self) -> u64 {
        self.mark.length
    }

    /// Writes at the end.
    ///
    /// # Errors
    /// What the disk answers; [`roll_back`](Self::roll_back) or drop the file then.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let begin = self.part.unwrap_or(0);
        self.file.write_all_at(bytes, begin + self.length)?;
        let end = self.length + bytes.len() as u64;
        if self.part.is_some() {
            self.length = end;
            return Ok(());
        }
        if self.hash.length == self.length {
            self.hash.hasher.update(bytes);
            self.hash.length = end;
        }
        self.length = end;
        if self.hash.length < end {
            self.catch_up(CATCH_UP + bytes.len() as u64)?;
        }
        Ok(())
    }

    /// Makes everything that was written durable.
    ///
    /// # Errors
    /// What the disk answers: then nothing above the mark is to be trusted.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// The present length is recorded now; nothing goes back behind it.
    pub fn mark(&mut self) {
        self.mark = Mark {
            length: self.length,
            hash: self.hash.clone(),
        };
    }

    /// Cuts the file back to what is recorded. A part only goes on from there.
    ///
    /// # Errors
    /// What the disk answers.
    pub fn roll_back(&mut self) -> io::Result<()> {
        if self.part.is_none() {
            self.file.set_len(self.mark.length)?;
        }
        self.length = self.mark.length;
        self.hash = self.mark.hash.clone();
        Ok(())
    }

    /// The BLAKE3 hash of everything, of a part: of nothing. Reads what has not been hashed yet.
    ///
    /// # Errors
    /// What the disk answers.
    pub fn hash(&mut self) -> io::Result<blake3::Hash> {
        if self.part.is_none() {
            self.catch_up(self.length)?;
        }
        Ok(self.hash.hasher.finalize())
    }

    /// The file itself, to be read.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Hashes at most `limit` bytes more.
    fn catch_up(&mut self, limit: u64) -> io::Result<()> {
        let end = self.length.min(self.hash.length.saturating_add(limit));
        let mut buffer = vec![0; READ];
        while self.hash.length < end {
            let want = usize::try_from(end - self.hash.length)
                .unwrap_or(READ)
                .min(READ);
            let part = buffer.get_mut(..want).unwrap_or_default();
            self.file.read_exact_at(part, self.hash.length)?;
            self.hash.hasher.update(part);
            self.hash.length += want as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, StagingFolder) {
        let folder = tempfile::tempdir().unwrap();
        let staging = StagingFolder::new(folder.path().join("uploads"));
        (folder, staging)
    }

    #[test]
    fn what_is_not_recorded_is_cut_off_when_it_is_opened_again() {
        let (_keep, staging) = folder();
        let mut file = staging.open("a", 0).unwrap();
        file.append(b"hello ").unwrap();
        file.mark();
        file.append(b"wor").unwrap();
        file.sync().unwrap();
        drop(file);
        assert_eq!(staging.length("a").unwrap(), Some(9));
        let mut file = staging.open("a", 6).unwrap();
        assert_eq!(staging.length("a").unwrap(), Some(6));
        file.append(b"there").unwrap();
        assert_eq!(file.hash().unwrap(), blake3::hash(b"hello there"));
        assert_eq!(std::fs::read(staging.path("a")).unwrap(), b"hello there");
    }

    #[test]
    fn going_back_goes_back_in_the_hash_too() {
        let (_keep, staging) = folder();
        let mut file = staging.open("a", 0).unwrap();
        file.append(b"one").unwrap();
        file.mark();
        file.append(b"bad").unwrap();
        file.roll_back().unwrap();
        assert_eq!((file.length(), file.marked()), (3, 3));
        file.append(b"two").unwrap();
        assert_eq!(file.hash().unwrap(), blake3::hash(b"onetwo"));
    }

    #[test]
    fn the_hash_catches_up_with_a_long_prefix() {
        let (_keep, staging) = folder();
        let bytes: Vec<u8> = (0..40_u32 << 20).map(|it| (it >> 7) as u8).collect();
        let (prefix, rest) = bytes.split_at(39 << 20);
        let mut file = staging.open("a", 0).unwrap();
        file.append(prefix).unwrap();
        drop(file);
        let mut file = staging.open("a", prefix.len() as u64).unwrap();
        for piece in rest.chunks(100_000) {
            file.append(piece).unwrap();
        }
        assert_eq!(file.hash.length, file.length, "a few appends were enough");
        file.roll_back().unwrap();
        file.append(rest).unwrap();
        assert_eq!(file.hash().unwrap(), blake3::hash(&bytes));
    }

    #[test]
    fn a_file_that_lost_bytes_is_told() {
        let (_keep, staging) = folder();
        let missing = staging.open("a", 1).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        staging.open("a", 0).unwrap().append(b"abc").unwrap();
        let short = staging.open("a", 4).unwrap_err();
        assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(staging.length("a").unwrap(), Some(3), "and stays as it is");
    }

    #[test]
    fn parts_share_a_file_and_leave_each_other_alone() {
        let (_keep, staging) = folder();
        let mut second = staging.open_part("a", 6, 0).unwrap();
        let mut first = staging.open_part("a", 0, 0).unwrap();
        second.append(b"world").unwrap();
        second.mark();
        first.append(b"hello").unwrap();
        first.mark();
        first.append(b"?").unwrap();
        first.roll_back().unwrap();
        assert_eq!((first.length(), first.marked()), (5, 5));
        first.append(b" ").unwrap();
        assert_eq!(std::fs::read(staging.path("a")).unwrap(), b"hello world");
        let mut again = staging.open_part("a", 6, 2).unwrap();
        again.append(b"RLD").unwrap();
        assert_eq!(std::fs::read(staging.path("a")).unwrap(), b"hello woRLD");
        let short = staging.open_part("a", 6, 6).unwrap_err();
        assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
        let whole = staging.open("a", 11).unwrap().hash().unwrap();
        assert_eq!(whole, blake3::hash(b"hello woRLD"));
    }

    #[test]
    fn files_are_joined_in_their_order_and_again_after_a_kill() {
        let (_keep, staging) = folder();
        staging
            .open("a", 0)
            .unwrap()
            .append(b"hello, and more")
            .unwrap();
        staging.open("b", 0).unwrap().append(b" world").unwrap();
        for _ in 0..2 {
            staging.join("c", [("a", 5), ("b", 6)]).unwrap();
            assert_eq!(std::fs::read(staging.path("c")).unwrap(), b"hello world");
        }
        let short = staging.join("c", [("a", 5), ("b", 7)]).unwrap_err();
        assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn files_are_listed_and_removed() {
        let (_keep, staging) = folder();
        assert!(staging.list().unwrap().is_empty());
        staging.open("a", 0).unwrap();
        assert_eq!(staging.list().unwrap(), ["a"]);
        staging.remove("a").unwrap();
        staging.remove("a").unwrap();
        assert_eq!(staging.length("a").unwrap(), None);
        assert!(staging.available().unwrap() > 0);
    }
}
