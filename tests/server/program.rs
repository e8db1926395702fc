//! The program, run to its end.

use std::process::{Command, Output};

use playhouse_test_support::server::program;

/// The program with these arguments, and nothing of this process's own settings.
pub(crate) fn playhouse(arguments: &[&str]) -> Command {
    let mut command = program(env!("CARGO_BIN_EXE_playhouse"));
    command.args(arguments);
    command
}

pub(crate) fn run(command: &mut Command) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.success(), said)
}
