//! One file into the drive: begun, taken up again, compared.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use playhouse_api::client::upload::{
    Observer, UploadEvent, UploadMetadata, UploadSource, Uploaded,
};
use playhouse_api::client::{self, Retry};
use playhouse_api::drive::{Entry, EntryKind};
use playhouse_api::fingerprint::fingerprint;
use playhouse_api::uploads::{ChecksumAlgorithm, Purpose};
use playhouse_api::{ErrorCode, drive};
use playhouse_cli_support::progress::{Board, Progress};
use playhouse_cli_support::resume::StateFile;
use playhouse_cli_support::{Code, Failure, Session, output};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SMALL;
use super::path::RemotePath;
use super::put::absolute;
use super::remote;
use super::report::Item;
use crate::commands::told;
use crate::fetch::{OnConflict, hash_of};

/// What is to be sent, and where it goes.
pub(crate) struct Parcel<'a> {
    pub(crate) path: &'a Path,
    pub(crate) is_folder: bool,
    pub(crate) size: u64,
    pub(crate) modified_at: Option<DateTime<Utc>>,
    pub(crate) to: &'a RemotePath,
    pub(crate) on_conflict: OnConflict,
    pub(crate) checksum: Option<ChecksumAlgorithm>,
}

/// Tells whether a file is the one that an upload was begun with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    modified_at: Option<DateTime<Utc>>,
    /// Sampled: the hash at the end decides.
    fingerprint: String,
}

/// An upload that is under way.
#[derive(Debug, Serialize, Deserialize)]
struct Unfinished {
    upload_id: Uuid,
    /// For people who look into the folder.
    local: String,
    remote: String,
    #[serde(flatten)]
    stamp: Stamp,
}

/// Sends one file, or makes one folder.
pub(crate) async fn send(
    session: &Session,
    parcel: &Parcel<'_>,
    board: &Board,
    item: &mut Item,
) -> anyhow::Result<()> {
    item.is_folder = parcel.is_folder;
    if parcel.is_folder {
        remote::ensure_folder(&session.client, parcel.to).await?;
        return Ok(());
    }
    // Refusing is the server's; the other two would send what is there already.
    if parcel.on_conflict != OnConflict::Fail
        && let Some(entry) = same_there(session, parcel).await?
    {
        return unchanged(item, &entry, board, parcel);
    }
    let progress = board.add(&name(parcel), parcel.size);
    let sent = upload(session, parcel, &progress, item).await;
    progress.finish(sent.is_ok());
    match sent {
        Err(error) if is_taken(&error) => match same_there(session, parcel).await? {
            Some(entry) => unchanged(item, &entry, board, parcel),
            None => Err(error),
        },
        sent => verify(session, &sent?, item).await,
    }
}

/// The state is written before the first byte and forgotten when the file is in the drive.
async fn upload(
    session: &Session,
    parcel: &Parcel<'_>,
    progress: &Progress,
    item: &mut Item,
) -> anyhow::Result<Uploaded> {
    let mut source = source(parcel);
    if parcel.size <= SMALL {
        let observer = progress.observer();
        let sent = session
            .client
            .upload_whole(&source, parcel.checksum, observer);
        return Ok(sent.await?);
    }
    let stamp = stamp(parcel)?;
    let file = state_file(session, parcel);
    let earlier: Option<Unfinished> = file.read()?;
    source.resume = earlier
        .filter(|it| it.stamp == stamp)
        .map(|it| it.upload_id);
    let resumed = Arc::new(AtomicU64::new(0));
    let observer = keeping(progress, &file, parcel, stamp, &resumed);
    let sent = session
        .client
        .upload_whole(&source, parcel.checksum, observer);
    let sent = sent.await;
    item.resumed_at = resumed.load(Ordering::Relaxed);
    match &sent {
        Ok(_) => file.forget()?,
        // It waits for a place that it will not get.
        Err(error) if error.is(ErrorCode::NameTaken) => give_up(session, &file).await?,
        Err(_) => {}
    }
    Ok(sent?)
}

/// Notes the upload as soon as the server has given it an id.
fn keeping(
    progress: &Progress,
    file: &StateFile,
    parcel: &Parcel<'_>,
    stamp: Stamp,
    resumed: &Arc<AtomicU64>,
) -> Observer {
    let (events, progress) = (progress.observer(), progress.clone());
    let (file, resumed) = (file.clone(), Arc::clone(resumed));
    let local = absolute(parcel.path).display().to_string();
    let remote = parcel.to.to_string();
    Arc::new(move |event| {
        if let UploadEvent::Opened { id, offset, .. } = event {
            resumed.store(offset, Ordering::Relaxed);
            let unfinished = Unfinished {
                upload_id: id,
                local: local.clone(),
                remote: remote.clone(),
                stamp: stamp.clone(),
            };
            // Without the note the upload still works; it only cannot be resumed.
            if let Err(error) = file.write(&unfinished) {
                progress.say(&format!("warning: {error:#}"));
            }
        }
        events(event);
    })
}

