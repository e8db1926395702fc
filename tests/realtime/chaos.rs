//! A history that many clients make while the server is killed, frozen and cut off, and what must be true of it.
//!
//! Each member has a live connection that comes back by itself, listens to all rooms and notes what it sees; each sends
//! without a pause. At the end: what was acknowledged is in the history, once; every client has seen every event since it
//! began, each once, without a gap and in the same order; the history is what they saw.
//!
//! `PLAYHOUSE_CRASH_ROUNDS` says how often, `PLAYHOUSE_CRASH_SEED` repeats the dice.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use playhouse_api::chat::{Event, NewMessage};
use playhouse_api::client::Client;
use playhouse_api::client::live::{Live, News, Requests};
use playhouse_api::events::Event as Push;
use playhouse_test_support::PASSWORD;
use playhouse_test_support::postgres::TestDatabase;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

/// Rounds of `make test` on each of the two databases; `make soak` asks for more.
const ROUNDS: u64 = 12;
const MEMBERS: usize = 6;
const ROOMS: usize = 2;
/// How long the clients may take to see the end.
const PATIENCE: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    setup_token: Option<String>,
}

impl Server {
    fn start(data: &Path, port: u16, database: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhouse"));
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .env("PLAYHOUSE__ACCOUNTS__BCRYPT_COST", "4")
            .env("PLAYHOUSE__SERVER__WORKERS", "2")
            .env("PLAYHOUSE__LOG__FILTER", "error")
            .env("PLAYHOUSE__CHAT__MESSAGES_PER_MINUTE", "1000000")
            .env("PLAYHOUSE__CHAT__RESUME_EVENTS", "100000")
            .env("PLAYHOUSE__REALTIME__REQUESTS_PER_SECOND", "100000")
            .env("PLAYHOUSE__REALTIME__CONNECTS_PER_MINUTE", "100000")
            .env("PLAYHOUSE__REALTIME__OUTBOX_BYTES", "33554432")
            .stdout(Stdio::piped());
        if let Some(url) = database {
            command.env("PLAYHOUSE__DATABASE__URL", url);
        }
        let mut server = Self {
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

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    fn kill(mut self) {
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

/// A generator that needs no crate; the seed is printed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What one client knows.
#[derive(Default)]
struct Seen {
    /// By room, in the order in which they came.
    events: BTreeMap<Uuid, Vec<Event>>,
    /// Acknowledged: room, number and the sender's own id.
    acknowledged: Vec<(Uuid, i64, String)>,
    broken: usize,
}

struct House {
    url: String,
    http: reqwest::Client,
}

impl House {
    async fn post(&self, token: Option<&str>, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/api/v1{path}", self.url));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn member(&self, name: &str) -> String {
        let body = json!({"username": name, "password": PASSWORD});
        self.post(None, "/accounts", body.clone()).await;
        let session = self.post(None, "/sessions", body).await;
        session["token"].as_str().unwrap().to_owned()
    }

    /// The whole log of a room.
    async fn history(&self, token: &str, room: Uuid) -> Vec<Event> {
        let mut all: Vec<Event> = Vec::new();
        loop {
            let after = all.last().map_or(0, |it| it.seq);
            let path = format!(
                "{}/api/v1/rooms/{room}/events?after_seq={after}&limit=200",
                self.url
            );
            let answer = self.http.get(path).bearer_auth(token).send().await.unwrap();
            let page: playhouse_api::chat::History = answer.json().await.unwrap();
            if page.items.is_empty() {
                return all;
            }
            all.extend(page.items);
        }
    }
}

async fn listen(mut live: Live, seen: Arc<Mutex<Seen>>) {
    while let Some(news) = live.next().await {
        let mut seen = seen.lock().unwrap();
        match news.expect("the connection comes back") {
            News::Push(Push::Event(event)) => {
                seen.events.entry(event.room_id).or_default().push(*event);
            }
            News::StartOver { room, .. } => {
                let known = seen.events.get(&room).map_or(0, Vec::len);
                assert_eq!(known, 0, "{room}: nothing had to be started over");
            }
            News::Lost { room } => panic!("{room} is lost"),
            News::Broken(_) => seen.broken += 1,
            News::Push(_) => {}
        }
    }
}

async fn talk(requests: Requests, rooms: Vec<Uuid>, seen: Arc<Mutex<Seen>>, mut dice: Dice) {
    loop {
        let room = rooms[dice.below(rooms.len() as u64) as usize];
        let id = Uuid::now_v7().to_string();
        let message = NewMessage {
            client_msg_id: id.clone(),
            body: format!("{id} 你好"),
            reply_to: None,
        };
        match requests.send(room, message).await {
            Ok(event) => {
                assert_eq!(event.client_msg_id.as_deref(), Some(id.as_str()));
                seen.lock()
                    .unwrap()
                    .acknowledged
                    .push((room, event.seq, id));
            }
            Err(error) if error.is_transient() => {}
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(dice.below(8))).await;
    }
}

/// Somebody who shakes hands, reads nothing and breaks off at some time.
async fn sulk(url: String, token: String) {
    let address = url.strip_prefix("http://").unwrap();
    let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else {
        return;
    };
    let head = format!(
        "GET /api/v1/realtime HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let _ = stream.write_all(head.as_bytes()).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[actix_web::test]
async fn no_kill_loses_doubles_or_disorders_what_was_said() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let rounds = number("PLAYHOUSE_CRASH_ROUNDS").unwrap_or(ROUNDS);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = number("PLAYHOUSE_CRASH_SEED").unwrap_or(now.unwrap().as_nanos() as u64 | 1);
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let data = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_if_asked();
    let database_url = database.as_ref().map(|it| it.url.as_str());
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut server = Server::start(data.path(), port, database_url);
    let house = House {
        url: format!("http://127.0.0.1:{port}"),
        http: reqwest::Client::new(),
    };
    let setup = server.setup_token.clone().unwrap();
    let body = json!({"token": setup, "username": "admin", "password": PASSWORD});
    house.post(None, "/setup", body).await;
    let mut tokens = Vec::new();
    for number in 0..MEMBERS {
        tokens.push(house.member(&format!("member{number}")).await);
    }
    let mut rooms: Vec<Uuid> = Vec::new();
    for number in 0..ROOMS {
        let name = json!({"name": format!("room {number}")});
        let made = house.post(Some(&tokens[0]), "/rooms", name.clone()).await;
        rooms.push(made["id"].as_str().unwrap().parse().unwrap());
        for token in &tokens[1..] {
            house.post(Some(token), "/rooms/join", name.clone()).await;
        }
    }
    let mut all = Vec::new();
    let (mut listening, mut talking) = (Vec::new(), Vec::new());
    for token in &tokens {
        let client = Client::new(&house.url, Some(token.as_str().into())).unwrap();
        let (live, seen) = (client.live(), Arc::<Mutex<Seen>>::default());
        let requests = live.requests();
        listening.push(tokio::spawn(listen(live, Arc::clone(&seen))));
        for room in &rooms {
            requests.subscribe(*room, None).await.unwrap();
        }
        let own = Dice(dice.below(u64::MAX) | 1);
        talking.push(tokio::spawn(talk(
            requests,
            rooms.clone(),
            Arc::clone(&seen),
            own,
        )));
        all.push(seen);
    }
    let begun = Instant::now();
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_millis(150 + dice.below(600))).await;
        let what = match dice.below(6) {
            0 => {
                server.signal("-STOP");
                tokio::time::sleep(Duration::from_millis(200 + dice.below(800))).await;
                server.signal("-CONT");
                "frozen"
            }
            1 => {
                let token = tokens[dice.below(tokens.len() as u64) as usize].clone();
                tokio::spawn(sulk(house.url.clone(), token));
                "a reader that stops"
            }
            2 => {
                // Signs in a second time, and out again: nobody else is touched.
                let session = json!({"username": "member0", "password": PASSWORD});
                house.post(None, "/sessions", session).await;
                "signed in twice"
            }
            _ => {
                server.kill();
                server = Server::start(data.path(), port, database_url);
                "killed"
            }
        };
        println!("round {round}: {what}");
    }
    // Let all come back before they stop talking.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for task in &talking {
        assert!(!task.is_finished(), "somebody stopped talking");
        task.abort();
    }
    for room in &rooms {
        let history = house.history(&tokens[0], *room).await;
        wait_for_the_end(&all, *room, history.last().unwrap().seq).await;
        // What was on its way when they stopped may have come since.
        let history = house.history(&tokens[0], *room).await;
        check_room(&all, *room, &history);
    }
    for task in &listening {
        assert!(!task.is_finished(), "somebody stopped listening");
    }
    let acknowledged: usize = all
        .iter()
        .map(|it| it.lock().unwrap().acknowledged.len())
        .sum();
    let broken: usize = all.iter().map(|it| it.lock().unwrap().broken).sum();
    assert!(acknowledged as u64 > rounds, "only {acknowledged} messages");
    println!(
        "{rounds} rounds in {:?}: {acknowledged} acknowledged, {broken} connections came back",
        begun.elapsed()
    );
}

async fn wait_for_the_end(all: &[Arc<Mutex<Seen>>], room: Uuid, last: i64) {
    let deadline = Instant::now() + PATIENCE;
    for seen in all {
        loop {
            let reached = seen
                .lock()
                .unwrap()
                .events
                .get(&room)
                .and_then(|it| it.last().map(|it| it.seq));
            if reached.is_some_and(|it| it >= last) {
                break;
            }
            assert!(
                Instant::now() < deadline,
                "a client stays at {reached:?} of {last}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn check_room(all: &[Arc<Mutex<Seen>>], room: Uuid, history: &[Event]) {
    for (number, event) in history.iter().enumerate() {
        assert_eq!(event.seq, number as i64 + 1, "the history has a gap");
    }
    let mut ids = HashSet::new();
    for event in history {
        if let (Some(account), Some(id)) = (&event.account, &event.client_msg_id) {
            assert!(ids.insert((account.id, id)), "{id} is there twice");
        }
    }
    for (client, seen) in all.iter().enumerate() {
        let seen = seen.lock().unwrap();
        let events = &seen.events[&room];
        for pair in events.windows(2) {
            let (one, next) = (pair[0].seq, pair[1].seq);
            assert_eq!(one + 1, next, "client {client} saw {next} after {one}");
        }
        for event in events {
            let Some(kept) = history.get(event.seq as usize - 1) else {
                continue;
            };
            assert_eq!(event, kept, "client {client} saw something else");
        }
        for (_, seq, id) in seen.acknowledged.iter().filter(|it| it.0 == room) {
            let kept = history.get(*seq as usize - 1);
            let kept = kept.unwrap_or_else(|| panic!("{seq} was acknowledged and is gone"));
            assert_eq!(kept.client_msg_id.as_ref(), Some(id), "at {seq}");
        }
    }
}
