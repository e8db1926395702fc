//! `get`: files and folders from the drive.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt as _};
use playhouse_api::drive::{Entry, EntryKind};
use playhouse_cli_support::output::printable;
use playhouse_cli_support::progress::Board;
use playhouse_cli_support::{Failure, Session};

use super::here::Here;
use super::remote::{self, Below};
use super::report::{self, Item};
use super::words::GetArgs;
use super::{AT_ONCE, SMALL};
use crate::exit;
use crate::fetch::{self, Folder, Name, OnConflict, Target, Wanted};

/// One file that is wanted, or an empty folder.
#[derive(Debug)]
struct Job {
    entry: Entry,
    /// Folders below the target, made as they are needed.
    folders: Vec<Name>,
    /// The name here; none for a folder.
    name: Option<Name>,
}

/// Everything that is wanted, and what cannot be had.
#[derive(Debug, Default)]
struct Plan {
    jobs: Vec<Job>,
    refused: Vec<(Entry, Failure)>,
}

pub(crate) async fn run(session: &Session, here: &Here, args: &GetArgs) -> anyhow::Result<()> {
    let (sources, to) = sources_and_target(session, here, args).await?;
    let mut entries = Vec::new();
    for source in sources {
        entries.extend(remote::expand(&session.client, &here.remote(), source).await?);
    }
    let (folder, name) = target(&to, &entries)?;
    let plan = plan(session, entries, name).await?;
    let bytes = plan.jobs.iter().map(|job| size(&job.entry)).sum();
    let board = Board::of_several(plan.jobs.len(), bytes, session.quiet);
    let items = fetch_all(session, &plan, &folder, &to, args.on_conflict, &board).await;
    board.finish();
    let refused = plan.refused.into_iter().map(|(entry, failure)| {
        let item = Item::new(&entry.path, "", size(&entry));
        let error = failure.into();
        (item.failed(&error, &board), Some(exit::code_of(&error)))
    });
    let (items, codes): (Vec<_>, Vec<_>) = items.into_iter().chain(refused).unzip();
    let codes: Vec<_> = codes.into_iter().flatten().collect();
    report::finish(session, "Got", &items, &codes)
}

/// With several words the last one is where they go; unless it is in the drive as well, because
/// then nobody can tell.
async fn sources_and_target<'a>(
    session: &Session,
    here: &Here,
    args: &'a GetArgs,
) -> anyhow::Result<(&'a [String], PathBuf)> {
    if let Some(output) = &args.output {
        return Ok((&args.paths, output.clone()));
    }
    let Some((last, sources)) = args.paths.split_last().filter(|(_, it)| !it.is_empty()) else {
        return Ok((&args.paths, PathBuf::from(".")));
    };
    if !last.starts_with(['/', '.', '~']) {
        let path = here.remote().resolve(last);
        if remote::find(&session.client, &path.to_string())
            .await?
            .is_some()
        {
            let last = printable(last);
            return Err(Failure::usage(format!(
                "is {last} a source or where they go? Write ./{last} for the place here, or --output"
            ))
            .into());
        }
    }
    Ok((sources, PathBuf::from(last)))
}

/// The folder here, and the new name if it is one file that gets one.
fn target(to: &Path, entries: &[Entry]) -> anyhow::Result<(Folder, Option<Name>)> {
    let slash = to.as_os_str().as_encoded_bytes().ends_with(b"/");
    let one_file = matches!(entries, [entry] if entry.kind == EntryKind::File);
    if one_file && !slash && !to.is_dir() {
        let parent = to.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let name = to.file_name().and_then(Name::of_user);
        let name = name.ok_or_else(|| Failure::usage("the last word names no file"))?;
        return Ok((open(parent)?, Some(name)));
    }
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    Ok((open(to)?, None))
}

fn open(path: &Path) -> anyhow::Result<Folder> {
    Folder::open(path).with_context(|| format!("cannot open {}", path.display()))
}

