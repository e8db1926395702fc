//! `playhouse-admin`: publishes films and notices and looks after accounts.
//!
//! It speaks the HTTP API only, so it runs on any machine that reaches the server. What people
//! read goes to stdout (tables, or JSON with `--json`); progress, questions and errors go to
//! stderr. The exit codes are in [`exit`] and never change their meaning.
//!
//! - [`cli`]: the arguments; [`commands`]: what each does;
//! - [`publish`]: films, from the look-up to the published film;
//! - [`session`]: which server, with which token; [`config`]: where that is kept;
//! - [`table`], [`output`], [`money`], [`when`]: how values are shown and read.

mod cli;
mod commands;
mod config;
mod exit;
mod money;
mod output;
mod password;
mod publish;
mod session;
mod table;
mod when;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;

fn main() -> ExitCode {
    // Another crate may bring a second TLS provider; then there is no default one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let json = cli.global.json;
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error, json),
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(commands::run(cli))
}
