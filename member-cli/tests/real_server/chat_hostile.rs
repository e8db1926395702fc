//! A server that means harm to the terminal: escape sequences in every name and text.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::program::Program;
use crate::terminal::Terminal;

const EVIL: &str = "x\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{8}\u{7f}\u{202e}y";
const TIME: &str = "2026-01-01T00:00:00Z";
const SELF: Uuid = Uuid::from_u128(7);

fn person() -> Value {
    json!({"id": Uuid::nil(), "username": EVIL})
}

fn room() -> Value {
    json!({
        "id": Uuid::nil(), "name": EVIL, "kind": "group", "first_seq": 1, "last_seq": 1, "read_seq": 0, "unread": 1,
        "mentions": 0, "epoch": "e", "members_count": 2, "role": "member", "muted_until": null,
        "slow_mode_seconds": 0, "retention_days": null, "created_at": TIME, "last_event_at": TIME,
    })
}

fn event(seq: i64, kind: &str) -> Value {
    json!({
        "room_id": Uuid::nil(), "seq": seq, "kind": kind, "message_id": Uuid::nil(), "account": person(),
        "by": person(), "body": format!("{EVIL}\n{EVIL}"), "at": TIME,
    })
}

fn friends() -> Value {
    let request = json!({"account": person(), "created_at": TIME});
    json!({
        "friends": [{"account": person(), "online": true, "since": TIME}],
        "incoming": [request], "outgoing": [request], "blocked": [request],
    })
}

fn account() -> Value {
    json!({
        "id": SELF, "username": "bob", "real_name": null, "role": "member", "is_vip": false, "vip_until": null,
        "is_locked": false, "created_at": TIME, "phone": null, "address": null, "email": null, "locale": null,
        "balance": 0, "unread_notices": 0, "show_last_seen": true, "drive": {"used": 0, "quota": 1},
    })
}

fn answer(path: &str) -> Option<Value> {
    let page = |item: Value| json!({"items": [item], "next_cursor": null});
    Some(match path.split('?').next()? {
        "/api/v1/me" => account(),
        "/api/v1/friends" => friends(),
        "/api/v1/rooms" => page(room()),
        path if path.ends_with("/members") => page(json!({
            "account": person(), "role": "owner", "joined_at": TIME, "muted_until": null,
        })),
        path if path.ends_with("/events") => json!({
            "items": [event(1, "message")], "next_cursor": null, "first_seq": 1, "last_seq": 1, "epoch": "e",
        }),
        path if path.ends_with("/messages") => event(1, "message"),
        path if path.starts_with("/api/v1/rooms/") => room(),
        _ => return None,
    })
}

async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    actix_web::rt::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            actix_web::rt::spawn(serve_one(stream));
        }
    });
    url
}

async fn serve_one(mut stream: TcpStream) {
    let mut head = [0; 4096];
    let size = loop {
        let size = stream.peek(&mut head).await.unwrap();
        if size == 0 || head[..size].windows(4).any(|it| it == b"\r\n\r\n") {
            break size;
        }
    };
    let text = String::from_utf8_lossy(&head[..size]).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default();
    if path.ends_with("/realtime") {
        return live(stream).await;
    }
    let _ = stream.read(&mut head).await;
    let (status, body) = match answer(path) {
        Some(body) => ("200 OK", body),
        None => (
            "404 Not Found",
            json!({
                "type": "about:blank", "title": EVIL, "status": 404, "code": "not_found", "detail": EVIL, "request_id": "r",
            }),
        ),
    };
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// Says everything that can be pushed, and then something harmless.
async fn live(stream: TcpStream) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        let Ok(text) = message.to_text() else {
            continue;
        };
        let Ok(request) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        let ok = match request["op"].as_str() {
            Some("subscribe") => json!({"recovered": true, "events": [], "seq": 1, "epoch": "e"}),
            _ => json!({}),
        };
        let mut said = vec![json!({"re": request["id"], "ok": ok})];
        if request["op"] == "subscribe" {
            let kinds = [
                "message", "edit", "delete", "reaction", "join", "rename", "kick", "role",
            ];
            said.extend((2..).zip(kinds).map(|(seq, kind)| {
                let mut event = event(seq, kind);
                event["ev"] = json!("event");
                event
            }));
            said.push(json!({"ev": "typing", "room_id": Uuid::nil(), "account_id": Uuid::nil(), "username": EVIL}));
            said.push(json!({"ev": "friend_request", "account": person(), "created_at": TIME}));
            said.push(json!({"ev": "friend", "account": person(), "state": "friends"}));
            let mut last = event(20, "message");
            (last["ev"], last["body"]) = (json!("event"), json!("that was all"));
            said.push(last);
        }
        let lines: Vec<_> = said.iter().map(Value::to_string).collect();
        if socket.send(Message::text(lines.join("\n"))).await.is_err() {
            return;
        }
    }
}

fn is_harmless(text: &str) {
    let found = text.find(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}');
    assert_eq!(found, None, "{text:?}");
}

#[actix_web::test]
async fn lists_and_answers_cannot_drive_the_terminal() {
    let mut program = Program::new(&serve().await);
    program.signs_in_with("t");
    for words in [
        &["friends"][..],
        &["rooms"],
        &["rooms", "members", &Uuid::nil().to_string()],
        &["send", &Uuid::nil().to_string(), "text"],
    ] {
        let outcome = program.run(words).await;
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert!(outcome.stdout.contains('x'), "{outcome:?}");
        is_harmless(&outcome.stdout);
        is_harmless(&outcome.stderr);
    }
    // What the server says is wrong, as well.
    let refused = program.fails(&["friends", "add", "x"], 4).await;
    assert!(refused.contains('x'), "{refused}");
    is_harmless(&refused);
}

#[actix_web::test]
async fn nothing_that_is_said_can_drive_the_terminal() {
    let mut program = Program::new(&serve().await);
    program.signs_in_with("t");
    let room = Uuid::nil().to_string();
    let mut child = program
        .command(&["chat", &room, "--watch"])
        .spawn()
        .unwrap();
    let (mut seen, mut stdout) = (String::new(), child.stdout.take().unwrap());
    let mut buffer = [0; 4096];
    while !seen.contains("that was all") {
        let read = stdout.read(&mut buffer).await.unwrap();
        if read == 0 {
            let mut why = String::new();
            let mut stderr = child.stderr.take().unwrap();
            stderr.read_to_string(&mut why).await.unwrap();
            panic!("it ended early: {seen}{why}");
        }
        seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    child.kill().await.unwrap();
    let mut told = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .await
        .unwrap();
    assert!(told.contains("are friends"), "{told}");
    is_harmless(&seen);
    is_harmless(&told);

    // At a terminal there are sequences of our own, but none of theirs.
    let mut terminal = Terminal::open(&program, &["chat", &room]);
    terminal.shows("that was all").await;
    let screen = terminal.all();
    for theirs in [
        "\u{1b}[2J",
        "\u{1b}]0",
        "\u{7}",
        "\u{9b}",
        "\u{8}",
        "\u{7f}",
        "\u{202e}",
    ] {
        assert!(!screen.contains(theirs), "{theirs:?}: {screen:?}");
    }
    terminal.type_in("\u{4}").await;
    assert_eq!(terminal.ends().await, 0);
}
