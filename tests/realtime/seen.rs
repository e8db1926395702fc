//! When somebody was here last: noted at the end of their last connection, shown to those who show it themselves.

use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

use crate::wire::{PATIENCE, Socket};

async fn start() -> TestApp {
    TestApp::start_with(|config| {
        config.realtime.presence_grace_seconds = 0;
        config.realtime.presence_every_ms = 50;
        config.chat.friend_requests_per_hour = 1000;
    })
    .await
}

async fn befriend(one: &Person, other: &Person) {
    let asked = one
        .post("/friends/requests", json!({"username": other.name}))
        .await;
    assert_eq!(asked.status(), 201);
    let accept = format!("/friends/requests/{}/accept", one.id);
    assert_eq!(other.post(&accept, json!({})).await.status(), 200);
}

async fn shows(who: &Person, it: bool) {
    let changed = who.patch("/me", json!({"show_last_seen": it})).await;
    assert_eq!(changed.status(), 200);
    let me: Value = changed.json().await.unwrap();
    assert_eq!(me["show_last_seen"], it);
}

/// What the list of friends says of the only one.
async fn seen_by(who: &Person) -> Value {
    who.get_json("/friends").await["friends"][0]["last_seen_at"].clone()
}

/// Waits until the list of friends says that the only one was seen after a time.
async fn noted(who: &Person, after: &str) -> String {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let seen = text(&seen_by(who).await);
        if seen.as_str() > after {
            return seen;
        }
        assert!(std::time::Instant::now() < deadline, "still {seen:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn friends_and_fellows_see_when_somebody_was_here_last() {
    let app = start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    befriend(&anna, &ben).await;
    assert_eq!(seen_by(&anna).await, Value::Null, "ben was never here");
    let begun = app.clock.now().and_utc().to_rfc3339();
    let bens = Socket::open(&app, &ben).await;
    assert_eq!(seen_by(&anna).await, Value::Null, "he is here");
    app.advance(chrono::TimeDelta::minutes(7));
    let mut annas = Socket::open(&app, &anna).await;
    let look = json!({"op": "presence", "accounts": [ben.id]});
    let seen = annas.done(look.clone()).await;
    assert_eq!(
        seen["accounts"],
        json!([{"account_id": ben.id, "online": true}])
    );
    bens.close().await;
    let away = annas.push("presence").await;
    assert_eq!(away["online"], false);
    let told = text(&away["last_seen_at"]);
    assert_eq!(noted(&anna, &begun).await, told);
    let seen = annas.done(look).await;
    let expected = json!([{"account_id": ben.id, "online": false, "last_seen_at": told}]);
    assert_eq!(seen["accounts"], expected);
    // Of hello and of members the same is true.
    let hello = Socket::open(&app, &anna).await.hello;
    assert_eq!(hello["friends"][0]["last_seen_at"], json!(told));
    let room = anna.post("/rooms", json!({"name": "hall"})).await;
    let room: Value = room.json().await.unwrap();
    let members = format!("/rooms/{}/members", text(&room["id"]));
    let invite = anna.post(&members, json!({"account_id": ben.id})).await;
    assert_eq!(invite.status(), 201);
    let last_seen_of = |list: Value, who: &Person| {
        let all = list["items"].as_array().unwrap().clone();
        let found = all
            .into_iter()
            .find(|it| it["account"]["id"] == json!(who.id));
        found.unwrap()["last_seen_at"].clone()
    };
    let list = anna.get_json(&members).await;
    assert_eq!(last_seen_of(list, &ben), json!(told));
    // A stranger in the same room sees it, unless there is a block.
    let eve = app.member("eve").await;
    assert_eq!(
        eve.post("/rooms/join", json!({"name": "hall"}))
            .await
            .status(),
        200
    );
    assert_eq!(
        last_seen_of(eve.get_json(&members).await, &ben),
        json!(told)
    );
    assert!(
        ben.put(&format!("/blocks/{}", eve.id), json!({}))
            .await
            .status()
            .is_success()
    );
    assert_eq!(
        last_seen_of(eve.get_json(&members).await, &ben),
        Value::Null
    );
}

#[actix_web::test]
async fn who_does_not_show_it_does_not_see_it() {
    let app = start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    befriend(&anna, &ben).await;
    for who in [&anna, &ben] {
        Socket::open(&app, who).await.close().await;
    }
    let first = noted(&anna, "").await;
    noted(&ben, "").await;
    let mut annas = Socket::open(&app, &anna).await;
    let look = json!({"op": "presence", "accounts": [ben.id]});
    annas.done(look.clone()).await;

    // Anna hides hers: she sees nothing of ben, on the connection that she has as well.
    shows(&anna, false).await;
    assert_eq!(seen_by(&anna).await, Value::Null);
    let seen = annas.done(look.clone()).await;
    assert_eq!(
        seen["accounts"],
        json!([{"account_id": ben.id, "online": false}])
    );
    let bens = Socket::open(&app, &ben).await;
    assert_eq!(annas.push("presence").await["online"], true);
    bens.close().await;
    let away = annas.push("presence").await;
    assert_eq!(
        away,
        json!({"ev": "presence", "account_id": ben.id, "online": false})
    );
    // And nothing of hers is kept, whatever she shows later.
    assert_eq!(seen_by(&ben).await, Value::Null);
    annas.close().await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    shows(&anna, true).await;
    assert_eq!(seen_by(&ben).await, Value::Null);
    assert!(
        text(&seen_by(&anna).await) > first,
        "ben's was noted meanwhile"
    );
    let annas = Socket::open(&app, &anna).await;
    annas.close().await;
    noted(&ben, "").await;

    // Shown again in the middle of a connection, the next absence says when it began.
    shows(&anna, false).await;
    let mut annas = Socket::open(&app, &anna).await;
    annas.done(look).await;
    shows(&anna, true).await;
    let bens = Socket::open(&app, &ben).await;
    assert_eq!(annas.push("presence").await["online"], true);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    bens.close().await;
    assert!(annas.push("presence").await["last_seen_at"].is_string());
}

#[actix_web::test]
async fn a_stopping_server_notes_who_was_here() {
    let app = start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    befriend(&anna, &ben).await;
    let mut bens = Socket::open(&app, &ben).await;
    app.advance(chrono::TimeDelta::minutes(3));
    let before = (app.clock.now() - chrono::TimeDelta::seconds(30))
        .and_utc()
        .to_rfc3339();
    let (code, app) = tokio::join!(bens.end(), app.restart_with(|_| {}));
    assert_eq!(code, 3001);
    let anna = app.with_token(anna.token.as_ref().unwrap());
    assert!(text(&seen_by(&anna).await) > before);
}
