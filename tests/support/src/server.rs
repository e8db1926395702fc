//! The server as a process of its own, which can be killed, frozen and started again on what it left.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{PASSWORD, Person, text};

/// Ended when it is dropped, if it has not ended before.
pub struct Server {
    child: Child,
    pub url: String,
    /// What it said that its first admin is made with; a house that is set up says nothing.
    pub setup_token: Option<String>,
}

/// The program with nothing of this process's own settings.
pub fn program(executable: &str) -> Command {
    let mut command = Command::new(executable);
    let inherited = std::env::vars().map(|(name, _)| name);
    for name in inherited.filter(|name| name.starts_with("PLAYHOUSE")) {
        command.env_remove(name);
    }
    command
}

impl Server {
    /// Starts `command`, a way to run the program, on a free port. The database is SQLite unless there is an address.
    pub fn start(command: Command, data: &Path, database: Option<&str>) -> Self {
        Self::start_at("127.0.0.1:0", command, data, database)
    }

    pub fn start_at(
        address: &str,
        mut command: Command,
        data: &Path,
        database: Option<&str>,
    ) -> Self {
        command
            .args(["serve", "--listen", address, "--data"])
            .arg(data)
            .env("PLAYHOUSE__ACCOUNTS__BCRYPT_COST", "4")
            .env("PLAYHOUSE__SERVER__WORKERS", "2")
            .env("PLAYHOUSE__LOG__FILTER", "error")
            .stdout(Stdio::piped());
        if let Some(url) = database {
            command.env("PLAYHOUSE__DATABASE__URL", url);
        }
        let mut server = Self {
            child: command.spawn().expect("the server starts"),
            url: String::new(),
            setup_token: None,
        };
        for line in BufReader::new(server.child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(url) = line.strip_prefix("listening on ") {
                url.clone_into(&mut server.url);
                return server;
            }
            if line.starts_with("  ") {
                server.setup_token = Some(line.trim().to_owned());
            }
        }
        panic!("the server ended before it listened");
    }

    /// The admin, who sets a new house up and signs in.
    pub async fn admin(&self) -> Person {
        let nobody = Person::at(&self.url, None);
        if let Some(token) = &self.setup_token {
            let body = json!({"token": token, "username": "admin", "password": PASSWORD});
            assert_eq!(nobody.post("/setup", body).await.status(), 201);
        }
        let body = json!({"username": "admin", "password": PASSWORD});
        let session: Value = nobody.post("/sessions", body).await.json().await.unwrap();
        Person::at(&self.url, Some(text(&session["token"])))
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself; its exit code.
    pub async fn wait(&mut self, at_most: Duration) -> i32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(begun.elapsed() < at_most, "the server does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A folder as the server sees it, whose mounts may be its own.
    pub fn seen_by(&self, folder: &Path) -> PathBuf {
        let root = format!("/proc/{}/root", self.child.id());
        Path::new(&root).join(folder.strip_prefix("/").unwrap())
    }

    /// The most memory that it has held, in bytes.
    pub fn peak_memory(&self) -> usize {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap();
        let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        let peak = peak.unwrap().trim().strip_suffix(" kB").unwrap();
        peak.parse::<usize>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
