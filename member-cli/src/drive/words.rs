//! The words of the drive: the same in the shell and after `playhouse-cli drive`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::fetch::OnConflict;

/// A line of the shell.
#[derive(Debug, Parser)]
#[command(name = "drive", no_binary_name = true, disable_version_flag = true)]
#[command(help_template = "{subcommands}\n\n{after-help}", after_help = NOTES)]
pub(crate) struct Line {
    #[command(subcommand)]
    pub(crate) word: Word,
}

/// Shown under the list of words.
pub(crate) const NOTES: &str = "\
Names with spaces go in quotes. * ? and [a-z] are wildcards, here and in the drive.
With several names, the last one is where it goes. `WORD --help` says more.
A transfer that was stopped goes on when the same line is given again.";

#[derive(Debug, Subcommand)]
pub(crate) enum Word {
    /// List a folder, or a file
    #[command(visible_alias = "ls")]
    Dir(Paths),
    /// Where you are, how much is used, and how much there may be
    Sp,
    /// Go into a folder; to the top without one
    Cd {
        /// The folder
        folder: Option<String>,
    },
    /// Where you are
    Pwd,
    /// Make folders, with those above them
    Mkdir(SomePaths),
    /// Download files and folders: `get FROM... [TO]`
    Get(GetArgs),
    /// Upload files and folders: `put FROM... [TO]`
    Put(PutArgs),
    /// Put files and folders into the trash
    #[command(visible_alias = "rm")]
    Del(SomePaths),
    /// Move or rename: mv FROM... TO
    Mv(FromTo),
    /// Copy, without moving a byte: cp FROM... TO
    Cp(FromTo),
    /// Leave the shell
    #[command(visible_alias = "quit")]
    Exit,
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    /// What to list; where you are when left out
    pub(crate) paths: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SomePaths {
    /// In the drive
    #[arg(required = true)]
    pub(crate) paths: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FromTo {
    /// In the drive; the last one is where it goes
    #[arg(required = true, num_args = 2..)]
    pub(crate) paths: Vec<String>,
    /// What to do with a name that is taken
    #[arg(long, value_enum, default_value_t)]
    pub(crate) on_conflict: OnConflict,
}

#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// Files and folders in the drive; with several words the last one is where they go here
    #[arg(required = true)]
    pub(crate) paths: Vec<String>,
    /// Where they go here, instead of the last word
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// What to do with a name that is taken
    #[arg(long, value_enum, default_value_t)]
    pub(crate) on_conflict: OnConflict,
}

#[derive(Debug, Args)]
pub(crate) struct PutArgs {
    /// Files and folders here; with several words the last one is where they go in the drive
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Where they go in the drive, instead of the last word
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<String>,
    /// What to do with a name that is taken
    #[arg(long, value_enum, default_value_t)]
    pub(crate) on_conflict: OnConflict,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_words_are_well_formed() {
        Line::command().debug_assert();
    }
}