/// Looks into the folders. A name that may not be used here is left out and reported.
async fn plan(session: &Session, entries: Vec<Entry>, name: Option<Name>) -> anyhow::Result<Plan> {
    let mut plan = Plan::default();
    for entry in entries {
        // The root has no name: its content goes straight into the target.
        let top = if entry.parent_id.is_none() && entry.kind == EntryKind::Folder {
            None
        } else {
            match Name::of_server(&entry.name) {
                Ok(name) => Some(name),
                Err(failure) => {
                    plan.refused.push((entry, failure));
                    continue;
                }
            }
        };
        if entry.kind == EntryKind::File {
            let name = name.clone().or(top);
            plan.jobs.push(Job {
                entry,
                folders: Vec::new(),
                name,
            });
            continue;
        }
        let (found, refused) = remote::walk(&session.client, &entry).await?;
        plan.refused.extend(refused);
        plan.jobs
            .extend(found.into_iter().map(|it| job(it, top.as_ref())));
    }
    Ok(plan)
}

fn job(below: Below, top: Option<&Name>) -> Job {
    let folders = top.into_iter().cloned().chain(below.folders).collect();
    let is_file = below.entry.kind == EntryKind::File;
    // The walk has checked the name.
    let name = Name::of_server(&below.entry.name).ok().filter(|_| is_file);
    Job {
        entry: below.entry,
        folders,
        name,
    }
}

type Done = (Item, Option<playhouse_cli_support::Code>);

/// Small files a few at a time, large ones in turn, in the order of the drive.
async fn fetch_all(
    session: &Session,
    plan: &Plan,
    folder: &Folder,
    to: &Path,
    on_conflict: OnConflict,
    board: &Board,
) -> Vec<Done> {
    let (small, large): (Vec<&Job>, Vec<&Job>) =
        plan.jobs.iter().partition(|job| size(&job.entry) <= SMALL);
    let fetch = |job| fetch_one(session, job, folder, to, on_conflict, board);
    let mut done: Vec<Done> = stream::iter(small)
        .map(fetch)
        .buffered(AT_ONCE)
        .collect()
        .await;
    for job in large {
        done.push(fetch_one(session, job, folder, to, on_conflict, board).await);
    }
    done
}

async fn fetch_one(
    session: &Session,
    job: &Job,
    folder: &Folder,
    to: &Path,
    on_conflict: OnConflict,
    board: &Board,
) -> Done {
    let mut item = Item::new(&job.entry.path, &to.display().to_string(), size(&job.entry));
    match fetch_job(session, job, folder, on_conflict, board, &mut item).await {
        Ok(()) => (item, None),
        Err(error) => (item.failed(&error, board), Some(exit::code_of(&error))),
    }
}

async fn fetch_job(
    session: &Session,
    job: &Job,
    folder: &Folder,
    on_conflict: OnConflict,
    board: &Board,
    item: &mut Item,
) -> anyhow::Result<()> {
    let mut folder = folder.clone();
    for name in &job.folders {
        let inner = folder.enter(name);
        folder =
            inner.with_context(|| format!("cannot go into {}", folder.path_of(name).display()))?;
    }
    let Some(name) = job.name.clone() else {
        item.is_folder = true;
        item.local = folder.path().display().to_string();
        return Ok(());
    };
    item.local = folder.path_of(&name).display().to_string();
    let entry = &job.entry;
    let wanted = Wanted {
        key: format!("entry {}", entry.id),
        size: size(entry),
        blake3: Some(
            entry
                .blake3
                .as_deref()
                .context("the server tells no hash")?,
        ),
        modified_at: Some(entry.modified_at),
    };
    let progress = board.add(&name.display(), wanted.size);
    let target = Target {
        folder,
        name,
        on_conflict,
    };
    let open = async |offset: u64, etag: Option<&str>| {
        session.client.open_entry(entry.id, offset, etag).await
    };
    let fetched = fetch::fetch(session, &wanted, &target, &progress, open).await?;
    item.local = fetched.path.display().to_string();
    item.blake3 = Some(fetched.blake3);
    item.resumed_at = fetched.resumed_at;
    item.unchanged = fetched.unchanged;
    Ok(())
}

fn size(entry: &Entry) -> u64 {
    u64::try_from(entry.size).unwrap_or(0)
}
