//! `put`: files and folders into the drive.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt as _};
use playhouse_api::drive::EntryKind;
use playhouse_api::uploads::ChecksumAlgorithm;
use playhouse_cli_support::progress::Board;
use playhouse_cli_support::{Code, Failure, Session};

use super::here::Here;
use super::local::{self, Found, Refused};
use super::path::RemotePath;
use super::remote;
use super::report::{self, Item};
use super::send::{Parcel, send};
use super::words::PutArgs;
use super::{AT_ONCE, SMALL};
use crate::exit;
use crate::fetch::OnConflict;

/// Everything that is to be sent, each with its path in the drive.
struct Plan {
    jobs: Vec<(Found, RemotePath)>,
    refused: Vec<Refused>,
}

pub(crate) async fn run(session: &Session, here: &Here, args: &PutArgs) -> anyhow::Result<()> {
    let (words, to) = sources_and_target(args)?;
    let mut sources = Vec::new();
    for word in words {
        sources.extend(local::expand(word)?);
    }
    let plan = plan(session, here, &sources, to.as_deref()).await?;
    let checksum = session.client.upload_checksum().await?;
    let bytes = plan.jobs.iter().map(|(found, _)| found.size).sum();
    let board = Board::of_several(plan.jobs.len(), bytes, session.quiet);
    let items = send_all(session, &plan, args.on_conflict, checksum, &board).await;
    board.finish();
    let refused = plan.refused.iter().map(|(path, error)| {
        let path = path.display().to_string();
        let item = Item::new("", &path, 0);
        (item.failed_here(error, &board), Some(exit::code_of(error)))
    });
    let (items, codes): (Vec<_>, Vec<_>) = items.into_iter().chain(refused).unzip();
    let codes: Vec<_> = codes.into_iter().flatten().collect();
    report::finish(session, "Put", &items, &codes)
}

/// With several words the last one is where they go; unless it is here as well, because then
/// nobody can tell.
fn sources_and_target(args: &PutArgs) -> anyhow::Result<(&[PathBuf], Option<String>)> {
    if let Some(output) = &args.output {
        return Ok((&args.paths, Some(output.clone())));
    }
    let Some((last, sources)) = args.paths.split_last().filter(|(_, it)| !it.is_empty()) else {
        return Ok((&args.paths, None));
    };
    let to = last.to_str();
    let to = to.ok_or_else(|| Failure::usage("the last word is not in UTF-8"))?;
    if !to.starts_with(['/', '.']) && last.exists() {
        return Err(Failure::usage(format!(
            "is {to} a source or where they go? Write /{to} for the place in the drive, or --output"
        ))
        .into());
    }
    Ok((sources, Some(to.to_owned())))
}

async fn plan(
    session: &Session,
    here: &Here,
    sources: &[PathBuf],
    to: Option<&str>,
) -> anyhow::Result<Plan> {
    let base = here.remote().resolve(to.unwrap_or_default());
    let slash = to.is_none_or(|it| it.ends_with('/'));
    let name = new_name(session, sources, &base, slash).await?;
    let mut plan = Plan {
        jobs: Vec::new(),
        refused: Vec::new(),
    };
    for source in sources {
        let (found, refused) = match local::walk(source) {
            Ok(walked) => walked,
            Err(error) => (Vec::new(), vec![(source.clone(), error)]),
        };
        plan.refused.extend(refused);
        for found in found {
            let path = match &name {
                Some(path) => path.clone(),
                None => found
                    .names
                    .iter()
                    .fold(base.clone(), |path, name| path.join(name)),
            };
            plan.jobs.push((found, path));
        }
    }
    Ok(plan)
}

/// The whole path for a single file whose target is no folder.
async fn new_name(
    session: &Session,
    sources: &[PathBuf],
    base: &RemotePath,
    slash: bool,
) -> anyhow::Result<Option<RemotePath>> {
    let one_file = matches!(sources, [source] if source.is_file());
    let found = remote::find(&session.client, &base.to_string()).await?;
    match found.map(|entry| entry.kind) {
        Some(EntryKind::Folder) => Ok(None),
        _ if one_file && !slash => Ok(Some(base.clone())),
        None => Ok(None),
        Some(EntryKind::File) => {
            let message = format!("{base} is no folder");
            Err(Failure::new(Code::Conflict, message).into())
        }
    }
}

type Done = (Item, Option<Code>);

/// Small files a few at a time, large ones in turn, in the order of their names.
async fn send_all(
    session: &Session,
    plan: &Plan,
    on_conflict: OnConflict,
    checksum: Option<ChecksumAlgorithm>,
    board: &Board,
) -> Vec<Done> {
    let (small, large): (Vec<_>, Vec<_>) =
        plan.jobs.iter().partition(|(found, _)| found.size <= SMALL);
    let one = |(found, path)| send_one(session, found, path, on_conflict, checksum, board);
    let mut done: Vec<Done> = stream::iter(small.into_iter().map(|(found, path)| (found, path)))
        .map(one)
        .buffered(AT_ONCE)
        .collect()
        .await;
    for (found, path) in large {
        done.push(send_one(session, found, path, on_conflict, checksum, board).await);
    }
    done
}

async fn send_one(
    session: &Session,
    found: &Found,
    path: &RemotePath,
    on_conflict: OnConflict,
    checksum: Option<ChecksumAlgorithm>,
    board: &Board,
) -> Done {
    let local = found.path.display().to_string();
    let mut item = Item::new(&path.to_string(), &local, found.size);
    let parcel = Parcel {
        path: &found.path,
        is_folder: found.is_folder,
        size: found.size,
        modified_at: found.modified.map(DateTime::<Utc>::from),
        to: path,
        on_conflict,
        checksum,
    };
    match send(session, &parcel, board, &mut item).await {
        Ok(()) => (item, None),
        Err(error) => {
            let code = exit::code_of(&error);
            (item.failed_here(&error, board), Some(code))
        }
    }
}

/// The path as the configuration keeps it: the same from whichever folder the program is called.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
