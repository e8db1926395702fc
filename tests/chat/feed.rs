//! The seam to whoever delivers: what a listener hears, what somebody is sent who comes back, personal pushes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use playhouse::accounts::Viewer;
use playhouse::chat::{Error, Listener, Missed};
use playhouse::events::{Audience, Push};
use playhouse::ids::{AccountId, RoomId};
use playhouse_api::chat::Event;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

use crate::people::{befriend, body, create, join, log, said, say, start};

#[derive(Default)]
struct Ear {
    heard: Mutex<HashMap<RoomId, Vec<Arc<Event>>>>,
    circles: Mutex<Vec<AccountId>>,
    closed: Mutex<Vec<RoomId>>,
}

impl Listener for Ear {
    fn committed(&self, room: &RoomId, events: &[Arc<Event>]) {
        let mut heard = self.heard.lock().unwrap();
        heard
            .entry(room.clone())
            .or_default()
            .extend_from_slice(events);
    }

    fn circle_changed(&self, account: &AccountId) {
        self.circles.lock().unwrap().push(account.clone());
    }

    fn closed(&self, room: &RoomId) {
        self.closed.lock().unwrap().push(room.clone());
    }
}

fn room_id(id: &str) -> RoomId {
    RoomId::from(uuid::Uuid::parse_str(id).unwrap())
}

async fn viewer(app: &TestApp, who: &Person) -> Arc<Viewer> {
    let here = std::net::Ipv4Addr::LOCALHOST.into();
    let token = who.token.as_deref().unwrap();
    app.app().accounts.identify(token, here).await.unwrap()
}

#[actix_web::test]
async fn a_listener_hears_every_event_once_in_order() {
    let app = start().await;
    let ear = Arc::new(Ear::default());
    app.app().chat.listen(ear.clone());
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let rooms = [create(&ann, "one").await, create(&ann, "two").await];
    join(&bob, "one").await;
    join(&bob, "two").await;
    let sent = (0..40).map(|n| say([&ann, &bob][n % 2], &rooms[n / 2 % 2], "hello"));
    for answer in futures_util::future::join_all(sent).await {
        assert_eq!(answer.status(), 201);
    }
    body(
        bob.delete(&format!("/rooms/{}/members/me", rooms[0])).await,
        204,
    )
    .await;
    for room in &rooms {
        let heard = ear.heard.lock().unwrap()[&room_id(room)].clone();
        let heard: Vec<Value> = heard
            .iter()
            .map(|it| serde_json::to_value(&**it).unwrap())
            .collect();
        assert_eq!(heard, log(&ann, room).await, "what is told is what is kept");
    }
    body(
        ann.delete(&format!("/rooms/{}/members/me", rooms[0])).await,
        204,
    )
    .await;
    assert_eq!(*ear.closed.lock().unwrap(), [room_id(&rooms[0])]);
    assert!(ear.circles.lock().unwrap().is_empty());
    befriend(&ann, &bob).await;
    assert_eq!(ear.circles.lock().unwrap().len(), 2);
}

#[actix_web::test]
async fn who_comes_back_gets_everything_or_starts_over() {
    let app = TestApp::start_with(|config| config.chat.resume_events = 10).await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let id = create(&ann, "club").await;
    for number in 2..=20 {
        said(&ann, &id, &number.to_string()).await;
    }
    let (room, me, stranger) = (
        room_id(&id),
        viewer(&app, &ann).await,
        viewer(&app, &bob).await,
    );
    let chat = &app.app().chat;
    let head = chat.may_listen(&me, &room).await.unwrap();
    assert_eq!((head.first_seq, head.last_seq), (1, 20));
    let missed = async |after: i64, epoch: &str, up_to: i64| {
        chat.missed(&me, &room, after, epoch, up_to).await.unwrap()
    };
    for (after, up_to) in [(15, 20), (20, 20), (10, 20), (15, 99), (4, 9)] {
        let Missed::Everything(events) = missed(after, &head.epoch, up_to).await else {
            panic!("{after} should be resumed");
        };
        let seqs: Vec<i64> = events.iter().map(|it| it.seq).collect();
        let expected: Vec<i64> = (after + 1..=up_to.min(20)).collect();
        assert_eq!(seqs, expected);
    }
    for (after, epoch) in [
        (9, head.epoch.as_str()),
        (21, &head.epoch),
        (-1, &head.epoch),
        (19, "yesterday"),
        (i64::MAX, &head.epoch),
    ] {
        assert_eq!(missed(after, epoch, 20).await, Missed::StartOver, "{after}");
    }
    assert!(matches!(
        chat.may_listen(&stranger, &room).await,
        Err(Error::NoSuchRoom)
    ));
    let nothing = chat.missed(&stranger, &room, 19, &head.epoch, 20).await;
    assert!(matches!(nothing, Err(Error::NoSuchRoom)));
    assert_eq!(chat.between(&room, 3, 5).await.unwrap().len(), 2);

    body(
        ann.patch(&format!("/rooms/{id}"), json!({"retention_days": 1}))
            .await,
        200,
    )
    .await;
    app.advance(chrono::TimeDelta::days(2));
    said(&ann, &id, "young").await;
    chat.sweep().await.unwrap();
    assert_eq!(
        missed(18, &head.epoch, 22).await,
        Missed::StartOver,
        "a part of it is gone"
    );
    assert!(
        matches!(missed(21, &head.epoch, 22).await, Missed::Everything(events) if events.len() == 1)
    );
}

