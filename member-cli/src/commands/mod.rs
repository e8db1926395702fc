//! What each command does, one module for each noun.

pub(crate) mod confirm;
pub(crate) mod download;
pub(crate) mod friends;
pub(crate) mod movies;
pub(crate) mod notices;
pub(crate) mod records;
pub(crate) mod register;
pub(crate) mod rooms;
pub(crate) mod send;
pub(crate) mod vip;
pub(crate) mod wallet;

use std::sync::Arc;

use clap::CommandFactory as _;
use playhouse_api::client::RetryObserver;
use playhouse_cli_support::output::printable;
use playhouse_cli_support::{Session, login};

use crate::cli::{Cli, Command};
use crate::{PROGRAM, chat, drive};

/// Does what the arguments say.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Completions { shell } = cli.command {
        return PROGRAM.print_completions(shell, Cli::command());
    }
    let session = Session::open(PROGRAM, &cli.global)?;
    match cli.command {
        Command::Register(args) => return register::run(&session, args).await,
        Command::Login(args) => return login::login(&session, args).await,
        Command::Logout(args) => return login::logout(&session, args).await,
        _ => session.require_token()?,
    }
    run_signed_in(&session, cli.command).await
}

async fn run_signed_in(session: &Session, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Movies(args) => movies::list(session, args).await,
        Command::Movie(which) => movies::show(session, &which).await,
        Command::Buy(args) => movies::buy(session, &args).await,
        Command::Download(args) => Box::pin(download::run(session, &args)).await,
        Command::Records(window) => records::run(session, &window).await,
        Command::Notices(args) => notices::run(session, &args).await,
        Command::Wallet { command } => wallet::run(session, command).await,
        Command::Vip { command } => vip::run(session, command).await,
        Command::Drive(args) => drive::run(session, args).await,
        Command::Friends(args) => friends::run(session, &args).await,
        Command::Rooms(args) => rooms::run(session, &args).await,
        Command::Chat(args) => Box::pin(chat::run(session, &args)).await,
        Command::Send(args) => send::run(session, args).await,
        // Handled before the session is asked for a token.
        Command::Register(_)
        | Command::Login(_)
        | Command::Logout(_)
        | Command::Completions { .. } => Ok(()),
    }
}

/// Says on stderr that a call is tried again.
pub(crate) fn told(session: &Session) -> RetryObserver {
    let quiet = session.quiet;
    Arc::new(move |pause, error| {
        if !quiet {
            let reason = printable(&error.to_string());
            eprintln!("{reason}; trying again in {pause:?}");
        }
    })
}
