//! Rooms over the live connection: what is said reaches everybody once, in order, and nobody else.

use std::time::Duration;

use playhouse::accounts::Role;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::wire::{Socket, settles};

/// A room of these members; the first one owns it.
async fn room_of(members: &[&Person]) -> Value {
    let name = format!("room {}", Uuid::now_v7());
    let made = members[0].post("/rooms", json!({"name": name})).await;
    assert_eq!(made.status(), 201);
    for member in &members[1..] {
        let joined = member.post("/rooms/join", json!({"name": name})).await;
        assert!(joined.status().is_success());
    }
    made.json().await.unwrap()
}

async fn befriend(one: &Person, other: &Person) {
    let path = format!("/friends/requests/{}/accept", one.id);
    let asked = one
        .post("/friends/requests", json!({"username": other.name}))
        .await;
    assert!(asked.status().is_success());
    assert!(other.post(&path, json!({})).await.status().is_success());
}

fn send(room: &Value, body: &str) -> Value {
    json!({"op": "send", "room": room["id"], "client_msg_id": Uuid::now_v7(), "body": body})
}

async fn subscribe(socket: &mut Socket, room: &Value) -> Value {
    let found = socket
        .done(json!({"op": "subscribe", "room": room["id"]}))
        .await;
    assert_eq!(found["recovered"], false);
    found
}

#[actix_web::test]
async fn what_is_said_reaches_everybody_once_and_in_order() {
    let app = TestApp::start_with(|config| config.server.workers = 2).await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let eve = app.member("eve").await;
    let room = room_of(&[&anna, &ben]).await;
    let mut annas = Socket::open(&app, &anna).await;
    let mut bens = [
        Socket::open(&app, &ben).await,
        Socket::open(&app, &ben).await,
    ];
    assert_eq!(annas.hello["rooms"][0]["id"], room["id"]);
    let mut last = subscribe(&mut annas, &room).await["seq"].as_i64().unwrap();
    for socket in &mut bens {
        subscribe(socket, &room).await;
    }
    let mut eves = Socket::open(&app, &eve).await;
    let refused = eves
        .ask(json!({"op": "subscribe", "room": room["id"]}))
        .await;
    assert_eq!(refused["error"]["code"], "no_such_room");
    for body in ["hello", "<b>é\u{202e} 你好 🎬</b>", &"x".repeat(4000)] {
        let event = annas.done(send(&room, body)).await;
        last += 1;
        assert_eq!(
            (&event["seq"], &event["body"]),
            (&json!(last), &json!(body))
        );
        for socket in &mut bens {
            let mut push = socket.push("event").await;
            push.as_object_mut().unwrap().remove("ev");
            assert_eq!(push, event);
        }
    }
    // The sender's own screen gets what it sent, and over HTTP the same way.
    let path = format!("/rooms/{}/messages", text(&room["id"]));
    let sent = anna
        .post(
            &path,
            json!({"client_msg_id": "over-http", "body": "by post"}),
        )
        .await;
    assert_eq!(sent.status(), 201);
    for socket in &mut bens {
        assert_eq!(socket.push("event").await["body"], "by post");
    }
    assert_eq!(eves.done(json!({"op": "ping"})).await, json!({}));
    drop((annas, bens, eves));
    settles(&app, "playhouse_realtime_rooms", 0.0).await;
}

#[actix_web::test]
async fn the_same_client_msg_id_is_one_message() {
    let app = TestApp::start().await;
    let anna = app.member("anna").await;
    let room = room_of(&[&anna]).await;
    let mut socket = Socket::open(&app, &anna).await;
    let message = send(&room, "once");
    let first = socket.done(message.clone()).await;
    assert_eq!(socket.done(message).await, first);
    let refused = socket.ask(send(&room, "")).await;
    assert_eq!(refused["error"]["code"], "invalid");
}

