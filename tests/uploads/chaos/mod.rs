//! `kill -9` at random moments of everything at once: films and files of the drive, in pieces with checksums and without,
//! in one request, as parts side by side, over FTP, and ends. After each restart nothing that was acknowledged is missing, every
//! hash is right, the sums of the quota are those of the rows, and no file is left that nobody knows.
//!
//! `PLAYHOUSE_CRASH_ROUNDS` says how often, `PLAYHOUSE_CRASH_SEED` repeats a run as far as time can be repeated.

mod ftp;
mod truth;
mod work;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use playhouse::db::{Conn, Target, connect};
use playhouse_test_support::postgres::TestDatabase;
use playhouse_test_support::server::Server;

use super::crash::{Admin, Dice, binary, seed};
use truth::{Content, Truth};
use work::{Client, Dead};

/// Rounds of `make test` on each of the two databases; `make soak` asks for more.
const ROUNDS: u64 = 200;
/// How long the reconciler may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The upload of a path that waits.
const STORED: &str = "SELECT id AS text FROM uploads WHERE target_path = $1 AND state <> 'used'";

struct Trial {
    data: tempfile::TempDir,
    database: Option<TestDatabase>,
    server: Option<Server>,
    door: SocketAddr,
    admin: Arc<Admin>,
    truth: Arc<Mutex<Truth>>,
    dice: Dice,
    conn: Conn,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A server with a door for FTP on a port that was free a moment ago.
fn server_on(data: &Path, database: Option<&TestDatabase>) -> (Server, SocketAddr) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let door = free.local_addr().unwrap();
    drop(free);
    let mut command = binary();
    command
        .env("PLAYHOUSE__UPLOADS__MAX_OPEN", "1000000")
        .env("PLAYHOUSE__FTP__ENABLED", "true")
        .env("PLAYHOUSE__FTP__LISTEN", door.to_string())
        .env("PLAYHOUSE__FTP__PASSIVE_PORTS", "0");
    let server = Server::start(command, data, database.map(|it| it.url.as_str()));
    (server, door)
}

#[actix_web::test]
async fn no_kill_at_any_moment_costs_what_was_acknowledged() {
    let rounds = number("PLAYHOUSE_CRASH_ROUNDS").unwrap_or(ROUNDS);
    let seed = number("PLAYHOUSE_CRASH_SEED").unwrap_or_else(seed);
    println!("seed {seed}");
    let data = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_if_asked();
    let (server, door) = server_on(data.path(), database.as_ref());
    let admin = Arc::new(Admin::enter(&server).await);
    let url = database
        .as_ref()
        .map_or("sqlite:playhouse.db", |it| &it.url);
    let conn = connect(&Target::parse(url, data.path()).unwrap()).unwrap();
    let mut trial = Trial {
        server: Some(server),
        door,
        truth: Arc::default(),
        dice: Dice(seed),
        data,
        database,
        admin,
        conn,
    };
    let begun = Instant::now();
    for round in 0..rounds {
        trial.work_until_killed().await;
        let (server, door) = server_on(trial.data.path(), trial.database.as_ref());
        (trial.server, trial.door) = (Some(server), door);
        println!("round {round}: {}", trial.check().await);
    }
    let client = trial.client();
    let truth = std::mem::take(&mut *client.truth());
    assert!(
        truth.placed.len() as u64 > rounds / 4,
        "the kills came too early"
    );
    for (path, content) in &truth.placed {
        trial.check_file(path, *content);
    }
    println!(
        "{rounds} kills in {:?}: {} files, {} ends",
        begun.elapsed(),
        truth.placed.len(),
        truth.ended.len()
    );
}

impl Trial {
    fn client(&self) -> Client {
        Client {
            admin: Arc::clone(&self.admin),
            url: self.server.as_ref().unwrap().url.clone(),
            door: self.door,
            truth: Arc::clone(&self.truth),
        }
    }

    async fn work_until_killed(&mut self) {
        let life = Duration::from_millis(3 + self.dice.below(300));
        let client = self.client();
        let left: Vec<String> = client.truth().open.keys().take(4).cloned().collect();
        let mut dices: Vec<Dice> = (0..6).map(|_| self.dice.split()).collect();
        let [one, two, three, four, five, six] = &mut dices[..] else {
            unreachable!()
        };
        let work = async {
            tokio::join!(
                until_dead(async || client.film(one).await),
                until_dead(async || client.file(two).await),
                until_dead(async || client.put(three).await),
                until_dead(async || client.parts(four).await),
                until_dead(async || client.store(six).await),
                // What an earlier life of the server left unfinished.
                async {
                    for path in &left {
                        if client.go_on(path, five).await.is_err() {
                            return;
                        }
                    }
                },
            )
        };
        drop(tokio::time::timeout(life, work).await);
        self.server.take().unwrap().kill();
    }

