//! The arguments. What each command does is in [`crate::commands`].

use clap::{Parser, Subcommand};
use playhouse_cli_support::listing::Window;
use playhouse_cli_support::{Global, login};

use crate::chat;
use crate::commands::{download, friends, movies, notices, register, rooms, send, vip, wallet};
use crate::drive;

/// Films, downloads, your own files and your rooms at a Playhouse.
#[derive(Debug, Parser)]
#[command(name = "playhouse-cli", version, after_help = crate::exit::HELP)]
#[command(arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an account and sign in
    Register(register::RegisterArgs),
    /// Sign in and keep the token
    Login(login::LoginArgs),
    /// Sign out and forget the token
    Logout(login::LogoutArgs),
    /// Find films
    Movies(movies::ListArgs),
    /// Show one film
    Movie(movies::Which),
    /// Buy a film from your wallet
    Buy(movies::BuyArgs),
    /// Download a film; called again after a break, it goes on where it stopped
    Download(download::DownloadArgs),
    /// Your downloads
    Records(Window),
    /// Announcements of the house
    Notices(notices::NoticesArgs),
    /// Your balance, what it came from, and vouchers
    Wallet {
        #[command(subcommand)]
        command: Option<wallet::WalletCommand>,
    },
    /// VIP time
    Vip {
        #[command(subcommand)]
        command: vip::VipCommand,
    },
    /// Your own files: a shell, or one word of it
    Drive(drive::DriveArgs),
    /// Your friends, who asks to be one, and whom you have blocked
    Friends(friends::FriendsArgs),
    /// Your rooms with what is unread, and who is in them
    Rooms(rooms::RoomsArgs),
    /// Talk in a room
    Chat(chat::ChatArgs),
    /// Say one thing in a room; done when it is durable
    Send(send::SendArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell to write it for
        shell: clap_complete::Shell,
    },
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
