//! Clients that do not read, do not answer, or come and go.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use playhouse::accounts::Role;
use playhouse::events::Audience;
use playhouse_api::events::Event;
use playhouse_api::notices::Notice;
use playhouse_test_support::{Person, TestApp};
use serde_json::{Value, json};

use crate::wire::{Raw, Socket, figure, frame, resident, settles};

async fn publish(admin: &Person, size: usize) {
    let notice = json!({"title": "Loud", "body": "x".repeat(size)});
    assert_eq!(admin.post("/notices", notice).await.status(), 201);
}

#[actix_web::test]
async fn who_does_not_read_is_ended_and_nobody_else_waits() {
    let app = TestApp::start_with(|config| config.realtime.outbox_bytes = 150_000).await;
    let admin = app.admin().await;
    let (slow, quick) = (app.newcomer(Role::Member).await, app.member("anna").await);
    let mut reads = Socket::open(&app, &quick).await;
    let sleeps = Raw::open(&app, &slow).await;
    let slow_readers = "playhouse_realtime_endings_total{code=\"3008\"}";
    let (begun, mut told) = (Instant::now(), 0);
    // The kernel takes a few megabytes for the sleeper before the outbox has to.
    while figure(&app, slow_readers).await < 1.0 {
        publish(&admin, 60_000).await;
        told += 1;
        reads.push("notice").await;
        assert!(begun.elapsed() < Duration::from_secs(60), "{told} notices");
    }
    assert!(told > 1, "one notice fits");
    drop(sleeps);
    publish(&admin, 10).await;
    reads.push("notice").await;
    settles(&app, "playhouse_realtime_sockets", 1.0).await;
}

/// It reads nothing for a while, and then everything: whole frames up to the close code.
#[actix_web::test]
async fn who_reads_again_in_time_finds_whole_frames_and_the_code() {
    let app = TestApp::start_with(|config| config.realtime.outbox_bytes = 150_000).await;
    let slow = app.newcomer(Role::Member).await;
    let mut socket = Socket::open(&app, &slow).await;
    let notice: Notice = serde_json::from_value(json!({
        "id": uuid::Uuid::nil(), "title": "Loud", "body": "x".repeat(60_000), "body_html": "", "pinned": false,
        "read": false, "author": "admin", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"
    }))
    .unwrap();
    let count = 400;
    for _ in 0..count {
        let event = Event::Notice(notice.clone());
        app.app().events.push(Audience::Everyone, event);
    }
    // Time to pass them on, before anything is read.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut seen = 0;
    let code = loop {
        match socket.next().await {
            Ok(push) => {
                assert_eq!(push["body"].as_str().unwrap().len(), 60_000);
                seen += 1;
            }
            Err(code) => break code,
        }
    };
    assert_eq!(code, 3008);
    assert!(seen < count, "all {seen} fit into the kernel");
}

#[actix_web::test]
async fn who_does_not_answer_a_ping_is_cut() {
    let app = TestApp::start_with(|config| {
        config.realtime.ping_seconds = 1;
        config.realtime.pong_seconds = 1;
    })
    .await;
    let member = app.member("anna").await;
    let mut mute = Raw::open(&app, &member).await;
    let mut answers = Socket::open(&app, &member).await;
    // Reading answers pings.
    let both = async {
        tokio::select! {
            code = mute.end() => code,
            next = answers.next() => panic!("{next:?}"),
        }
    };
    assert_eq!(both.await, 1006);
    let mut pongs = Raw::open(&app, &member).await;
    let beat = async {
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            pongs.send(&frame(0x8a, b"")).await;
        }
    };
    tokio::select! {
        () = beat => {}
        next = answers.next() => panic!("{next:?}"),
    }
    settles(&app, "playhouse_realtime_sockets", 2.0).await;
    assert_eq!(answers.done(json!({"op": "ping"})).await, json!({}));
}

/// Connections that are opened in the long run, after as many again as a tenth.
const CYCLES: usize = 10_000;
/// How many come and go side by side.
const LANES: usize = 8;

#[actix_web::test]
async fn ten_thousand_connections_that_come_and_go_leave_nothing() {
    let app = TestApp::start_with(|config| {
        config.realtime.connects_per_minute = 1_000_000;
        config.realtime.max_per_account = 1_000;
    })
    .await;
    let member = app.member("anna").await;
    let room: Value = member
        .post("/rooms", json!({"name": "Through and through"}))
        .await
        .json()
        .await
        .unwrap();
    let subscribe = json!({"op": "subscribe", "room": room["id"]});
    let lane = async |count: usize| {
        for number in 0..count {
            match number % 4 {
                0 => drop(Raw::open(&app, &member).await),
                1 => drop(Socket::open(&app, &member).await),
                2 => {
                    let mut socket = Socket::open(&app, &member).await;
                    socket.done(subscribe.clone()).await;
                }
                _ => {
                    Socket::open(&app, &member).await.close().await;
                }
            }
        }
    };
    let cycle = async |count: usize| {
        join_all((0..LANES).map(|_| lane(count / LANES))).await;
        settles(&app, "playhouse_realtime_sockets", 0.0).await;
        settles(&app, "playhouse_realtime_rooms", 0.0).await;
    };
    cycle(CYCLES / 10).await;
    let (begun, before) = (Instant::now(), resident());
    cycle(CYCLES).await;
    let grown = resident().saturating_sub(before);
    println!(
        "{CYCLES} connections in {:?}, {grown} bytes more",
        begun.elapsed()
    );
    assert!(
        grown < 4 << 20,
        "{grown} bytes more after {CYCLES} connections"
    );
}