/// Takes the upload off the server, so that its room is free again, and forgets it.
async fn give_up(session: &Session, file: &StateFile) -> anyhow::Result<()> {
    if let Some(Unfinished { upload_id, .. }) = file.read()? {
        match session.client.delete_upload(upload_id).await {
            Err(error) if !error.is_gone() => return Err(error.into()),
            _ => {}
        }
    }
    file.forget()
}

/// Compares what the server has with what was read here.
async fn verify(session: &Session, sent: &Uploaded, item: &mut Item) -> anyhow::Result<()> {
    let damaged = |message: String| anyhow::Error::from(Failure::new(Code::Damaged, message));
    let Some(id) = sent.entry else {
        return Err(damaged(
            "the server does not say what became of it".to_owned(),
        ));
    };
    let entry = patiently(session, || session.client.entry(id)).await?;
    if entry.blake3.as_deref() != Some(sent.blake3.as_str()) {
        let message = format!("{} on the server is not what was read here", entry.path);
        return Err(damaged(output::printable(&message)));
    }
    item.remote = entry.path;
    item.blake3 = Some(sent.blake3.clone());
    Ok(())
}

/// The file of that path, if it has these very bytes.
async fn same_there(session: &Session, parcel: &Parcel<'_>) -> anyhow::Result<Option<Entry>> {
    let path = parcel.to.to_string();
    let found = patiently(session, || remote::find(&session.client, &path)).await?;
    let size = i64::try_from(parcel.size).unwrap_or(i64::MAX);
    let Some(entry) = found.filter(|it| it.kind == EntryKind::File && it.size == size) else {
        return Ok(None);
    };
    let here = hash_of(File::open(parcel.path)?)?;
    Ok(Some(entry).filter(|it| it.blake3.as_deref() == Some(here.as_str())))
}

fn unchanged(
    item: &mut Item,
    entry: &drive::Entry,
    board: &Board,
    parcel: &Parcel<'_>,
) -> anyhow::Result<()> {
    let progress = board.add(&name(parcel), parcel.size);
    progress.begin(parcel.size, parcel.size);
    progress.finish(true);
    item.remote.clone_from(&entry.path);
    item.blake3.clone_from(&entry.blake3);
    item.unchanged = true;
    Ok(())
}

fn source(parcel: &Parcel<'_>) -> UploadSource {
    UploadSource {
        path: parcel.path.to_owned(),
        metadata: UploadMetadata {
            filename: name(parcel),
            filetype: None,
            purpose: Purpose::Drive,
            path: Some(parcel.to.to_string()),
            on_conflict: Some(parcel.on_conflict.into()),
            modified_at: parcel.modified_at,
        },
        resume: None,
    }
}

fn name(parcel: &Parcel<'_>) -> String {
    parcel.to.name().unwrap_or_default().to_owned()
}

fn stamp(parcel: &Parcel<'_>) -> anyhow::Result<Stamp> {
    Ok(Stamp {
        size: parcel.size,
        modified_at: parcel.modified_at,
        fingerprint: fingerprint(&mut File::open(parcel.path)?)?,
    })
}

/// One for each local file, path in the drive and rule.
fn state_file(session: &Session, parcel: &Parcel<'_>) -> StateFile {
    let server = session.client.base_url();
    let local = absolute(parcel.path);
    let to = parcel.to.to_string();
    let mut hasher = blake3::Hasher::new();
    for part in [
        local.as_os_str().as_encoded_bytes(),
        to.as_bytes(),
        &[parcel.on_conflict as u8],
    ] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let hex = hasher.finalize().to_hex();
    let key = format!("drive-{}", hex.get(..32).unwrap_or(&hex));
    StateFile::new(&session.config, "uploads", server, &key)
}

fn is_taken(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<client::Error>())
        .any(|error| error.is(ErrorCode::NameTaken))
}

/// A call that may be made again, as often as it takes for the server to be back.
async fn patiently<T, F>(session: &Session, attempt: impl FnMut() -> F) -> client::Result<T>
where
    F: Future<Output = client::Result<T>>,
{
    Retry::new(told(session)).run(attempt).await
}