#[actix_web::test]
async fn hello_and_circle_say_what_concerns_somebody() {
    let app = start().await;
    let (ann, bob, cat, dan) = (
        app.member("ann").await,
        app.member("bob").await,
        app.member("cat").await,
        app.member("dan").await,
    );
    befriend(&ann, &bob).await;
    let ask = json!({"username": "ann"});
    body(dan.post("/friends/requests", ask).await, 201).await;
    let room = create(&ann, "club").await;
    join(&cat, "club").await;
    said(&cat, &room, "@ann hello").await;
    let chat = &app.app().chat;
    let id = |who: &Person| AccountId::from(uuid::Uuid::parse_str(&who.id).unwrap());
    let (known, me) = (chat.clone(), id(&ann));
    let read = app
        .app()
        .db
        .read::<_, playhouse::chat::Error, _>(move |conn| known.hello_in(conn, &me));
    let hello = read.await.unwrap();
    assert_eq!(hello.rooms.len(), 1);
    assert_eq!((hello.rooms[0].unread, hello.rooms[0].mentions), (2, 1));
    assert_eq!(hello.friends.incoming[0].account.username, "dan");
    let circle = chat.circle(&id(&ann)).await.unwrap().accounts;
    assert_eq!(circle, [id(&bob), id(&cat)].into());
    body(
        cat.put(&format!("/blocks/{}", ann.id), json!({})).await,
        204,
    )
    .await;
    let circle = chat.circle(&id(&ann)).await.unwrap();
    assert_eq!(circle.accounts, [id(&bob)].into());
    assert!(circle.sees_last);
    assert_eq!(chat.circle(&id(&cat)).await.unwrap().accounts, [].into());
}

/// What was pushed to somebody so far.
fn pushed(pushes: &mut tokio::sync::broadcast::Receiver<Push>, who: &Person) -> Vec<Value> {
    let mut found = Vec::new();
    while let Ok(push) = pushes.try_recv() {
        let Audience::Account(account) = &push.to else {
            continue;
        };
        if account.as_str() == who.id {
            found.push(serde_json::to_value(&*push.event).unwrap());
        }
    }
    found
}

#[actix_web::test]
async fn what_is_personal_is_pushed_to_the_one_it_concerns() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let mut pushes = app.app().events.subscribe();
    let ask = json!({"username": "bob"});
    body(ann.post("/friends/requests", ask.clone()).await, 201).await;
    body(ann.post("/friends/requests", ask).await, 200).await;
    let told = pushed(&mut pushes, &bob);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["ev"], &told[0]["account"]["username"]),
        (&json!("friend_request"), &json!("ann"))
    );
    let accept = format!("/friends/requests/{}/accept", ann.id);
    body(bob.post(&accept, json!({})).await, 200).await;
    let told = pushed(&mut pushes, &ann);
    assert_eq!(
        told,
        [json!({"ev": "friend", "account": {"id": bob.id, "username": "bob"}, "state": "friends"})]
    );

    let room = create(&ann, "club").await;
    let invite = json!({"account_id": bob.id});
    body(
        ann.post(&format!("/rooms/{room}/members"), invite).await,
        201,
    )
    .await;
    let told = pushed(&mut pushes, &bob);
    assert_eq!(
        (&told[0]["ev"], &told[0]["room"]["name"]),
        (&json!("room"), &json!("club"))
    );
    said(&ann, &room, "hello").await;
    let read = format!("/rooms/{room}/read");
    for _ in 0..2 {
        body(bob.put(&read, json!({"seq": 3})).await, 200).await;
    }
    let told = pushed(&mut pushes, &bob);
    assert_eq!(
        told,
        [json!({"ev": "read", "room_id": room, "read_seq": 3, "unread": 0, "mentions": 0})]
    );
    body(
        ann.delete(&format!("/rooms/{room}/members/{}", bob.id))
            .await,
        204,
    )
    .await;
    assert_eq!(
        pushed(&mut pushes, &bob),
        [json!({"ev": "room", "room_id": room, "room": null})]
    );

    // A block looks as any end of a friendship, and a request from behind it reaches nobody.
    body(
        ann.put(&format!("/blocks/{}", bob.id), json!({})).await,
        204,
    )
    .await;
    let told = pushed(&mut pushes, &bob);
    assert_eq!(text(&told[0]["state"]), "removed");
    body(
        bob.post("/friends/requests", json!({"username": "ann"}))
            .await,
        201,
    )
    .await;
    assert!(pushed(&mut pushes, &ann).is_empty());
}
