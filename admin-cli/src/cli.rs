//! The arguments. What each command does is in [`crate::commands`].

use clap::{Args, Parser, Subcommand};

use crate::commands::{accounts, audit, jobs, login, movies, notices, setup, vouchers};
use crate::publish;

/// Publishes films and notices and looks after accounts of a Playhouse.
#[derive(Debug, Parser)]
#[command(name = "playhouse-admin", version, after_help = crate::exit::HELP)]
#[command(arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Address of the server [default: that of the last login, else http://127.0.0.1:8080]
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        env = "PLAYHOUSE_SERVER",
        value_name = "URL"
    )]
    pub(crate) server: Option<String>,
    /// Print results as JSON, and errors as JSON on stderr
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
    /// Show no progress
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the first admin of a new house, and sign in
    Setup(setup::SetupArgs),
    /// Sign in and keep the token
    Login(login::LoginArgs),
    /// Sign out and forget the token
    Logout(login::LogoutArgs),
    /// Publish films and look after the catalogue
    #[command(subcommand)]
    Movie(MovieCommand),
    /// Publish and change notices
    #[command(subcommand)]
    Notice(notices::NoticeCommand),
    /// Look after accounts
    #[command(subcommand)]
    Account(accounts::AccountCommand),
    /// Make voucher codes
    #[command(subcommand)]
    Voucher(vouchers::VoucherCommand),
    /// Show what admins have done
    Audit(audit::AuditArgs),
    /// Show figures of the house
    Stats,
    /// Background work
    #[command(subcommand)]
    Jobs(jobs::JobCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell to write it for
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MovieCommand {
    /// Upload films and publish them; called again after a break, it goes on where it stopped
    Publish(publish::PublishArgs),
    /// List the catalogue
    List(movies::ListArgs),
    /// Show one film
    Show(movies::Which),
    /// Change a film
    Edit(movies::EditArgs),
    /// Put films into the trash
    Delete(movies::Several),
    /// Take films out of the trash
    Restore(movies::Several),
    /// Delete films in the trash for ever, with their bytes
    Purge(movies::PurgeArgs),
}

/// How much of a list to show.
#[derive(Clone, Debug, Args)]
pub(crate) struct Window {
    /// Show at most this many
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
    /// Show them all
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
    /// Go on from the "next_cursor" of an earlier list
    #[arg(long, value_name = "CURSOR")]
    pub(crate) cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_password_is_taken_as_an_argument() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                let takes_value = argument.get_action().takes_values();
                let secret = argument.get_id().as_str().contains("password");
                assert!(
                    !(takes_value && secret),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
