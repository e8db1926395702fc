//! The real server at an address that stays, in an hour of its own.

use std::path::{Path, PathBuf};

use playhouse_test_support::server::{Server, program};

/// What a server needs to start again as it was.
pub(super) struct House {
    pub(super) data: PathBuf,
    pub(super) port: u16,
    pub(super) database: Option<String>,
    clock: PathBuf,
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
        let mut command = program(env!("CARGO_BIN_EXE_playhouse"));
        command
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
            .env("NO_FAKE_STAT", "1");
        let address = format!("127.0.0.1:{}", self.port);
        Server::start_at(&address, command, &self.data, self.database.as_deref())
    }
}

/// The library that gives a process another clock.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let mut files = folders.map(|it| it.path().join("faketime/libfaketimeMT.so.1"));
    let found = files.find(|it| it.exists());
    found.expect("libfaketime is missing: apt-get install faketime")
}
