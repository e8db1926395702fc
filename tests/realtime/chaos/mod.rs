//! A history that many clients make while the server is killed, frozen, cut off and sent into another hour, and what must
//! be true of it.
//!
//! Each member has a live connection that comes back by itself, listens to all rooms and notes what it sees; each sends
//! without a pause, and says the same again until it is acknowledged. At the end: what was acknowledged is in the history,
//! once; every client has seen every event since it began, each once, without a gap and in the same order; the history is
//! what they saw.
//!
//! - [`server`]: the process; [`wire`]: the way to it; [`member`]: who talks and listens; [`check`]: what must be true.
//!
//! `PLAYHOUSE_CRASH_ROUNDS` says how often, `PLAYHOUSE_CRASH_SEED` repeats the dice.

mod check;
mod member;
mod server;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use playhouse_api::chat::Event;
use playhouse_test_support::PASSWORD;
use playhouse_test_support::postgres::TestDatabase;
use playhouse_test_support::server::Server;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use self::member::Member;
use self::server::House;
use self::wire::Wire;

/// Rounds of `make test` on each of the two databases; `make soak` asks for more.
const ROUNDS: u64 = 14;
const MEMBERS: usize = 6;
const ROOMS: usize = 2;
/// What the clock jumps by, to and fro.
const HOUR: i64 = 3600;

/// A generator that needs no crate; the seed is printed.
pub(super) struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What is done to the server, or to those who talk to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Nemesis {
    Kill,
    Freeze,
    /// Half of the connections are open, and nothing comes over them.
    HalfOpen,
    /// Somebody who reads nothing.
    Sulk,
    /// One member signs in a second time; the house allows one session.
    SignInElsewhere,
    /// The clock jumps forwards or back, by hours.
    StepClock,
}

const ALL: [Nemesis; 6] = [
    Nemesis::HalfOpen,
    Nemesis::SignInElsewhere,
    Nemesis::StepClock,
    Nemesis::Freeze,
    Nemesis::Sulk,
    Nemesis::Kill,
];

impl Nemesis {
    /// Each of them in the first rounds, then by chance, and kills more often.
    fn of_round(round: u64, dice: &mut Dice) -> Self {
        let rolled = dice.below(2 * ALL.len() as u64);
        let number = if round < ALL.len() as u64 {
            round
        } else {
            rolled
        };
        ALL.get(number as usize).copied().unwrap_or(Self::Kill)
    }
}

/// The requests that do not go over a live connection.
struct Office {
    url: String,
    http: reqwest::Client,
}

impl Office {
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

    async fn register(&self, name: &str) -> String {
        let body = json!({"username": name, "password": PASSWORD});
        self.post(None, "/accounts", body).await;
        self.sign_in(name).await
    }

    async fn sign_in(&self, name: &str) -> String {
        let body = json!({"username": name, "password": PASSWORD});
        let session = self.post(None, "/sessions", body).await;
        session["token"].as_str().unwrap().to_owned()
    }

    /// The rooms, with all members in them.
    async fn open_rooms(&self, tokens: &[String]) -> Vec<Uuid> {
        let mut rooms: Vec<Uuid> = Vec::new();
        for number in 0..ROOMS {
            let name = json!({"name": format!("room {number}")});
            let made = self.post(Some(&tokens[0]), "/rooms", name.clone()).await;
            rooms.push(made["id"].as_str().unwrap().parse().unwrap());
            for token in &tokens[1..] {
                self.post(Some(token), "/rooms/join", name.clone()).await;
            }
        }
        rooms
    }

