//! `download`: a film, from the ticket to the verified file.
//!
//! The ticket is kept until the film is here, so the same command after a kill neither waits
//! again nor makes a second record.

mod ticket;
mod wait;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use playhouse_api::downloads::Ticket;
use playhouse_api::movies::Movie;
use playhouse_cli_support::progress::Board;
use playhouse_cli_support::{Code, Failure, Session, films, output};
use serde::Serialize;
use uuid::Uuid;

use self::ticket::KeptTicket;
use super::movies::Which;
use crate::fetch::{self, Fetched, Folder, Name, OnConflict, Target, Wanted};

#[derive(Debug, Args)]
pub(crate) struct DownloadArgs {
    #[command(flatten)]
    which: Which,
    /// The file or the folder to write to; the current folder when left out
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// What to do when the file is here already
    #[arg(long, value_enum, default_value_t)]
    on_conflict: OnConflict,
}

/// What scripts read.
#[derive(Debug, Serialize)]
struct Report<'a> {
    movie_id: Uuid,
    title: &'a str,
    #[serde(flatten)]
    file: &'a Fetched,
}

pub(crate) async fn run(session: &Session, args: &DownloadArgs) -> anyhow::Result<()> {
    tokio::select! {
        done = download(session, args) => done,
        _ = tokio::signal::ctrl_c() => {
            let message = "stopped; the same command goes on from here";
            Err(Failure::new(Code::Interrupted, message).into())
        }
    }
}

async fn download(session: &Session, args: &DownloadArgs) -> anyhow::Result<()> {
    let id = films::find(session, &args.which.movie, false).await?;
    let movie = session.client.movie(id).await?.movie;
    let kept = KeptTicket::new(session, id);
    let mut ticket = kept.get(session, id).await?;
    let target = target(args, &ticket)?;
    wait::until_available(session, &ticket).await;
    let fetched = match get(session, &movie, &ticket, &target).await {
        // It ran out, or the server knows it no more: a second one, once.
        Err(error) if ticket::is_over(&error) => {
            kept.forget()?;
            ticket = kept.get(session, id).await?;
            wait::until_available(session, &ticket).await;
            get(session, &movie, &ticket, &target).await?
        }
        fetched => fetched?,
    };
    kept.forget()?;
    let report = Report {
        movie_id: id,
        title: &movie.title,
        file: &fetched,
    };
    session.output.show(&report, || in_words(&fetched))
}

async fn get(
    session: &Session,
    movie: &Movie,
    ticket: &Ticket,
    target: &Target,
) -> anyhow::Result<Fetched> {
    let size = u64::try_from(ticket.size).context("the ticket has a negative size")?;
    let wanted = Wanted {
        key: format!("film {}", movie.id),
        size,
        blake3: movie.blake3.as_deref(),
        modified_at: None,
    };
    let progress = Board::new(session.quiet).add(&target.name.display(), size);
    let open = async |offset: u64, etag: Option<&str>| {
        session.client.open_ticket(ticket, offset, etag).await
    };
    fetch::fetch(session, &wanted, target, &progress, open).await
}

/// A folder gets the film under the server's name for it, anything else is the name itself.
fn target(args: &DownloadArgs, ticket: &Ticket) -> anyhow::Result<Target> {
    let path = args.output.as_deref().unwrap_or(Path::new("."));
    let slash = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let (folder, name) = if path.is_dir() || slash {
        let name = Name::of_server(&ticket.file_name).map_err(|failure| {
            Failure::new(failure.code, format!("{failure}; name it with --output"))
        })?;
        (path, name)
    } else {
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        let name = Name::of_user(path.file_name().unwrap_or(OsStr::new("")))
            .ok_or_else(|| Failure::usage("--output names no file"))?;
        (parent.unwrap_or(Path::new(".")), name)
    };
    let folder =
        Folder::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;
    Ok(Target {
        folder,
        name,
        on_conflict: args.on_conflict,
    })
}

fn in_words(fetched: &Fetched) -> String {
    let path = output::printable(&fetched.path.to_string_lossy());
    let size = output::bytes(i64::try_from(fetched.size).unwrap_or(i64::MAX));
    let check = if fetched.verified {
        "hash verified"
    } else {
        "size verified"
    };
    if fetched.unchanged {
        format!("{path} is here already ({size}, {check}).")
    } else {
        format!("Downloaded {path} ({size}, {check}).")
    }
}
