//! Friends, requests, blocks and private rooms.

use playhouse::accounts::Role;
use playhouse_test_support::{Person, problem, text};
use serde_json::{Value, json};

use crate::people::{befriend, body, create, join, kinds, log, said, say, start};

async fn ask(one: &Person, name: &str) -> reqwest::Response {
    one.post("/friends/requests", json!({"username": name}))
        .await
}

fn names(list: &Value) -> Vec<String> {
    let items = list.as_array().unwrap();
    items
        .iter()
        .map(|it| text(&it["account"]["username"]))
        .collect()
}

/// Friends, incoming, outgoing, blocked.
async fn lists(who: &Person) -> [Vec<String>; 4] {
    let all = who.get_json("/friends").await;
    ["friends", "incoming", "outgoing", "blocked"].map(|list| names(&all[list]))
}

fn of(all: [&[&str]; 4]) -> [Vec<String>; 4] {
    all.map(|list| list.iter().map(ToString::to_string).collect())
}

#[actix_web::test]
async fn a_request_is_accepted_ignored_or_taken_back() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("Bob").await);
    let made = body(ask(&ann, "BOB").await, 201).await;
    assert_eq!(
        made,
        json!({"account": {"id": bob.id, "username": "Bob"}, "state": "pending"})
    );
    assert_eq!(body(ask(&ann, "bob").await, 200).await, made);
    assert_eq!(lists(&ann).await, of([&[], &[], &["Bob"], &[]]));
    assert_eq!(lists(&bob).await, of([&[], &["ann"], &[], &[]]));

    body(ann.delete(&format!("/friends/{}", bob.id)).await, 204).await;
    assert_eq!(lists(&bob).await, of([&[], &[], &[], &[]]));
    let accept = format!("/friends/requests/{}/accept", ann.id);
    let ignore = format!("/friends/requests/{}/ignore", ann.id);
    problem(bob.post(&accept, json!({})).await, 404, "not_found").await;
    problem(bob.post(&ignore, json!({})).await, 404, "not_found").await;

    body(ask(&ann, "bob").await, 201).await;
    body(bob.post(&ignore, json!({})).await, 204).await;
    body(bob.post(&ignore, json!({})).await, 204).await;
    assert_eq!(lists(&bob).await, of([&[], &[], &[], &[]]));
    assert_eq!(
        lists(&ann).await,
        of([&[], &[], &["Bob"], &[]]),
        "who was ignored cannot tell"
    );
    assert_eq!(body(ask(&ann, "bob").await, 200).await, made);
    assert_eq!(
        lists(&bob).await,
        of([&[], &[], &[], &[]]),
        "and it does not come back"
    );

    body(bob.post(&accept, json!({})).await, 200).await;
    assert_eq!(lists(&ann).await, of([&["Bob"], &[], &[], &[]]));
    assert_eq!(lists(&bob).await, of([&["ann"], &[], &[], &[]]));
    problem(ask(&ann, "bob").await, 409, "already_friends").await;
    problem(bob.post(&accept, json!({})).await, 409, "already_friends").await;
    assert_eq!(
        ann.get_json("/friends").await["friends"][0]["online"],
        false
    );

    body(bob.delete(&format!("/friends/{}", ann.id)).await, 204).await;
    problem(
        bob.delete(&format!("/friends/{}", ann.id)).await,
        404,
        "not_found",
    )
    .await;
    assert_eq!(lists(&ann).await, of([&[], &[], &[], &[]]));
    problem(ask(&ann, "ann").await, 422, "yourself").await;
    problem(ask(&ann, "nobody_here").await, 404, "no_such_account").await;
    problem(ask(&ann, "\u{202e}").await, 404, "no_such_account").await;
}

