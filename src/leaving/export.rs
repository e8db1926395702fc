//! An archive that is made while it is sent.
//!
//! Each poll of the stream reads one page and gives the bytes that come of it, so nothing is read ahead of what the
//! client takes, and memory holds one page. Before each page and at the end it is asked again whether the one who asked
//! may still be here. An export that cannot go on breaks the connection off, so that nobody takes a cut archive for a whole one.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{LocalBoxStream, try_unfold};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::model::Error;
use super::sections::{Read, Section};
use super::service::{Leaving, Parts, Result};
use crate::accounts::Viewer;
use crate::ids::AccountId;
use crate::transfers::zip::OpenZip;

/// Exports under way on this node; one of an account.
const AT_ONCE: usize = 32;

/// A list goes on in another file when one has grown to this.
const LONG: u64 = 1 << 30;

/// Who exports now; cheap to copy.
#[derive(Clone)]
pub(super) struct Exports {
    owners: Arc<Mutex<HashSet<AccountId>>>,
    room: Arc<Semaphore>,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            owners: Arc::default(),
            room: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

/// The right to export, as long as this is there.
struct Turn {
    exports: Exports,
    owner: AccountId,
    _permit: OwnedSemaphorePermit,
}

impl Exports {
    fn begin(&self, owner: &AccountId) -> Result<Turn> {
        let room = Arc::clone(&self.room);
        let permit = room.try_acquire_owned().map_err(|_| Error::Busy)?;
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        if !owners.insert(owner.clone()) {
            return Err(Error::Exporting);
        }
        drop(owners);
        Ok(Turn {
            exports: self.clone(),
            owner: owner.clone(),
            _permit: permit,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let owners = self.exports.owners.lock();
        owners
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.owner);
    }
}

impl Leaving {
    /// Everything that the house has of somebody.
    ///
    /// # Errors
    /// [`Error::Exporting`], [`Error::Busy`].
    pub fn export(&self, who: Arc<Viewer>) -> Result<LocalBoxStream<'static, io::Result<Bytes>>> {
        let turn = self.exports.begin(who.id())?;
        let now = self.parts.clock.now().and_utc().timestamp();
        let export = Export {
            parts: Arc::clone(&self.parts),
            who,
            zip: Some(OpenZip::new(now)),
            left: Section::first(),
            file: None,
            _turn: turn,
        };
        let pieces = try_unfold(export, |mut export| async move {
            let piece = export.next().await.map_err(|error| {
                tracing::warn!(error = %error.detail(), "an export broke off");
                io::Error::other("the export broke off")
            })?;
            Ok(piece.map(|piece| (Bytes::from(piece), export)))
        });
        Ok(Box::pin(pieces))
    }
}

/// An archive on its way.
struct Export {
    parts: Arc<Parts>,
    who: Arc<Viewer>,
    /// None when the archive is whole.
    zip: Option<OpenZip>,
    left: VecDeque<Section>,
    file: Option<File>,
    _turn: Turn,
}

/// The file that is being written.
struct File {
    section: Section,
    /// 1, or more when the list had to go on in another file.
    number: u32,
    cursor: Option<String>,
    items: u64,
    bytes: u64,
}

impl Export {
    /// The next bytes; none at the end.
    async fn next(&mut self) -> crate::error::Result<Option<Vec<u8>>> {
        let Some(zip) = &mut self.zip else {
            return Ok(None);
        };
        // Also before the end: what was read last may be what is left of somebody who has gone.
        self.parts.accounts.may_stay(&self.who).await?;
        let mut out = Vec::new();
        let mut file = match self.file.take() {
            Some(file) => file,
            None => match self.left.pop_front() {
                Some(section) => File::begin(section, 1, None, zip, &mut out),
                None => {
                    if let Some(zip) = self.zip.take() {
                        zip.close(&mut out);
                    }
                    return Ok(Some(out));
                }
            },
        };
        let cursor = file.cursor.take();
        match file.section.read(&self.parts, &self.who, cursor).await? {
            Read::Whole(json) => file.put(zip, &json, &mut out)?,
            Read::Items { items, next } => {
                for item in items {
                    let before: &[u8] = if file.items == 0 { b"[\n" } else { b",\n" };
                    file.put(zip, before, &mut out)?;
                    file.put(zip, &item, &mut out)?;
                    file.items += 1;
                }
                file.cursor = next;
            }
        }
        if file.cursor.is_some() && file.bytes < LONG {
            self.file = Some(file);
            return Ok(Some(out));
        }
        let next = file.end(zip, &mut out)?;
        self.left
            .extend(file.section.then(&self.parts, &self.who).await?);
        if let Some((number, cursor)) = next {
            let more = File::begin(file.section, number, Some(cursor), zip, &mut out);
            self.file = Some(more);
        }
        Ok(Some(out))
    }
}

impl File {
    fn begin(
        section: Section,
        number: u32,
        cursor: Option<String>,
        zip: &mut OpenZip,
        out: &mut Vec<u8>,
    ) -> Self {
        zip.begin(&section.path(number), out);
        Self {
            section,
            number,
            cursor,
            items: 0,
            bytes: 0,
        }
    }

    fn put(
        &mut self,
        zip: &mut OpenZip,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) -> crate::error::Result<()> {
        self.bytes += bytes.len() as u64;
        zip.put(bytes, out).map_err(crate::error::Error::internal)
    }

    /// Ends the file; with what the next one goes on, if the list does.
    fn end(
        &mut self,
        zip: &mut OpenZip,
        out: &mut Vec<u8>,
    ) -> crate::error::Result<Option<(u32, String)>> {
        if self.section.is_list() {
            let end: &[u8] = if self.items == 0 { b"[]\n" } else { b"\n]\n" };
            self.put(zip, end, out)?;
        }
        zip.end(out);
        let cursor = self.cursor.take();
        Ok(cursor.map(|cursor| (self.number + 1, cursor)))
    }
}
