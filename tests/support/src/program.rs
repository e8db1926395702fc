//! Runs a command line of ours with a configuration folder of its own.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::Person;

/// Somebody at a terminal, or a script.
pub struct Program {
    executable: &'static str,
    server: String,
    token: Option<String>,
    config: TempDir,
}

/// What a run left.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// Not signed in.
    pub fn new(executable: &'static str, server: &str) -> Self {
        Self {
            executable,
            server: server.to_owned(),
            token: None,
            config: tempfile::tempdir().unwrap(),
        }
    }

    /// With a token in the environment.
    pub fn of(executable: &'static str, person: &Person) -> Self {
        Self {
            token: person.token.clone(),
            ..Self::new(executable, &person.url)
        }
    }

    /// From now on this token is in the environment.
    pub fn signs_in_with(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    /// From now on it speaks to the server at another address.
    pub fn moves_to(&mut self, server: &str) {
        server.clone_into(&mut self.server);
    }

    pub fn config(&self) -> &Path {
        self.config.path()
    }

    pub async fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Outcome {
        self.run_with_stdin(arguments, "").await
    }

    pub async fn run_with_stdin<A: AsRef<OsStr>>(&self, arguments: &[A], stdin: &str) -> Outcome {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // A program that does not read has ended by then; its exit code says why.
        let _ = pipe.write_all(stdin.as_bytes()).await;
        drop(pipe);
        let output = child.wait_with_output().await.unwrap();
        Outcome {
            code: output.status.code().expect("ended by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A run that must work; its stdout.
    pub async fn ok<A: AsRef<OsStr>>(&self, arguments: &[A]) -> String {
        let outcome = self.run(arguments).await;
        assert_eq!(outcome.code, 0, "{outcome:?}");
        outcome.stdout
    }

    /// A run that must work; its JSON.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let stdout = self.ok(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&stdout).expect(&stdout)
    }

    /// A run that must fail with this code; its stderr.
    pub async fn fails<A: AsRef<OsStr>>(&self, arguments: &[A], code: i32) -> String {
        let outcome = self.run(arguments).await;
        assert_eq!(outcome.code, code, "{outcome:?}");
        outcome.stderr
    }

    /// The command with nothing of this test's own environment.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(self.executable);
        command
            .args(arguments)
            .env_clear()
            .env("PLAYHOUSE_CONFIG_DIR", self.config())
            .env("PLAYHOUSE_SERVER", &self.server)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(token) = &self.token {
            command.env("PLAYHOUSE_TOKEN", token);
        }
        command
    }
}