#[actix_web::test]
async fn crossing_requests_make_friends_at_once() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    body(ask(&ann, "bob").await, 201).await;
    assert_eq!(body(ask(&bob, "ann").await, 201).await["state"], "friends");
    assert_eq!(lists(&ann).await, of([&["bob"], &[], &[], &[]]));
    for round in 0..6 {
        let (one, other) = (
            app.newcomer(Role::Member).await,
            app.newcomer(Role::Member).await,
        );
        let (first, second) = tokio::join!(ask(&one, &other.name), ask(&other, &one.name));
        let states = [body(first, 201).await, body(second, 201).await].map(|it| text(&it["state"]));
        assert!(
            states.contains(&"friends".to_owned()),
            "{round}: {states:?}"
        );
        assert_eq!(
            names(&one.get_json("/friends").await["friends"]),
            [other.name.as_str()]
        );
        assert_eq!(
            names(&other.get_json("/friends").await["friends"]),
            [one.name.as_str()]
        );
    }
}

#[actix_web::test]
async fn whoever_is_blocked_cannot_tell() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let (block, bobs) = (
        format!("/blocks/{}", bob.id),
        format!("/friends/{}", ann.id),
    );
    befriend(&ann, &bob).await;
    body(ann.put(&block, json!({})).await, 204).await;
    body(ann.put(&block, json!({})).await, 204).await;
    assert_eq!(lists(&ann).await, of([&[], &[], &[], &["bob"]]));
    assert_eq!(lists(&bob).await, of([&[], &[], &[], &[]]));
    // To the blocked one all looks as with anybody who has not answered yet.
    let made = body(ask(&bob, "ann").await, 201).await;
    assert_eq!(made["state"], "pending");
    assert_eq!(body(ask(&bob, "ann").await, 200).await, made);
    assert_eq!(lists(&bob).await, of([&[], &[], &["ann"], &[]]));
    assert_eq!(lists(&ann).await, of([&[], &[], &[], &["bob"]]));
    let accept = format!("/friends/requests/{}/accept", bob.id);
    problem(ann.post(&accept, json!({})).await, 404, "not_found").await;
    problem(ask(&ann, "bob").await, 409, "conflict").await;
    body(ann.delete(&block).await, 204).await;
    body(ann.delete(&block).await, 204).await;
    assert_eq!(
        lists(&ann).await,
        of([&[], &[], &[], &[]]),
        "what came meanwhile stays hidden"
    );
    assert_eq!(body(ask(&ann, "bob").await, 201).await["state"], "friends");
    body(bob.delete(&bobs).await, 204).await;

    // A request that waits when the block comes goes on looking so.
    body(ask(&bob, "ann").await, 201).await;
    body(ann.put(&block, json!({})).await, 204).await;
    assert_eq!(lists(&bob).await, of([&[], &[], &["ann"], &[]]));
    assert_eq!(lists(&ann).await, of([&[], &[], &[], &["bob"]]));

    problem(
        ann.put(&format!("/blocks/{}", ann.id), json!({})).await,
        422,
        "yourself",
    )
    .await;
    let nobody = format!("/blocks/{}", uuid::Uuid::now_v7());
    problem(ann.put(&nobody, json!({})).await, 404, "no_such_account").await;
    problem(ann.delete(&nobody).await, 404, "no_such_account").await;
}

