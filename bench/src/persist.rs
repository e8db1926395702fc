//! Measures how many messages a second are acknowledged (which is: durable) with 200 senders in 50 rooms: each in a
//! commit of its own, and as the writer commits together what waits together.
//!
//! `cargo run --release -p playhouse-bench --bin persist [FOLDER] [DATABASE_URL]`, with a folder on a real disk. Without an address the
//! database is SQLite in that folder; an address names an empty PostgreSQL database.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use playhouse::accounts::{Role, Via, Viewer};
use playhouse::app::App;
use playhouse::chat::{Caller, Chat, Sent};
use playhouse::clock::Clock;
use playhouse::config::Config;
use playhouse::ids::{RoomId, SessionId};
use playhouse_api::accounts::NewAccount;
use playhouse_api::chat::{JoinRoom, NewMessage, NewRoom};
use tokio::sync::Mutex;

const SENDERS: usize = 200;
const ROOMS: usize = 50;
const SECONDS: u64 = 5;
const ROUNDS: usize = 3;

#[actix::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "/var/tmp".to_owned());
    let folder = tempfile::tempdir_in(folder)?;
    let app = build(folder.path(), arguments.next())?;
    let crowd = crowd(&app).await?;
    println!("| {SENDERS} senders, {ROOMS} rooms | messages/s | p50 ms | p99 ms |");
    println!("|---|---|---|---|");
    for _ in 0..ROUNDS {
        for (name, is_alone) in [("one commit each", true), ("together", false)] {
            let mut took = rate(&app.chat, &crowd, is_alone).await?;
            took.sort_unstable();
            let at = |part: usize| {
                took.get(took.len() * part / 100)
                    .copied()
                    .unwrap_or_default()
            };
            let (p50, p99) = (at(50).as_secs_f64() * 1e3, at(99).as_secs_f64() * 1e3);
            let each_second = took.len() as u64 / SECONDS;
            println!("| {name} | {each_second} | {p50:.1} | {p99:.1} |");
        }
    }
    check(&app, &crowd).await
}

fn build(folder: &Path, database: Option<String>) -> anyhow::Result<App> {
    let mut config = Config {
        data_dir: folder.to_owned(),
        ..Config::default()
    };
    config.accounts.bcrypt_cost = 4;
    config.chat.messages_per_minute = u32::MAX;
    config.chat.rooms_per_hour = u32::MAX;
    if let Some(url) = database {
        config.database.url = url;
    }
    App::build(config, Clock::default())
}

type Crowd = Vec<(Caller, RoomId)>;

/// Senders, each with a room: four to a room.
async fn crowd(app: &App) -> anyhow::Result<Crowd> {
    let mut crowd = Vec::with_capacity(SENDERS);
    for number in 0..SENDERS {
        let new: NewAccount = serde_json::from_value(serde_json::json!({
            "username": format!("sender_{number}"), "password": "open sesame",
        }))?;
        let account = app.accounts.create(new, Role::Member).await?;
        let caller = Caller {
            viewer: Arc::new(Viewer {
                account: Arc::new(account),
                via: Via::Session(SessionId::generate()),
            }),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            request_id: String::new(),
        };
        let name = format!("room {}", number % ROOMS);
        let room = match number < ROOMS {
            true => app.chat.create_room(&caller, NewRoom { name }).await?,
            false => app.chat.join_room(&caller, JoinRoom { name }).await?,
        };
        crowd.push((caller, RoomId::from(room.id)));
    }
    Ok(crowd)
}

/// How long each message took, of those that were acknowledged in time.
async fn rate(chat: &Chat, crowd: &Crowd, is_alone: bool) -> anyhow::Result<Vec<Duration>> {
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let turn = Arc::new(Mutex::new(()));
    let sending = crowd.iter().cloned().map(|(caller, room)| {
        let (chat, turn) = (chat.clone(), Arc::clone(&turn));
        tokio::spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                let _turn = match is_alone {
                    true => Some(turn.lock().await),
                    false => None,
                };
                let message = NewMessage {
                    client_msg_id: SessionId::generate().to_string(),
                    body: "A hundred and fifty bytes are about what somebody says at once: where we meet, when, \
                           and who brings what to eat. Then somebody answers."
                        .to_owned(),
                    reply_to: None,
                };
                let sent = chat.send(&caller, room.clone(), message).await?;
                anyhow::ensure!(matches!(sent, Sent::New(_)), "a message was there already");
                took.push(begun.elapsed());
            }
            Ok(took)
        })
    });
    let mut all = Vec::new();
    for sent in futures_util::future::join_all(sending).await {
        all.extend(sent.context("a task ended early")??);
    }
    Ok(all)
}

/// The logs have no gap.
async fn check(app: &App, crowd: &Crowd) -> anyhow::Result<()> {
    for (caller, room) in crowd.iter().take(ROOMS) {
        let head = app.chat.may_listen(&caller.viewer, room).await?;
        let (mut after, mut count) = (0, 0);
        loop {
            let events = app.chat.between(room, after, head.last_seq).await?;
            let Some(last) = events.last() else { break };
            after = last.seq;
            count += i64::try_from(events.len())?;
        }
        anyhow::ensure!(count == head.last_seq, "room {room} has a gap");
    }
    println!("every log is without a gap");
    Ok(())
}
