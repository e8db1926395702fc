//! A file that has arrived in part: `NAME.MARK.part` beside its target.
//!
//! The mark is made of the server, the thing that is fetched and the target, so two transfers
//! never share a part. A large one has its entity tag in a state file, written before the first
//! byte, so the bytes of one version are never followed by those of another. The lock on the file
//! keeps a second program away.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use playhouse_cli_support::resume::StateFile;
use playhouse_cli_support::{Code, Failure, Session};
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};

use super::folder::{Folder, Name};
use super::{Target, Wanted};

/// A smaller file starts again after a kill; noting where it stands would take longer.
const WORTH_RESUMING: u64 = 1024 * 1024;
const READ_SIZE: usize = 1024 * 1024;

/// What a state file holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct State {
    etag: Option<String>,
    size: u64,
    blake3: Option<String>,
}

/// The part, open, locked, and hashed as far as it goes.
pub(super) struct Part {
    file: File,
    folder: Folder,
    name: Name,
    state: State,
    state_file: Option<StateFile>,
    hasher: blake3::Hasher,
    /// Bytes that have arrived.
    pub(super) at: u64,
}

impl Part {
    /// Opens the part of an earlier call, or begins one.
    pub(super) fn open(
        session: &Session,
        target: &Target,
        wanted: &Wanted<'_>,
    ) -> anyhow::Result<Self> {
        let server = session.client.base_url();
        let key = key(server, target, wanted)?;
        let name = target.name.part(key.get(..8).unwrap_or(&key));
        let worth = wanted.size > WORTH_RESUMING;
        let state_file = worth.then(|| StateFile::new(&session.config, "downloads", server, &key));
        let file = target.folder.write(&name)?;
        lock(&file, &target.name)?;
        let mut part = Self {
            file,
            folder: target.folder.clone(),
            name,
            state: State::new(wanted),
            state_file,
            hasher: blake3::Hasher::new(),
            at: 0,
        };
        match part.kept_state()? {
            Some(kept) if kept.goes_on(&part.state) => part.take_up(kept)?,
            _ => part.start_over()?,
        }
        Ok(part)
    }

    fn kept_state(&self) -> anyhow::Result<Option<State>> {
        self.state_file.as_ref().map_or(Ok(None), StateFile::read)
    }

    /// Hashes what is there; the rest goes behind it.
    fn take_up(&mut self, kept: State) -> io::Result<()> {
        self.state = kept;
        self.file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; READ_SIZE];
        loop {
            let read = self.file.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            self.hasher.update(buffer.get(..read).unwrap_or_default());
            self.at += read as u64;
        }
    }

    /// Names the version that the bytes are of.
    pub(super) fn etag(&self) -> Option<&str> {
        self.state.etag.as_deref()
    }

    /// The bytes to come are of this version.
    pub(super) fn keep_etag(&mut self, etag: Option<&str>) -> anyhow::Result<()> {
        if self.state.etag.as_deref() == etag {
            return Ok(());
        }
        self.state.etag = etag.map(str::to_owned);
        match &self.state_file {
            Some(file) => file.write(&self.state),
            None => Ok(()),
        }
    }

    /// Forgets the bytes.
    pub(super) fn start_over(&mut self) -> anyhow::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hasher.reset();
        self.at = 0;
        self.state.etag = None;
        match &self.state_file {
            Some(file) => file.write(&self.state),
            None => Ok(()),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Of all bytes so far, in lower-case hex.
    pub(super) fn blake3(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }

    /// Puts the file under its name, and returns that.
    pub(super) fn place(self, target: &Target, wanted: &Wanted<'_>) -> anyhow::Result<Name> {
        if let Some(time) = wanted.modified_at {
            self.file.set_modified(time.into())?;
        }
        if self.state_file.is_some() {
            self.file.sync_all()?;
        }
        let name = target.take(&self.name)?;
        if let Some(file) = &self.state_file {
            self.folder.sync()?;
            file.forget()?;
        }
        Ok(name)
    }

    /// Takes the part away: it is of no use.
    pub(super) fn discard(self) -> anyhow::Result<()> {
        self.folder.remove(&self.name)?;
        self.state_file.as_ref().map_or(Ok(()), StateFile::forget)
    }
}

impl State {
    fn new(wanted: &Wanted<'_>) -> Self {
        Self {
            etag: None,
            size: wanted.size,
            blake3: wanted.blake3.map(str::to_owned),
        }
    }

    /// Whether the bytes that are here belong to what is wanted now.
    fn goes_on(&self, wanted: &Self) -> bool {
        self.etag.is_some() && self.size == wanted.size && self.blake3 == wanted.blake3
    }
}

fn key(server: &str, target: &Target, wanted: &Wanted<'_>) -> io::Result<String> {
    let folder = std::path::absolute(target.folder.path())?;
    let mut hasher = blake3::Hasher::new();
    let name = target.name.as_os_str().as_encoded_bytes();
    let parts = [
        server.as_bytes(),
        wanted.key.as_bytes(),
        folder.as_os_str().as_encoded_bytes(),
        name,
    ];
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let hex = hasher.finalize().to_hex();
    Ok(hex.get(..32).unwrap_or(&hex).to_owned())
}

fn lock(file: &File, name: &Name) -> anyhow::Result<()> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let message = format!("{} is being downloaded by another program", name.display());
            Err(Failure::new(Code::Conflict, message).into())
        }
        result => Ok(result?),
    }
}
