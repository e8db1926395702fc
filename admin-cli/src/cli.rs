//! The arguments. What each command does is in [`crate::commands`].

use clap::{Parser, Subcommand};
use playhouse_cli_support::{Global, login};

use crate::commands::{
    accounts, audit, comments, jobs, movies, notices, series, setup, vouchers, webhooks,
};
use crate::publish;

/// Shown at the end of `--help`.
const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed
  2    the arguments are wrong
  3    not signed in, or this account may not do that
  4    no such film, series, comment, notice, account, webhook or job
  5    already there (a duplicate), or changed meanwhile
  6    the server cannot be reached
  130  stopped by Ctrl-C";

/// Publishes films and notices and looks after accounts of a Playhouse.
#[derive(Debug, Parser)]
#[command(name = "playhouse-admin", version, after_help = EXIT_CODES)]
#[command(arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
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
    /// Put films into series, in seasons and episodes
    #[command(subcommand)]
    Series(series::SeriesCommand),
    /// Look after what members write about films
    #[command(subcommand)]
    Comment(comments::CommentCommand),
    /// Publish and change notices
    #[command(subcommand)]
    Notice(notices::NoticeCommand),
    /// Look after accounts
    #[command(subcommand)]
    Account(accounts::AccountCommand),
    /// Make voucher codes, see who used them, take them back
    #[command(subcommand)]
    Voucher(vouchers::VoucherCommand),
    /// Tell third parties what happens
    #[command(subcommand)]
    Webhook(webhooks::WebhookCommand),
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
    /// Show what is made of a film, or have it made anew or dropped
    Renditions(movies::RenditionsArgs),
    /// Give a film subtitles, or take them away
    #[command(subcommand)]
    Subtitles(movies::SubtitleCommand),
    /// Show the pictures that a film may have, or have another one shown
    Poster(movies::PosterArgs),
    /// Put films into the trash
    Delete(movies::Several),
    /// Take films out of the trash
    Restore(movies::Several),
    /// Delete films in the trash for ever, with their bytes
    Purge(movies::PurgeArgs),
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