#[actix_web::test]
async fn a_private_room_is_of_two_friends() {
    let app = start().await;
    let (ann, bob, cat) = (
        app.member("ann").await,
        app.member("bob").await,
        app.member("cat").await,
    );
    let open = async |who: &Person, other: &str| {
        who.post(&format!("/friends/{other}/room"), json!({})).await
    };
    problem(open(&ann, &bob.id).await, 403, "not_friends").await;
    problem(open(&ann, &ann.id).await, 422, "yourself").await;
    let nobody = uuid::Uuid::now_v7().to_string();
    problem(open(&ann, &nobody).await, 404, "no_such_account").await;
    befriend(&ann, &bob).await;
    let (first, second) = tokio::join!(open(&ann, &bob.id), open(&bob, &ann.id));
    let (anns, bobs) = (body(first, 200).await, body(second, 200).await);
    assert_eq!(anns["id"], bobs["id"]);
    assert_eq!(
        (&anns["name"], &bobs["name"]),
        (&json!("bob"), &json!("ann"))
    );
    assert_eq!(
        (&anns["kind"], &anns["unread"], &bobs["unread"]),
        (&json!("private"), &json!(0), &json!(0))
    );
    assert_eq!(anns["peer"], json!({"id": bob.id, "username": "bob"}));
    let room = text(&anns["id"]);
    said(&ann, &room, "hello").await;
    assert_eq!(bob.get_json(&format!("/rooms/{room}")).await["unread"], 1);
    problem(
        cat.get(&format!("/rooms/{room}/events")).await,
        404,
        "no_such_room",
    )
    .await;

    // It stays as it is.
    let path = format!("/rooms/{room}");
    problem(
        ann.delete(&format!("{path}/members/me")).await,
        403,
        "forbidden",
    )
    .await;
    problem(
        ann.delete(&format!("{path}/members/{}", bob.id)).await,
        403,
        "forbidden",
    )
    .await;
    problem(
        ann.patch(&path, json!({"name": "ours"})).await,
        403,
        "forbidden",
    )
    .await;
    befriend(&ann, &cat).await;
    let invite = json!({"account_id": cat.id});
    problem(
        ann.post(&format!("{path}/members"), invite).await,
        403,
        "forbidden",
    )
    .await;
    problem(
        ann.post("/rooms/join", json!({"name": ""})).await,
        404,
        "no_such_room",
    )
    .await;

    // No admin looks in.
    let admin = app.admin().await;
    problem(admin.get(&path).await, 404, "no_such_room").await;
    problem(
        admin.patch(&path, json!({"name": "x"})).await,
        404,
        "no_such_room",
    )
    .await;
    problem(
        admin.get(&format!("{path}/bans")).await,
        404,
        "no_such_room",
    )
    .await;
}

#[actix_web::test]
async fn without_friendship_a_private_room_is_only_read() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    befriend(&ann, &bob).await;
    let open = format!("/friends/{}/room", bob.id);
    let room = text(&body(ann.post(&open, json!({})).await, 200).await["id"]);
    let event = said(&ann, &room, "hello").await;
    let message = format!("/rooms/{room}/messages/{}", text(&event["message_id"]));
    body(
        bob.put(&format!("/blocks/{}", ann.id), json!({})).await,
        204,
    )
    .await;
    for who in [&ann, &bob] {
        problem(say(who, &room, "x").await, 403, "not_friends").await;
        let react = format!("{message}/reactions/👍");
        problem(who.put(&react, json!({})).await, 403, "not_friends").await;
        assert_eq!(kinds(&log(who, &room).await), ["join", "join", "message"]);
    }
    problem(
        ann.patch(&message, json!({"body": "x"})).await,
        403,
        "not_friends",
    )
    .await;
    problem(ann.post(&open, json!({})).await, 403, "not_friends").await;
    body(ann.delete(&message).await, 204).await;
    // Friends again, and the room is the one of before.
    body(bob.delete(&format!("/blocks/{}", ann.id)).await, 204).await;
    befriend(&ann, &bob).await;
    assert_eq!(
        body(ann.post(&open, json!({})).await, 200).await["id"],
        json!(room)
    );
    said(&bob, &room, "again").await;
}

#[actix_web::test]
async fn a_block_does_not_reach_into_group_rooms_but_ends_invitations() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    befriend(&ann, &bob).await;
    let room = create(&ann, "club").await;
    body(
        bob.put(&format!("/blocks/{}", ann.id), json!({})).await,
        204,
    )
    .await;
    let invite = json!({"account_id": bob.id});
    problem(
        ann.post(&format!("/rooms/{room}/members"), invite).await,
        403,
        "not_friends",
    )
    .await;
    join(&bob, "club").await;
    said(&bob, &room, "hello all").await;
    assert_eq!(log(&ann, &room).await.len(), 3);
}
