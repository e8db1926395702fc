//! One run of a program: its name, its exit codes, and the frame around its commands.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::exit::{self, Code};
use crate::output;

/// Which program this is.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// As it is called, for example `playhouse-admin`.
    pub name: &'static str,
    pub version: &'static str,
    /// The exit code of an error; usually [`exit::code_of`].
    pub code_of: fn(&anyhow::Error) -> Code,
}

impl Program {
    /// What a login session is called in the list of one's sessions.
    pub fn device(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// Does `work`, tells stderr what went wrong, and says how the process ends.
    pub fn run<F>(&self, json: bool, work: impl FnOnce() -> F) -> ExitCode
    where
        F: Future<Output = anyhow::Result<()>>,
    {
        // Another crate may bring a second TLS provider; then there is no default one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start");
        match runtime.and_then(|runtime| runtime.block_on(work())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => exit::report(self, &error, json),
        }
    }

    /// Prints the completion script of a shell.
    pub fn print_completions(
        &self,
        shell: clap_complete::Shell,
        mut command: clap::Command,
    ) -> anyhow::Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command, self.name, &mut script);
        Ok(output::print(&String::from_utf8_lossy(&script))?)
    }
}
