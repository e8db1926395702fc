//! Runs `playhouse-admin`.

use std::ops::Deref;

use playhouse_test_support::{Person, TestApp, program};

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_playhouse-admin");

/// Somebody at a terminal, or a script.
pub(crate) struct Program(program::Program);

impl Program {
    /// Not signed in.
    pub(crate) fn new(server: &str) -> Self {
        Self(program::Program::new(EXECUTABLE, server))
    }

    /// With a token in the environment.
    pub(crate) fn of(person: &Person, _app: &TestApp) -> Self {
        Self(program::Program::of(EXECUTABLE, person))
    }
}

impl Deref for Program {
    type Target = program::Program;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