#[actix_web::test]
async fn who_comes_back_gets_what_was_missed_or_is_told_to_start_over() {
    let app = TestApp::start_with(|config| config.chat.resume_events = 20).await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let room = room_of(&[&anna, &ben]).await;
    let mut bens = Socket::open(&app, &ben).await;
    let seen = subscribe(&mut bens, &room).await;
    bens.close().await;
    let mut annas = Socket::open(&app, &anna).await;
    for number in 0..10 {
        annas.done(send(&room, &number.to_string())).await;
    }
    let resume = |after: &Value, epoch: &Value| json!({"op": "subscribe", "room": room["id"], "after_seq": after, "epoch": epoch});
    let app = app.restart_with(|_| {}).await;
    let mut bens = Socket::open(&app, &app.with_token(ben.token.as_ref().unwrap())).await;
    let found = bens.done(resume(&seen["seq"], &seen["epoch"])).await;
    assert_eq!(found["recovered"], true);
    let bodies: Vec<&str> = found["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let mut annas = Socket::open(&app, &app.with_token(anna.token.as_ref().unwrap())).await;
    annas.done(send(&room, "live again")).await;
    assert_eq!(bens.push("event").await["body"], "live again");
    // Nothing was missed: everything is an empty list. Who has seen nothing needs no epoch.
    let last = bens.done(resume(&seen["seq"], &seen["epoch"])).await["seq"].clone();
    let found = bens.done(resume(&last, &seen["epoch"])).await;
    assert_eq!(
        found,
        json!({"recovered": true, "events": [], "seq": last, "epoch": seen["epoch"]})
    );
    let found = bens.done(resume(&json!(0), &Value::Null)).await;
    assert_eq!(found["recovered"], true);
    let first = &found["events"].as_array().unwrap()[0];
    assert_eq!((&first["seq"], &first["kind"]), (&json!(1), &json!("join")));
    let found = bens.done(resume(&seen["seq"], &Value::Null)).await;
    assert_eq!(
        found,
        json!({"recovered": false, "seq": last, "epoch": seen["epoch"]})
    );
    // Yesterday's epoch, an event that never was, and too much.
    for (after, epoch) in [
        (seen["seq"].clone(), json!("yesterday's")),
        (json!(1_000_000), seen["epoch"].clone()),
        (json!(-5), seen["epoch"].clone()),
    ] {
        let found = bens.done(resume(&after, &epoch)).await;
        assert_eq!(found["recovered"], false, "{after} {epoch}: {found}");
        assert!(found["events"].is_null());
    }
    for number in 0..21 {
        annas.done(send(&room, &number.to_string())).await;
    }
    let found = bens.done(resume(&seen["seq"], &seen["epoch"])).await;
    assert_eq!(found["recovered"], false);
}

#[actix_web::test]
async fn whoever_is_put_out_gets_nothing_more() {
    let app = TestApp::start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let room = room_of(&[&anna, &ben]).await;
    let mut annas = Socket::open(&app, &anna).await;
    let mut bens = Socket::open(&app, &ben).await;
    subscribe(&mut annas, &room).await;
    subscribe(&mut bens, &room).await;
    let path = format!("/rooms/{}/members/{}", text(&room["id"]), ben.id);
    assert!(anna.delete(&path).await.status().is_success());
    assert_eq!(bens.push("event").await["kind"], "kick");
    annas.done(send(&room, "among us")).await;
    annas
        .done(json!({"op": "typing", "room": room["id"]}))
        .await;
    let typing = json!({"op": "typing", "room": room["id"]});
    assert_eq!(bens.ask(typing).await["error"]["code"], "no_such_room");
    // All that came meanwhile: nothing of the room.
    bens.say(r#"{"id": 99, "op": "ping"}"#).await;
    loop {
        let next = bens.next().await.unwrap();
        if next["re"] == 99 {
            break;
        }
        assert!(next["ev"] != "event" && next["ev"] != "typing", "{next}");
    }
    let again = bens
        .ask(json!({"op": "subscribe", "room": room["id"]}))
        .await;
    assert_eq!(again["error"]["code"], "no_such_room");
}

#[actix_web::test]
async fn reading_and_writing_need_their_scopes() {
    let app = TestApp::start().await;
    let anna = app.member("anna").await;
    let room = room_of(&[&anna]).await;
    let body = json!({"name": "reader", "scopes": ["read"]});
    let made: Value = anna.post("/me/tokens", body).await.json().await.unwrap();
    let mut socket = Socket::open(&app, &app.with_token(&text(&made["secret"]))).await;
    subscribe(&mut socket, &room).await;
    for request in [
        send(&room, "no"),
        json!({"op": "typing", "room": room["id"]}),
        json!({"op": "read", "room": room["id"], "seq": 1}),
    ] {
        assert_eq!(socket.ask(request).await["error"]["code"], "missing_scope");
    }
}

#[actix_web::test]
async fn read_marks_and_typing_reach_the_other_screens() {
    let app = TestApp::start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let room = room_of(&[&anna, &ben]).await;
    let mut here = Socket::open(&app, &anna).await;
    let mut there = Socket::open(&app, &anna).await;
    let mut bens = Socket::open(&app, &ben).await;
    subscribe(&mut here, &room).await;
    subscribe(&mut bens, &room).await;
    let event = bens.done(send(&room, "read me")).await;
    let read = json!({"op": "read", "room": room["id"], "seq": event["seq"]});
    assert_eq!(here.done(read).await["unread"], 0);
    assert_eq!(there.push("read").await["read_seq"], event["seq"]);
    here.done(json!({"op": "typing", "room": room["id"]})).await;
    let typing = bens.push("typing").await;
    assert_eq!(
        (&typing["account_id"], &typing["username"]),
        (&json!(anna.id), &json!("anna"))
    );
    assert_eq!(typing["room_id"], room["id"]);
    // A second word at once is left out.
    here.done(json!({"op": "typing", "room": room["id"]})).await;
    here.done(send(&room, "done")).await;
    assert_eq!(bens.next().await.unwrap()["body"], "done");
}

#[actix_web::test]
async fn presence_is_for_the_circle_and_has_a_grace_period() {
    let app = TestApp::start_with(|config| {
        config.realtime.presence_grace_seconds = 1;
        config.realtime.presence_every_ms = 50;
    })
    .await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let eve = app.member("eve").await;
    befriend(&anna, &ben).await;
    let mut annas = Socket::open(&app, &anna).await;
    let look = json!({"op": "presence", "accounts": [ben.id, eve.id]});
    let seen = annas.done(look.clone()).await;
    assert_eq!(
        seen,
        json!({"accounts": [{"account_id": ben.id, "online": false}]})
    );
    let mut bens = Socket::open(&app, &ben).await;
    let is = |online: bool| json!({"ev": "presence", "account_id": ben.id, "online": online});
    assert_eq!(annas.push("presence").await, is(true));
    let friends = anna.get_json("/friends").await;
    assert_eq!(friends["friends"][0]["online"], true);
    // Back within the grace period: nobody was away.
    bens.close().await;
    bens = Socket::open(&app, &ben).await;
    let _eves = Socket::open(&app, &eve).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    bens.close().await;
    let away = annas.next().await.unwrap();
    assert_eq!(
        (&away["ev"], &away["online"]),
        (&json!("presence"), &json!(false))
    );
    let _bens = Socket::open(&app, &ben).await;
    assert_eq!(annas.push("presence").await, is(true));
    // A block ends it: ben looks away, and his goings are not seen.
    let block = ben.put(&format!("/blocks/{}", anna.id), json!({})).await;
    assert!(block.status().is_success());
    assert_eq!(annas.push("presence").await, is(false));
    assert_eq!(annas.done(look).await, json!({"accounts": []}));
}

#[actix_web::test]
async fn subscriptions_are_bounded_and_may_be_renewed_a_thousand_times() {
    let app = TestApp::start_with(|config| {
        config.realtime.max_subscriptions = 1;
        config.realtime.requests_burst = 100_000;
    })
    .await;
    let anna = app.newcomer(Role::Member).await;
    let rooms = [room_of(&[&anna]).await, room_of(&[&anna]).await];
    let mut socket = Socket::open(&app, &anna).await;
    for _ in 0..500 {
        subscribe(&mut socket, &rooms[0]).await;
        let end = json!({"op": "unsubscribe", "room": rooms[0]["id"]});
        socket.done(end).await;
    }
    subscribe(&mut socket, &rooms[0]).await;
    let refused = socket
        .ask(json!({"op": "subscribe", "room": rooms[1]["id"]}))
        .await;
    assert_eq!(refused["error"]["code"], "invalid");
    let unknown = socket
        .ask(json!({"op": "subscribe", "room": Uuid::now_v7()}))
        .await;
    assert_eq!(unknown["error"]["code"], "invalid");
    subscribe(&mut socket, &rooms[0]).await;
    socket.done(send(&rooms[0], "still here")).await;
    assert_eq!(socket.push("event").await["body"], "still here");
    settles(&app, "playhouse_realtime_rooms", 1.0).await;
}