    /// Compares what the server knows with what it said. Takes over what it turned out to have done.
    async fn check(&mut self) -> String {
        let client = self.client();
        let open = client.truth().open.clone();
        let (mut done, mut held) = (0, 0);
        for (path, open) in open {
            let stands = client.stands(&path).await;
            let Some((offset, is_placed)) = stands else {
                assert!(
                    open.is_ending,
                    "{path} is gone with {} bytes",
                    open.acknowledged
                );
                client.truth().open.remove(&path);
                continue;
            };
            assert!(
                offset >= open.acknowledged,
                "{path}: {offset} < {}",
                open.acknowledged
            );
            let is_due = open.target.is_some() && offset == open.size;
            assert_eq!(
                is_placed, is_due,
                "{path} stands at {offset} of {}",
                open.size
            );
            client.truth().acknowledge(&path, offset);
            held += offset;
            match &open.target {
                Some(target) if is_placed => {
                    self.check_file(target, open.content);
                    client.truth().complete(&path);
                    done += 1;
                }
                _ => self.check_staged(&path, &open, offset),
            }
        }
        let ended = client.truth().ended.clone();
        for path in ended.iter().take(5) {
            assert_eq!(client.stands(path).await, None, "{path} was ended");
        }
        self.check_perhaps(&client).await;
        let stored = self.check_stored(&client).await;
        let newest: Vec<(String, Content)> = {
            let truth = client.truth();
            truth
                .placed
                .iter()
                .map(|(path, it)| (path.clone(), *it))
                .collect()
        };
        newest
            .iter()
            .for_each(|(path, it)| self.check_row(path, *it));
        self.check_sums().await;
        self.check_orphans().await;
        format!(
            "{} files, {done} found done, {held} bytes under way, {stored} over FTP",
            newest.len()
        )
    }

