//! The program at a pseudo-terminal, which `script` makes.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdout, Command};

use crate::program::Program;
use crate::tree::path;

const PATIENCE: Duration = Duration::from_secs(20);

/// The program at a terminal.
pub(crate) struct Terminal {
    child: Child,
    screen: ChildStdout,
    seen: String,
    all: String,
}

impl Terminal {
    /// Runs the program with these arguments, none of which has an apostrophe.
    pub(crate) fn open(program: &Program, arguments: &[&str]) -> Self {
        let inner = program.command(arguments);
        let inner = inner.as_std();
        let words = arguments.iter().map(|word| format!(" '{word}'"));
        let line = format!(
            "stty cols 120; exec '{}'{}",
            path(inner.get_program().as_ref()),
            words.collect::<String>()
        );
        let mut command = Command::new("script");
        command
            .args(["-qfec", &line, "/dev/null"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap());
        }
        let mut child = command.spawn().unwrap_or_else(|error| {
            unreachable!("`script` is missing ({error}): apt-get install bsdutils")
        });
        let screen = child.stdout.take().unwrap();
        Self {
            child,
            screen,
            seen: String::new(),
            all: String::new(),
        }
    }

    pub(crate) async fn type_in(&mut self, keys: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys.as_bytes()).await.unwrap();
        stdin.flush().await.unwrap();
    }

    /// Waits until the screen shows a text that was not there before.
    pub(crate) async fn shows(&mut self, text: &str) {
        let mut buffer = [0; 4096];
        let waiting = async {
            while !self.seen.contains(text) {
                let read = self.screen.read(&mut buffer).await.unwrap();
                assert!(read > 0, "the shell ended: {:?}", self.seen);
                let text = String::from_utf8_lossy(&buffer[..read]);
                self.seen.push_str(&text);
                self.all.push_str(&text);
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(waited.is_ok(), "no {text:?} in {:?}", self.seen);
        let end = self.seen.find(text).unwrap() + text.len();
        self.seen.drain(..end);
    }

    /// Everything that the terminal was given so far.
    pub(crate) fn all(&self) -> &str {
        &self.all
    }

    /// The exit code, when the program has ended by itself.
    pub(crate) async fn ends(&mut self) -> i32 {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        assert!(ended.is_ok(), "the program stays");
        let status = ended.unwrap().unwrap();
        status.code().unwrap()
    }
}
