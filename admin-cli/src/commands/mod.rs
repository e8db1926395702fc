//! What each command does, one module for each noun.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod comments;
pub(crate) mod jobs;
pub(crate) mod movies;
pub(crate) mod notices;
pub(crate) mod series;
pub(crate) mod setup;
pub(crate) mod stats;
pub(crate) mod vouchers;
pub(crate) mod webhooks;

use clap::CommandFactory as _;
use playhouse_cli_support::{Session, login};

use crate::cli::{Cli, Command, MovieCommand};
use crate::{PROGRAM, publish};

/// Does what the arguments say.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Completions { shell } = cli.command {
        return PROGRAM.print_completions(shell, Cli::command());
    }
    let session = Session::open(PROGRAM, &cli.global)?;
    match cli.command {
        Command::Setup(args) => return setup::run(&session, args).await,
        Command::Login(args) => return login::login(&session, args).await,
        Command::Logout(args) => return login::logout(&session, args).await,
        _ => session.require_token()?,
    }
    run_signed_in(&session, cli.command).await
}

async fn run_signed_in(session: &Session, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Movie(command) => run_movie(session, command).await,
        Command::Series(command) => series::run(session, command).await,
        Command::Comment(command) => comments::run(session, command).await,
        Command::Notice(command) => notices::run(session, command).await,
        Command::Account(command) => accounts::run(session, command).await,
        Command::Voucher(command) => vouchers::run(session, command).await,
        Command::Webhook(command) => webhooks::run(session, command).await,
        Command::Audit(args) => audit::run(session, args).await,
        Command::Stats => stats::run(session).await,
        Command::Jobs(command) => jobs::run(session, command).await,
        // Handled before the session is asked for a token.
        Command::Setup(_)
        | Command::Login(_)
        | Command::Logout(_)
        | Command::Completions { .. } => Ok(()),
    }
}

async fn run_movie(session: &Session, command: MovieCommand) -> anyhow::Result<()> {
    match command {
        MovieCommand::Publish(args) => Box::pin(publish::run(session, args)).await,
        MovieCommand::List(args) => movies::list(session, args).await,
        MovieCommand::Show(which) => movies::show(session, &which).await,
        MovieCommand::Edit(args) => movies::edit(session, args).await,
        MovieCommand::Renditions(args) => movies::renditions(session, &args).await,
        MovieCommand::Subtitles(command) => movies::subtitles(session, command).await,
        MovieCommand::Poster(args) => movies::poster(session, &args).await,
        MovieCommand::Delete(which) => movies::delete(session, &which).await,
        MovieCommand::Restore(which) => movies::restore(session, &which).await,
        MovieCommand::Purge(args) => movies::purge(session, &args).await,
    }
}
