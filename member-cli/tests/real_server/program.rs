//! Runs `playhouse-cli`.

use std::ops::{Deref, DerefMut};

use playhouse_test_support::{Person, program};

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_playhouse-cli");

/// Somebody at a terminal, or a script.
pub(crate) struct Program(program::Program);

impl Program {
    /// Not signed in.
    pub(crate) fn new(server: &str) -> Self {
        Self(program::Program::new(EXECUTABLE, server))
    }

    /// With a token in the environment.
    pub(crate) fn of(person: &Person) -> Self {
        Self(program::Program::of(EXECUTABLE, person))
    }
}

impl Deref for Program {
    type Target = program::Program;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Program {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