    /// The whole log of a room.
    async fn history(&self, member: &Member, room: Uuid) -> Vec<Event> {
        let token = member.token.borrow().clone();
        let mut all: Vec<Event> = Vec::new();
        loop {
            let after = all.last().map_or(0, |it| it.seq);
            let path = format!(
                "{}/api/v1/rooms/{room}/events?after_seq={after}&limit=200",
                self.url
            );
            let request = self.http.get(path).bearer_auth(&token);
            let answer = request.send().await.unwrap();
            let page: playhouse_api::chat::History = answer.json().await.unwrap();
            if page.items.is_empty() {
                return all;
            }
            all.extend(page.items);
        }
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

/// Everything that takes part.
struct Stage {
    house: House,
    office: Office,
    wire: Wire,
    members: Vec<Arc<Member>>,
    rooms: Vec<Uuid>,
}

impl Stage {
    async fn set(house: House, setup_token: &str) -> Self {
        let office = Office {
            url: format!("http://127.0.0.1:{}", house.port),
            http: reqwest::Client::new(),
        };
        let body = json!({"token": setup_token, "username": "admin", "password": PASSWORD});
        office.post(None, "/setup", body).await;
        let wire = Wire::to(house.port).await;
        let names: Vec<String> = (0..MEMBERS).map(|it| format!("member{it}")).collect();
        let mut tokens = Vec::new();
        for name in &names {
            tokens.push(office.register(name).await);
        }
        let rooms = office.open_rooms(&tokens).await;
        let members = names.into_iter().zip(tokens);
        let members = members.map(|(name, token)| {
            let url = wire.url.clone();
            Member::new(name, token, url, rooms.clone())
        });
        Self {
            members: members.collect(),
            house,
            office,
            wire,
            rooms,
        }
    }

    async fn strike(&self, nemesis: Nemesis, server: Server, dice: &mut Dice) -> Server {
        let somebody = &self.members[dice.below(MEMBERS as u64) as usize];
        match nemesis {
            Nemesis::Kill => {
                server.kill();
                return self.house.start();
            }
            Nemesis::Freeze => {
                server.signal("STOP");
                tokio::time::sleep(Duration::from_millis(200 + dice.below(800))).await;
                server.signal("CONT");
            }
            Nemesis::HalfOpen => self.wire.half_dies(dice.below(2)),
            Nemesis::Sulk => {
                let token = somebody.token.borrow().clone();
                tokio::spawn(sulk(self.office.url.clone(), token));
            }
            Nemesis::SignInElsewhere => {
                let token = self.office.sign_in(&somebody.name).await;
                somebody.token.send_replace(token);
            }
            Nemesis::StepClock => {
                let hours = [-2, -1, 1, 2][dice.below(4) as usize];
                self.house.step_clock(hours * HOUR);
                // The server looks once a second.
                tokio::time::sleep(Duration::from_millis(1200)).await;
            }
        }
        server
    }
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
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let house = House::new(
        data.path(),
        port,
        database.as_ref().map(|it| it.url.clone()),
    );
    let mut server = house.start();
    let setup_token = server.setup_token.clone().unwrap();
    let stage = Stage::set(house, &setup_token).await;
    let (mut listening, mut talking) = (Vec::new(), Vec::new());
    for member in &stage.members {
        listening.push(tokio::spawn(Arc::clone(member).listen()));
        let own = Dice(dice.below(u64::MAX) | 1);
        talking.push(tokio::spawn(Arc::clone(member).talk(own)));
    }
    let begun = Instant::now();
    let mut struck = BTreeMap::new();
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_millis(150 + dice.below(600))).await;
        let nemesis = Nemesis::of_round(round, &mut dice);
        server = stage.strike(nemesis, server, &mut dice).await;
        println!("round {round}: {nemesis:?}");
        *struck.entry(nemesis).or_insert(0) += 1;
    }
    // Let all come back before they stop talking.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for task in &talking {
        assert!(!task.is_finished(), "somebody stopped talking");
        task.abort();
    }
    let mut jumped = 0;
    for room in &stage.rooms {
        let history = stage.office.history(&stage.members[0], *room).await;
        check::wait_for_the_end(&stage.members, *room, history.last().unwrap().seq).await;
        // What was on its way when they stopped may have come since.
        let history = stage.office.history(&stage.members[0], *room).await;
        check::check_room(&stage.members, *room, &history);
        jumped += jumps(&history);
    }
    for task in &listening {
        assert!(!task.is_finished(), "somebody stopped listening");
    }
    assert!(
        !struck.contains_key(&Nemesis::StepClock) || jumped > 0,
        "the clock stayed"
    );
    println!(
        "{rounds} rounds in {:?}; the clock jumped {jumped} times",
        begun.elapsed()
    );
    tell(&stage, &struck, rounds);
}

/// Prints how much happened, and fails when less did than was meant.
fn tell(stage: &Stage, struck: &BTreeMap<Nemesis, u64>, rounds: u64) {
    let sum = |of: fn(&member::Seen) -> usize| -> usize {
        stage.members.iter().map(|it| of(&it.seen())).sum()
    };
    let acknowledged = sum(|it| it.acknowledged.len());
    let (broken, replaced) = (sum(|it| it.broken), sum(|it| it.replaced));
    let dead = stage.wire.dead.load(Ordering::Relaxed);
    assert!(acknowledged as u64 > rounds, "only {acknowledged} messages");
    let was = |nemesis| struck.contains_key(&nemesis);
    assert!(!was(Nemesis::HalfOpen) || dead > 0, "no connection died");
    assert!(
        !was(Nemesis::SignInElsewhere) || replaced > 0,
        "no session was replaced"
    );
    println!(
        "{struck:?}: {acknowledged} acknowledged, {broken} breaks, {dead} dead connections, {replaced} sessions replaced"
    );
}

/// How often an event is dated more than half an hour away from the one before.
fn jumps(events: &[Event]) -> usize {
    let is_jump = |pair: &&[Event]| (pair[1].at - pair[0].at).num_minutes().abs() > 30;
    events.windows(2).filter(is_jump).count()
}
