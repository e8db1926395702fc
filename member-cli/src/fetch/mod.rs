//! Bytes from the server into a file here.
//!
//! [`fetch`] goes on where an earlier call was killed or a connection broke (by range, and only
//! within the same version of the file), tries again with growing pauses, compares the BLAKE3 of
//! the whole with the server's, and only then gives the file its name. [`folder`] keeps
//! everything below the folder that was asked for; [`part`] is the file on its way.

mod folder;
mod part;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use playhouse_api::client::{self, DownloadBytes, Retry};
use playhouse_api::uploads;
use playhouse_cli_support::progress::Progress;
use playhouse_cli_support::{Code, Failure, Session, exit};
use serde::Serialize;

pub(crate) use self::folder::{Folder, Found, Name};
use self::part::Part;

/// What to do with a name that is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
pub(crate) enum OnConflict {
    /// Refuse it
    #[default]
    Fail,
    /// Replace what is there
    Replace,
    /// Take another name, such as "film (2).mp4"
    Rename,
}

/// The bytes that are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    /// Names them among all of the server's.
    pub(crate) key: String,
    pub(crate) size: u64,
    /// Of all of them; without it only the size is checked.
    pub(crate) blake3: Option<&'a str>,
    /// The file's own time.
    pub(crate) modified_at: Option<DateTime<Utc>>,
}

/// Where they go.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) folder: Folder,
    pub(crate) name: Name,
    pub(crate) on_conflict: OnConflict,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Fetched {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) blake3: String,
    /// Whether the hash is the one that the server told.
    pub(crate) verified: bool,
    /// Bytes that an earlier call had brought.
    pub(crate) resumed_at: u64,
    /// The same file was here before; nothing was transferred.
    pub(crate) unchanged: bool,
}

/// Fetches a file. `open` asks the server for the bytes from an offset on, of the version that an
/// entity tag names.
pub(crate) async fn fetch(
    session: &Session,
    wanted: &Wanted<'_>,
    target: &Target,
    progress: &Progress,
    open: impl AsyncFn(u64, Option<&str>) -> client::Result<DownloadBytes>,
) -> anyhow::Result<Fetched> {
    if let Some(same) = target.look(wanted)? {
        progress.begin(wanted.size, wanted.size);
        progress.finish(true);
        return Ok(same);
    }
    let mut part = Part::open(session, target, wanted)?;
    let resumed_at = part.at;
    let received = receive(&mut part, wanted, progress, &open).await;
    progress.finish(received.is_ok());
    if let Err(error) = received {
        if exit::code_of(&error) == Code::Damaged {
            part.discard()?;
        }
        return Err(error);
    }
    let blake3 = part.blake3();
    let name = part.place(target, wanted)?;
    Ok(Fetched {
        path: target.folder.path_of(&name),
        size: wanted.size,
        blake3,
        verified: wanted.blake3.is_some(),
        resumed_at,
        unchanged: false,
    })
}

/// Brings the whole file and checks it. Damage (a torn part, a wrong answer on the way) is cured
/// once by starting over.
async fn receive(
    part: &mut Part,
    wanted: &Wanted<'_>,
    progress: &Progress,
    open: &impl AsyncFn(u64, Option<&str>) -> client::Result<DownloadBytes>,
) -> anyhow::Result<()> {
    for attempt in 1..=2 {
        if part.at > wanted.size {
            part.start_over()?;
        }
        progress.begin(part.at, wanted.size);
        receive_once(part, wanted, progress, open).await?;
        if wanted.is_whole(part) {
            return Ok(());
        }
        if attempt == 1 {
            progress.say("the hash differs from the server's; starting over");
            part.start_over()?;
        }
    }
    let message = "what arrived is not what the server has: the hash differs twice";
    Err(Failure::new(Code::Damaged, message).into())
}

