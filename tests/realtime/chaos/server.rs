//! The real server as a process that can be killed, frozen, cut off and sent into another hour.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a server needs to start again as it was.
pub(super) struct House {
    pub(super) data: PathBuf,
    pub(super) port: u16,
    pub(super) database: Option<String>,
    clock: PathBuf,
}

pub(super) struct Server {
    child: Child,
    pub(super) setup_token: Option<String>,
}

impl House {
    pub(super) fn new(data: &Path, port: u16, database: Option<String>) -> Self {
        let house = Self {
            clock: data.join("clock"),
            data: data.to_owned(),
            port,
            database,
        };
        house.step_clock(0);
        house
    }

    /// From the next second on the server's clock is off by so many seconds. Its timers go on as they were.
    pub(super) fn step_clock(&self, seconds: i64) {
        // In one step: the server may read it at any moment.
        let new = self.clock.with_extension("new");
        std::fs::write(&new, format!("{seconds:+}")).unwrap();
        std::fs::rename(&new, &self.clock).unwrap();
    }

    pub(super) fn start(&self) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse"));
        let listen = format!("127.0.0.1:{}", self.port);
        command
            .args(["serve", "--listen", &listen, "--data"])
            .arg(&self.data)
            .env("PLAYHOUSE__ACCOUNTS__BCRYPT_COST", "4")
            .env("PLAYHOUSE__SERVER__WORKERS", "2")
            .env("PLAYHOUSE__LOG__FILTER", "error")
            .env("PLAYHOUSE__SESSIONS__CONCURRENT", "single")
            .env("PLAYHOUSE__CHAT__MESSAGES_PER_MINUTE", "1000000")
            .env("PLAYHOUSE__CHAT__RESUME_EVENTS", "100000")
            .env("PLAYHOUSE__REALTIME__PING_SECONDS", "1")
            .env("PLAYHOUSE__REALTIME__PONG_SECONDS", "2")
            .env("PLAYHOUSE__REALTIME__REQUESTS_PER_SECOND", "100000")
            .env("PLAYHOUSE__REALTIME__CONNECTS_PER_MINUTE", "100000")
            .env("PLAYHOUSE__REALTIME__OUTBOX_BYTES", "33554432")
            .env("LD_PRELOAD", faketime())
            .env("FAKETIME_TIMESTAMP_FILE", &self.clock)
            .env("FAKETIME_CACHE_DURATION", "1")
            .env("FAKETIME_DISABLE_SHM", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1")
            .stdout(Stdio::piped());
        if let Some(url) = &self.database {
            command.env("PLAYHOUSE__DATABASE__URL", url);
        }
        let mut server = Server {
            child: command.spawn().expect("the server starts"),
            setup_token: None,
        };
        for line in BufReader::new(server.child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if line.starts_with("listening on ") {
                return server;
            }
            if line.starts_with("  ") {
                server.setup_token = Some(line.trim().to_owned());
            }
        }
        panic!("the server ended before it listened");
    }
}

/// The library that gives a process another clock.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let mut files = folders.map(|it| it.path().join("faketime/libfaketimeMT.so.1"));
    let found = files.find(|it| it.exists());
    found.expect("libfaketime is missing: apt-get install faketime")
}

impl Server {
    pub(super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
