//! `drive`: one's own files, by single commands or in a shell.
//!
//! - [`words`]: what can be said, the same in both; [`mod@line`], [`pattern`], [`path`]: how it is read;
//! - [`get`], [`put`]: transfers, which go on after a kill and compare hashes at the end;
//!   [`send`]: one file of a put; [`report`]: what became of each file;
//! - [`show`], [`tree`]: looking, and changing what lies where;
//! - [`remote`], [`local`]: what a word means, there and here;
//! - [`shell`], [`complete`]: the prompt with its history and its tab key.

mod complete;
mod get;
mod here;
mod line;
mod local;
mod path;
mod pattern;
mod put;
mod remote;
mod report;
mod send;
mod shell;
mod show;
mod tree;
mod words;

use clap::Args;
use playhouse_cli_support::{Code, Failure, Session};

pub(crate) use self::here::Here;
use self::words::Word;

/// A file of so many bytes goes in one request, and a few of them at once.
const SMALL: u64 = 8 * 1024 * 1024;
/// How many small files are under way together.
const AT_ONCE: usize = 4;

#[derive(Debug, Args)]
#[command(after_help = words::NOTES)]
pub(crate) struct DriveArgs {
    /// Without a word, a shell is opened
    #[command(subcommand)]
    word: Option<Word>,
}

/// Does one word, or opens the shell.
pub(crate) async fn run(session: &Session, args: DriveArgs) -> anyhow::Result<()> {
    match args.word {
        Some(word) => run_word(session, &Here::default(), word).await,
        None => shell::run(session).await,
    }
}

/// Does one word; Ctrl-C stops it.
async fn run_word(session: &Session, here: &Here, word: Word) -> anyhow::Result<()> {
    tokio::select! {
        done = do_word(session, here, word) => done,
        _ = tokio::signal::ctrl_c() => {
            let message = "stopped; the same command goes on from here";
            Err(Failure::new(Code::Interrupted, message).into())
        }
    }
}

async fn do_word(session: &Session, here: &Here, word: Word) -> anyhow::Result<()> {
    match word {
        Word::Dir(args) => show::dir(session, here, &args.paths).await,
        Word::Sp => show::sp(session, here).await,
        Word::Pwd => show::pwd(session, here),
        Word::Cd { folder } => tree::cd(session, here, folder.as_deref()).await,
        Word::Mkdir(args) => tree::mkdir(session, here, &args.paths).await,
        Word::Del(args) => tree::del(session, here, &args.paths).await,
        Word::Mv(args) => tree::mv(session, here, &args).await,
        Word::Cp(args) => tree::cp(session, here, &args).await,
        Word::Get(args) => Box::pin(get::run(session, here, &args)).await,
        Word::Put(args) => Box::pin(put::run(session, here, &args)).await,
        // Only the shell has something to leave.
        Word::Exit => Ok(()),
    }
}