async fn receive_once(
    part: &mut Part,
    wanted: &Wanted<'_>,
    progress: &Progress,
    open: &impl AsyncFn(u64, Option<&str>) -> client::Result<DownloadBytes>,
) -> anyhow::Result<()> {
    let told = progress.clone();
    let mut retry = Retry::new(Arc::new(move |pause, error| {
        told.retrying(pause, &error.to_string());
    }));
    while part.at < wanted.size {
        let before = part.at;
        match copy(part, wanted, progress, open).await? {
            Ok(()) => return Ok(()),
            Err(error) if error.is_transient() => {
                if part.at > before {
                    retry.succeeded();
                }
                retry.pause(error).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// One connection's worth of bytes. The outer error is this machine's, the inner one the call's.
async fn copy(
    part: &mut Part,
    wanted: &Wanted<'_>,
    progress: &Progress,
    open: &impl AsyncFn(u64, Option<&str>) -> client::Result<DownloadBytes>,
) -> anyhow::Result<client::Result<()>> {
    let mut bytes = match open(part.at, part.etag()).await {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(error)),
    };
    if bytes.offset != part.at {
        if bytes.offset != 0 {
            return Err(damaged("the server answers with another range"));
        }
        // The file is another one by now.
        part.start_over()?;
        progress.begin(0, wanted.size);
    }
    part.keep_etag(bytes.etag.as_deref())?;
    loop {
        match bytes.next().await {
            Ok(Some(piece)) => {
                if part.at + piece.len() as u64 > wanted.size {
                    return Err(damaged("the server sends more than the file has"));
                }
                part.write(&piece).context("cannot write the file")?;
                progress.arrived(part.at);
            }
            Ok(None) if part.at < wanted.size => {
                return Err(damaged("the server sends less than the file has"));
            }
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error)),
        }
    }
}

fn damaged(message: &str) -> anyhow::Error {
    Failure::new(Code::Damaged, message).into()
}

impl Wanted<'_> {
    fn is_whole(&self, part: &Part) -> bool {
        part.at == self.size && self.blake3.is_none_or(|it| it == part.blake3())
    }
}

impl Target {
    /// What is under the name already: the same file, which is as good as fetched; another one,
    /// which may be in the way; or nothing.
    fn look(&self, wanted: &Wanted<'_>) -> anyhow::Result<Option<Fetched>> {
        let Some(found) = self.folder.find(&self.name)? else {
            return Ok(None);
        };
        if let (Found::File(size), Some(blake3)) = (found, wanted.blake3)
            && size == wanted.size
            && hash_of(self.folder.read(&self.name)?)? == blake3
        {
            return Ok(Some(Fetched {
                path: self.folder.path_of(&self.name),
                size,
                blake3: blake3.to_owned(),
                verified: true,
                resumed_at: 0,
                unchanged: true,
            }));
        }
        match (self.on_conflict, found) {
            (OnConflict::Replace, Found::File(_)) | (OnConflict::Rename, _) => Ok(None),
            _ => Err(self.taken().into()),
        }
    }

    /// Gives a finished part its name.
    fn take(&self, part: &Name) -> anyhow::Result<Name> {
        let replace = self.on_conflict == OnConflict::Replace;
        let mut name = self.name.clone();
        let mut number = 1;
        loop {
            match self.folder.rename(part, &name, replace) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(error).context("cannot give the file its name");
                }
                Err(_) if self.on_conflict != OnConflict::Rename => {
                    return Err(self.taken().into());
                }
                Err(_) => {
                    number += 1;
                    name = self.name.numbered(number);
                }
            }
        }
    }

    fn taken(&self) -> Failure {
        let path = self.folder.path_of(&self.name);
        let shown = playhouse_cli_support::output::printable(&path.to_string_lossy());
        Failure::new(
            Code::Conflict,
            format!("{shown} is here already: see --on-conflict"),
        )
    }
}

/// BLAKE3 of a file, in lower-case hex.
pub(crate) fn hash_of(mut file: std::fs::File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut file, &mut hasher)?;
    Ok(hasher.finalize().to_hex().to_string())
}

impl From<OnConflict> for uploads::OnConflict {
    fn from(rule: OnConflict) -> Self {
        match rule {
            OnConflict::Fail => Self::Fail,
            OnConflict::Replace => Self::Replace,
            OnConflict::Rename => Self::Rename,
        }
    }
}
