//! `playhouse-admin`: publishes films and notices and looks after accounts.
//!
//! It speaks the HTTP API only, so it runs on any machine that reaches the server. What people
//! read goes to stdout (tables, or JSON with `--json`); progress, questions and errors go to
//! stderr. The exit codes never change their meaning.
//!
//! - [`cli`]: the arguments; [`commands`]: what each does;
//! - [`publish`]: films, from the look-up to the published film.
//!
//! Sign-in, kept state, tables and the like are those of `playhouse_cli_support`.

mod cli;
mod commands;
mod publish;

use std::process::ExitCode;

use clap::Parser as _;
use playhouse_cli_support::{Program, exit};

use crate::cli::Cli;

const PROGRAM: Program = Program {
    name: "playhouse-admin",
    version: env!("CARGO_PKG_VERSION"),
    code_of: exit::code_of,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    PROGRAM.run(cli.global.json, || commands::run(cli))
}
