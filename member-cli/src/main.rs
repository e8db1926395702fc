//! `playhouse-cli`: the member's command line.
//!
//! It speaks the HTTP API only, so it runs on any machine that reaches the server. What people
//! read goes to stdout (tables, or JSON with `--json`); progress, questions and errors go to
//! stderr. The exit codes are in [`exit`] and never change their meaning.
//!
//! - [`cli`]: the arguments; [`commands`]: what each does;
//! - [`drive`]: one's own files, by single words or in a shell;
//! - [`chat`]: a room at the prompt;
//! - [`fetch`]: bytes from the server into a file: resumed after a kill, verified, and never
//!   outside the folder they are for.
//!
//! Sign-in, kept state, tables and the like are those of `playhouse_cli_support`.

mod chat;
mod cli;
mod commands;
mod drive;
mod exit;
mod fetch;

use std::process::ExitCode;

use clap::Parser as _;
use playhouse_cli_support::Program;

use crate::cli::Cli;

const PROGRAM: Program = Program {
    name: "playhouse-cli",
    version: env!("CARGO_PKG_VERSION"),
    code_of: exit::code_of,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    PROGRAM.run(cli.global.json, || commands::run(cli))
}
