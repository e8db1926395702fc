//! An archive of files whose lengths nobody knows before they are written.
//!
//! The same records as those of a planned archive, made as the bytes come. What is kept is one line for each file, for
//! the directory at the end. A file stays below 4 GiB, so that its header, which is written first, need not know.

use super::format;
use super::plan::{Content, Item};

/// The most bytes of one file.
pub const MAX_FILE: u64 = u32::MAX as u64 - 1;

/// A file would be too long for its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a file of the archive would be longer than 4 GiB")]
pub struct TooLong;

/// An archive that is being written.
#[derive(Debug)]
pub struct OpenZip {
    files: Vec<(Item, u32)>,
    /// Of the file that is being written.
    crc: crc32fast::Hasher,
    /// Seconds since 1970, of every file.
    modified: i64,
}

impl OpenZip {
    #[must_use]
    pub fn new(modified: i64) -> Self {
        Self {
            files: Vec::new(),
            crc: crc32fast::Hasher::new(),
            modified,
        }
    }

    /// Begins a file. The path must be safe, of its own, and of at most 65,535 bytes.
    pub fn begin(&mut self, path: &str, out: &mut Vec<u8>) {
        let item = Item {
            path: path.into(),
            modified: self.modified,
            content: Some(Content {
                blake3: Box::default(),
                size: 0,
            }),
        };
        format::put_local(out, &item);
        self.files.push((item, 0));
        self.crc = crc32fast::Hasher::new();
    }

    /// Goes on with the file.
    ///
    /// # Errors
    /// [`TooLong`]; nothing is written then.
    pub fn put(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), TooLong> {
        let file = self.files.last_mut();
        let Some(content) = file.and_then(|(item, _)| item.content.as_mut()) else {
            return Ok(());
        };
        let size = content.size.saturating_add(bytes.len() as u64);
        if size > MAX_FILE {
            return Err(TooLong);
        }
        content.size = size;
        self.crc.update(bytes);
        out.extend_from_slice(bytes);
        Ok(())
    }

    /// Ends the file.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        let sum = self.crc.clone().finalize();
        if let Some((item, crc)) = self.files.last_mut() {
            *crc = sum;
            format::put_descriptor(out, item, sum);
        }
    }

    /// Writes the directory, and with it ends the archive.
    pub fn close(self, out: &mut Vec<u8>) {
        let (mut offset, before) = (0_u64, out.len());
        for (item, crc) in &self.files {
            format::put_central(out, item, *crc, offset);
            offset += format::entry_len(item);
        }
        let len = (out.len() - before) as u64;
        format::put_end(out, self.files.len(), offset, len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_says_where_the_files_are() {
        let (mut zip, mut out) = (OpenZip::new(1_000_000_000), Vec::new());
        let mut starts = Vec::new();
        for (path, pieces) in [("a.json", vec!["one", "two"]), ("b/c.json", vec![])] {
            starts.push(u32::try_from(out.len()).unwrap());
            zip.begin(path, &mut out);
            for piece in pieces {
                zip.put(piece.as_bytes(), &mut out).unwrap();
            }
            zip.end(&mut out);
        }
        let directory = out.len();
        zip.close(&mut out);
        let found = |at: usize| u32::from_le_bytes(out[at..at + 4].try_into().unwrap());
        let mut at = directory;
        for (start, (sum, size)) in starts
            .into_iter()
            .zip([(crc32fast::hash(b"onetwo"), 6), (0, 0)])
        {
            assert_eq!(found(at), 0x0201_4b50);
            assert_eq!((found(at + 16), found(at + 20)), (sum, size));
            assert_eq!(found(at + 42), start);
            let name = u16::from_le_bytes(out[at + 28..at + 30].try_into().unwrap());
            at += 46 + usize::from(name) + 9;
        }
        assert_eq!(
            (found(at), found(at + 16) as usize),
            (0x0605_4b50, directory)
        );
    }

    #[test]
    fn a_file_stays_below_4_gib() {
        let (mut zip, mut out) = (OpenZip::new(0), Vec::new());
        zip.begin("a", &mut out);
        zip.files[0].0.content.as_mut().unwrap().size = MAX_FILE;
        assert_eq!(zip.put(b"x", &mut out), Err(TooLong));
        assert_eq!(zip.put(b"", &mut out), Ok(()));
    }
}