    /// A last answer that did not come: the file is there, or whatever it would have been made of is.
    async fn check_perhaps(&mut self, client: &Client) {
        let perhaps = std::mem::take(&mut client.truth().perhaps);
        for (name, (content, parts)) in perhaps {
            let deadline = Instant::now() + PATIENCE;
            loop {
                if self.find(&name).is_some() {
                    self.check_file(&name, content);
                    client.truth().placed.insert(name, content);
                    break;
                }
                let mut alive = 0;
                for part in &parts {
                    alive += usize::from(client.stands(part).await.is_some());
                }
                if alive == parts.len() && self.find(&name).is_none() {
                    // Not even begun, or the reconciler has not come to it yet; both lose nothing.
                    break;
                }
                assert!(
                    Instant::now() < deadline,
                    "{name}: only {alive} parts are there"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// What arrives over FTP is in the drive whole, or waits with all that was told of it. Answers the bytes that wait.
    async fn check_stored(&mut self, client: &Client) -> usize {
        let begun = client.truth().begun.clone();
        let mut held = 0;
        for (name, begun) in begun {
            let deadline = Instant::now() + PATIENCE;
            let id = loop {
                if self.find(&name).is_some() {
                    break None;
                }
                let id = text(&mut self.conn, STORED, &name);
                // A file that is all there is on its way into the drive.
                if id.is_some() || begun.told == 0 {
                    break id;
                }
                assert!(Instant::now() < deadline, "{name} is gone with {begun:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            let Some(id) = id else {
                if self.find(&name).is_some() {
                    self.check_file(&name, begun.content);
                    let mut truth = client.truth();
                    truth.begun.remove(&name);
                    truth.placed.insert(name, begun.content);
                }
                continue;
            };
            let acknowledged =
                "SELECT CAST(acknowledged AS TEXT) AS text FROM uploads WHERE id = $1";
            let offset = text(&mut self.conn, acknowledged, &id);
            let offset: usize = offset.map_or(0, |it| it.parse().unwrap());
            assert!(offset >= begun.told, "{name}: {offset} of {begun:?}");
            let file = self.data.path().join("storage/uploads").join(&id);
            let bytes = std::fs::read(file).unwrap_or_default();
            // The reconciler may have put it into its place since.
            if self.find(&name).is_none() {
                let kept = bytes.get(..offset).unwrap_or_default();
                let wanted = &begun.content.bytes()[..offset];
                assert!(kept == wanted, "{name}: the first {offset} bytes differ");
            }
            held += offset;
        }
        held
    }

    fn check_staged(&mut self, path: &str, open: &truth::Open, offset: usize) {
        let id = path.rsplit('/').next().unwrap();
        let file = text(
            &mut self.conn,
            "SELECT COALESCE(file_id, id) AS text FROM uploads WHERE id = $1",
            id,
        );
        let file = self.data.path().join("storage/uploads").join(file.unwrap());
        let bytes = std::fs::read(file).unwrap_or_default();
        // A part begins where it begins in the file that it shares, else at the start of its own.
        let begin = if is_shared(&mut self.conn, id) {
            open.begin
        } else {
            0
        };
        let kept = bytes.get(begin..begin + offset).unwrap_or_default();
        let wanted = &open.content.bytes()[open.begin..open.begin + offset];
        assert!(kept == wanted, "{path}: the first {offset} bytes differ");
    }

    fn find(&mut self, path: &str) -> Option<String> {
        let sql = "SELECT b.blake3 AS text FROM drive_entries e JOIN blobs b ON b.id = e.blob_id \
             WHERE e.taken_name = $1";
        text(&mut self.conn, sql, path.trim_start_matches('/'))
    }

    fn check_row(&mut self, path: &str, content: Content) {
        let hash = self.find(path).unwrap_or_else(|| panic!("{path} is gone"));
        assert_eq!(hash, content.hash(), "{path}");
    }

    fn check_file(&mut self, path: &str, content: Content) {
        self.check_row(path, content);
        let hash = content.hash();
        let blob = self.data.path().join("storage/blobs");
        let blob = blob.join(&hash[..2]).join(&hash[2..4]).join(&hash);
        let bytes = std::fs::read(&blob).unwrap_or_else(|_| panic!("{path} has no bytes"));
        assert!(bytes == content.bytes(), "{path} has other bytes");
    }

    async fn check_sums(&mut self) {
        for (told, summed) in [
            (
                "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) AS n FROM drive_usage",
                "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) AS n FROM uploads WHERE purpose = 'drive'",
            ),
            (
                "SELECT CAST(COALESCE(SUM(used), 0) AS BIGINT) AS n FROM drive_usage",
                "SELECT CAST(COALESCE((SELECT SUM(size) FROM drive_entries), 0) + \
                 COALESCE((SELECT SUM(size) FROM drive_versions), 0) AS BIGINT) AS n",
            ),
        ] {
            let deadline = Instant::now() + PATIENCE;
            // Two looks: the reconciler may be at work between them.
            while count(&mut self.conn, told) != count(&mut self.conn, summed) {
                assert!(Instant::now() < deadline, "{told} is not {summed}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Waits until every file has a row that knows it.
    async fn check_orphans(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let strays = self.strays();
            if strays.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "nobody knows {strays:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn strays(&mut self) -> Vec<String> {
        let known = all(
            &mut self.conn,
            "SELECT COALESCE(file_id, id) AS text FROM uploads WHERE state <> 'used' \
             UNION SELECT blake3 AS text FROM blobs",
        );
        let mut found = Vec::new();
        for folder in ["storage/uploads", "storage/blobs"] {
            files(&self.data.path().join(folder), &mut found);
        }
        found.retain(|it| !known.contains(it));
        found
    }
}

async fn until_dead(mut work: impl AsyncFnMut() -> Result<(), Dead>) {
    while work().await.is_ok() {}
}

fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path(), found),
            _ => found.push(entry.file_name().into_string().unwrap()),
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn text(conn: &mut Conn, sql: &str, key: &str) -> Option<String> {
    let query = diesel::sql_query(sql).bind::<Text, _>(key);
    let found: Option<Line> = query.get_result(conn).optional().unwrap();
    found.map(|it| it.text)
}

fn is_shared(conn: &mut Conn, id: &str) -> bool {
    let sql = "SELECT file_id AS text FROM uploads WHERE id = $1 AND file_id IS NOT NULL";
    text(conn, sql, id).is_some()
}

fn all(conn: &mut Conn, sql: &str) -> HashSet<String> {
    let found: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    found.into_iter().map(|it| it.text).collect()
}

fn count(conn: &mut Conn, sql: &str) -> i64 {
    let found: Count = diesel::sql_query(sql).get_result(conn).unwrap();
    found.n
}
