//! The bytes of an archive, in order, into whatever buffers come.
//!
//! Blocks: to be pulled from a thread that may. A file that is shorter than its record ends the stream with an error,
//! so that no reader takes a cut archive for a whole one. The checksums are kept until the directory is written: four
//! bytes for each entry.

use std::io::{self, Read};
use std::sync::Arc;

use super::format;
use super::plan::{Content, Plan};

/// How much of the directory is made at a time.
const BATCH: usize = 32 << 10;

/// Where the bytes of files come from.
pub trait Shelf: Send + Sync + 'static {
    /// Opens a file from its first byte. Called on a thread that may block.
    ///
    /// # Errors
    /// When the content is not there, or not of its recorded size.
    fn open(&self, content: &Content) -> io::Result<Box<dyn Read + Send>>;
}

/// An archive on its way.
pub struct ZipStream {
    plan: Arc<Plan>,
    shelf: Arc<dyn Shelf>,
    stage: Stage,
    /// Records that are made and not yet taken.
    records: Vec<u8>,
    taken: usize,
    crcs: Vec<u32>,
    /// Where the directory begins; once it is reached, the end of what is before it.
    start: u64,
}

enum Stage {
    /// The header of this entry comes next.
    Entry(usize),
    Data {
        number: usize,
        reader: Box<dyn Read + Send>,
        left: u64,
        crc: crc32fast::Hasher,
    },
    /// The directory from this entry on, whose header is at `offset`; so much of it has been made.
    Directory {
        number: usize,
        offset: u64,
        len: u64,
    },
    Done,
}

impl ZipStream {
    #[must_use]
    pub fn new(plan: Arc<Plan>, shelf: Arc<dyn Shelf>) -> ZipStream {
        ZipStream {
            plan,
            shelf,
            stage: Stage::Entry(0),
            records: Vec::new(),
            taken: 0,
            crcs: Vec::new(),
            start: 0,
        }
    }

    /// Fills the space as far as the archive goes: less than all of it only at the end.
    ///
    /// # Errors
    /// When a file cannot be read to the end that was recorded.
    pub fn fill(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < space.len() {
            let rest = &mut space[filled..];
            let put = match self.take_records(rest) {
                0 if matches!(self.stage, Stage::Done) => break,
                0 => self.advance(rest)?,
                put => put,
            };
            filled += put;
        }
        Ok(filled)
    }

    fn take_records(&mut self, space: &mut [u8]) -> usize {
        let ready = &self.records[self.taken..];
        let put = ready.len().min(space.len());
        space[..put].copy_from_slice(&ready[..put]);
        self.taken += put;
        if self.taken == self.records.len() {
            self.records.clear();
            self.taken = 0;
        }
        put
    }

    /// Makes the next records, or reads a piece of a file into the space.
    fn advance(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Entry(number) => self.enter(number).map(|()| 0),
            Stage::Data {
                number,
                reader,
                left: 0,
                crc,
            } => {
                drop(reader);
                self.leave(number, crc.finalize());
                Ok(0)
            }
            Stage::Data {
                number,
                mut reader,
                left,
                mut crc,
            } => {
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(space.len());
                let read = read_some(&mut *reader, &mut space[..most])?;
                crc.update(&space[..read]);
                self.stage = Stage::Data {
                    number,
                    reader,
                    left: left - read as u64,
                    crc,
                };
                Ok(read)
            }
            Stage::Directory {
                number,
                offset,
                len,
            } => {
                self.list(number, offset, len);
                Ok(0)
            }
            Stage::Done => Ok(0),
        }
    }

    fn enter(&mut self, number: usize) -> io::Result<()> {
        let Some(item) = self.plan.items.get(number) else {
            self.stage = Stage::Directory {
                number: 0,
                offset: 0,
                len: 0,
            };
            return Ok(());
        };
        format::put_local(&mut self.records, item);
        match &item.content {
            Some(content) => {
                self.stage = Stage::Data {
                    number,
                    reader: self.shelf.open(content)?,
                    left: content.size,
                    crc: crc32fast::Hasher::new(),
                }
            }
            None => self.leave(number, 0),
        }
        Ok(())
    }

    fn leave(&mut self, number: usize, crc: u32) {
        if let Some(item) = self.plan.items.get(number) {
            format::put_descriptor(&mut self.records, item, crc);
            self.start += format::entry_len(item);
        }
        self.crcs.push(crc);
        self.stage = Stage::Entry(number + 1);
    }

    /// A batch of the directory, and after the last entry what closes the archive.
    fn list(&mut self, mut number: usize, mut offset: u64, mut len: u64) {
        while self.records.len() < BATCH {
            let entry = self.plan.items.get(number).zip(self.crcs.get(number));
            let Some((item, crc)) = entry else {
                format::put_end(&mut self.records, number, self.start, len);
                self.stage = Stage::Done;
                return;
            };
            let before = self.records.len();
            format::put_central(&mut self.records, item, *crc, offset);
            len += (self.records.len() - before) as u64;
            offset += format::entry_len(item);
            number += 1;
        }
        self.stage = Stage::Directory {
            number,
            offset,
            len,
        };
    }
}

/// At least one byte: a file that ends here is shorter than its record.
fn read_some(reader: &mut dyn Read, space: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(space) {
            Ok(0) => return Err(crate::transfers::body::too_short()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
