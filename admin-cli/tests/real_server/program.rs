//! Runs `playhouse-admin` with a configuration folder of its own.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use playhouse_test_support::{Person, TestApp};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Somebody at a terminal, or a script.
pub(crate) struct Program {
    server: String,
    token: Option<String>,
    config: TempDir,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// Not signed in.
    pub(crate) fn new(server: &str) -> Self {
        Self {
            server: server.to_owned(),
            token: None,
            config: tempfile::tempdir().unwrap(),
        }
    }

    /// With a token in the environment.
    pub(crate) fn of(person: &Person, app: &TestApp) -> Self {
        Self {
            token: person.token.clone(),
            ..Self::new(&app.url)
        }
    }

    pub(crate) fn config(&self) -> &Path {
        self.config.path()
    }

    pub(crate) async fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Outcome {
        self.run_with_stdin(arguments, "").await
    }

    pub(crate) async fn run_with_stdin<A: AsRef<OsStr>>(
        &self,
        arguments: &[A],
        stdin: &str,
    ) -> Outcome {
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
    pub(crate) async fn ok<A: AsRef<OsStr>>(&self, arguments: &[A]) -> String {
        let outcome = self.run(arguments).await;
        assert_eq!(outcome.code, 0, "{outcome:?}");
        outcome.stdout
    }

    /// A run that must work; its JSON.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let stdout = self.ok(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&stdout).expect(&stdout)
    }

    /// A run that must fail with this code; its stderr.
    pub(crate) async fn fails<A: AsRef<OsStr>>(&self, arguments: &[A], code: i32) -> String {
        let outcome = self.run(arguments).await;
        assert_eq!(outcome.code, code, "{outcome:?}");
        outcome.stderr
    }

    /// The command with nothing of this test's own environment.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse-admin"));
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
