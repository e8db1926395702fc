//! A house whose messages were kept in three places, and then in one.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query,
};
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

use crate::people::{body, create, join, log, said, start};

const MIGRATION: &str = "2026-11-22-000022_messages_once";
const FORGET: &str = "DELETE FROM __diesel_schema_migrations WHERE version = '20261122000022';";
/// Events of messages whose log has no row of their own.
const MISSING: &str = "SELECT COUNT(*) AS count FROM messages m LEFT JOIN room_events e \
    ON e.room_id = m.room_id AND e.seq = m.seq AND e.kind = 'message' AND e.message_id = m.id \
    WHERE e.seq IS NULL OR (m.deleted_at IS NULL AND e.body IS NULL)";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Takes the migration back, after which each event is in the log; how many were not before.
fn make_older(postgres: Option<&str>, data: &Path) -> i64 {
    let folder = if postgres.is_some() {
        "postgres"
    } else {
        "sqlite"
    };
    let root = env!("CARGO_MANIFEST_DIR");
    let down = format!("{root}/migrations/{folder}/{MIGRATION}/down.sql");
    let down = std::fs::read_to_string(down).unwrap() + FORGET;
    let counts: [Count; 2] = match postgres {
        Some(url) => {
            let mut conn = PgConnection::establish(url).unwrap();
            let before = sql_query(MISSING).get_result(&mut conn).unwrap();
            conn.batch_execute(&down).unwrap();
            [before, sql_query(MISSING).get_result(&mut conn).unwrap()]
        }
        None => {
            let path = data.join("playhouse.db");
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            conn.batch_execute("PRAGMA foreign_keys = ON").unwrap();
            let before = sql_query(MISSING).get_result(&mut conn).unwrap();
            conn.batch_execute(&down).unwrap();
            [before, sql_query(MISSING).get_result(&mut conn).unwrap()]
        }
    };
    let [before, after] = counts.map(|it| it.count);
    assert_eq!(after, 0, "events that the older house would not find");
    before
}

/// All that somebody can read of a room.
async fn seen(who: &Person, room: &str) -> Vec<Value> {
    let mut all = log(who, room).await;
    for path in [
        "messages?limit=200",
        "events?q=apple",
        "events?q=pea&after_seq=0",
        "events?q=gone",
        "events?q=apple&before_seq=6",
    ] {
        all.push(who.get_json(&format!("/rooms/{room}/{path}")).await);
    }
    all.push(who.get_json(&format!("/rooms/{room}")).await);
    all
}

async fn upgraded(app: TestApp) -> TestApp {
    let url = app.database_url().map(str::to_owned);
    app.restart_with(|config| {
        let moved = make_older(url.as_deref(), &config.data_dir);
        assert_eq!(moved, 5, "messages that are their own events");
    })
    .await
}

#[actix_web::test]
async fn messages_of_before_are_read_as_before_and_go_on() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let room = create(&ann, "club").await;
    join(&bob, "club").await;
    let plain = said(&ann, &room, "apple for @bob").await;
    let edited = said(&ann, &room, "apple, edited").await;
    let deleted = said(&bob, &room, "gone apple").await;
    let both = said(&ann, &room, "gone apple, edited").await;
    let reply = json!({"client_msg_id": "r", "body": "a pear", "reply_to": plain["message_id"]});
    let messages = format!("/rooms/{room}/messages");
    let reply = body(bob.post(&messages, reply).await, 201).await;
    let reacted = said(&ann, &room, "apple three").await;
    let path = |event: &Value| format!("{messages}/{}", text(&event["message_id"]));
    body(
        ann.patch(&path(&edited), json!({"body": "pears @bob"}))
            .await,
        200,
    )
    .await;
    body(
        ann.patch(&path(&both), json!({"body": "gone again"})).await,
        200,
    )
    .await;
    for (who, gone) in [(&bob, &deleted), (&ann, &both)] {
        assert_eq!(who.delete(&path(gone)).await.status(), 204);
    }
    let emoji = format!("{}/reactions/👍", path(&reacted));
    assert_eq!(bob.put(&emoji, json!({})).await.status(), 204);
    let last = said(&bob, &room, "the last apple").await;
    let before = [seen(&ann, &room).await, seen(&bob, &room).await];
    assert_eq!(
        before[0]
            .iter()
            .filter(|it| it["kind"] == "message")
            .count(),
        7
    );

    let app = upgraded(app).await;
    let (ann, bob) = (
        app.with_token(ann.token.as_ref().unwrap()),
        app.with_token(bob.token.as_ref().unwrap()),
    );
    assert_eq!([seen(&ann, &room).await, seen(&bob, &room).await], before);
    // The same again, an edit, a deletion and something new.
    let again = json!({"client_msg_id": "r", "body": "another"});
    assert_eq!(body(bob.post(&messages, again).await, 200).await, reply);
    body(
        ann.patch(&path(&plain), json!({"body": "plums"})).await,
        200,
    )
    .await;
    assert_eq!(bob.delete(&path(&last)).await.status(), 204);
    said(&ann, &room, "apple four").await;
    let hits = async |q: &str| {
        let found = ann.get_json(&format!("/rooms/{room}/events?q={q}")).await;
        let hits = found["items"].as_array().unwrap().iter();
        hits.map(|it| text(&it["body"])).collect::<Vec<_>>()
    };
    assert_eq!(hits("apple").await, ["apple three", "apple four"]);
    assert_eq!(hits("p").await, ["a pear", "pears @bob", "plums"]);
    let events = log(&ann, &room).await;
    let numbers: Vec<i64> = events
        .iter()
        .map(|it| it["seq"].as_i64().unwrap())
        .collect();
    let end = i64::try_from(events.len()).unwrap();
    assert_eq!(numbers, (1..=end).collect::<Vec<_>>());
    assert_eq!(
        events.iter().find(|it| it["seq"] == plain["seq"]),
        Some(&plain)
    );
}
