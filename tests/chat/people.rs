//! What the tests of this binary share: people who talk.

use playhouse_test_support::{Person, TestApp, text};
use reqwest::Response;
use serde_json::{Value, json};

/// A server that does not count.
pub(crate) async fn start() -> TestApp {
    TestApp::start_with(|config| {
        config.chat.messages_per_minute = 1_000_000;
        config.chat.friend_requests_per_hour = 1_000_000;
        config.chat.rooms_per_hour = 1_000_000;
        config.accounts.registrations_per_hour = 1_000_000;
    })
    .await
}

/// The body of an answer that must have this status.
pub(crate) async fn body(answer: Response, status: u16) -> Value {
    let found = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    match text.is_empty() {
        true => Value::Null,
        false => serde_json::from_str(&text).unwrap(),
    }
}

pub(crate) async fn befriend(one: &Person, other: &Person) {
    let ask = json!({"username": other.name});
    body(one.post("/friends/requests", ask).await, 201).await;
    let accept = format!("/friends/requests/{}/accept", one.id);
    let made = body(other.post(&accept, json!({})).await, 200).await;
    assert_eq!(made["state"], "friends");
}

/// Makes a group room; its id.
pub(crate) async fn create(owner: &Person, name: &str) -> String {
    let room = body(owner.post("/rooms", json!({"name": name})).await, 201).await;
    text(&room["id"])
}

pub(crate) async fn join(who: &Person, name: &str) -> Value {
    body(who.post("/rooms/join", json!({"name": name})).await, 200).await
}

/// Says something under an id of its own, and returns the answer.
pub(crate) async fn say(who: &Person, room: &str, words: &str) -> Response {
    let id = uuid::Uuid::now_v7().to_string();
    say_as(who, room, words, &id).await
}

pub(crate) async fn say_as(who: &Person, room: &str, words: &str, id: &str) -> Response {
    let message = json!({"client_msg_id": id, "body": words});
    who.post(&format!("/rooms/{room}/messages"), message).await
}

/// Says something that must be taken, and returns the event.
pub(crate) async fn said(who: &Person, room: &str, words: &str) -> Value {
    body(say(who, room, words).await, 201).await
}

/// The whole log of a room.
pub(crate) async fn log(who: &Person, room: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = who
            .get_json(&format!("/rooms/{room}/events?after_seq={after}&limit=200"))
            .await;
        let items = page["items"].as_array().unwrap().clone();
        all.extend(items);
        if page["next_cursor"].is_null() {
            return all;
        }
        after = all.last().unwrap()["seq"].as_i64().unwrap();
    }
}

pub(crate) fn seqs(events: &[Value]) -> Vec<i64> {
    events
        .iter()
        .map(|it| it["seq"].as_i64().unwrap())
        .collect()
}

pub(crate) fn bodies(events: &[Value]) -> Vec<String> {
    events.iter().map(|it| text(&it["body"])).collect()
}

pub(crate) fn kinds(events: &[Value]) -> Vec<String> {
    events.iter().map(|it| text(&it["kind"])).collect()
}

/// Fails unless the numbers are 1, 2, 3 and so on.
pub(crate) fn assert_no_gap(events: &[Value]) {
    let expected: Vec<i64> = (1..).take(events.len()).collect();
    assert_eq!(seqs(events), expected);
}
