//! Messages: what they may be, retries, edits, deletion, replies, reactions, mentions and links.

use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use serde_json::{Value, json};

use crate::people::{
    assert_no_gap, bodies, body, create, join, kinds, log, said, say, say_as, start,
};

async fn two() -> (TestApp, Person, Person, String) {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let room = create(&ann, "club").await;
    join(&bob, "club").await;
    (app, ann, bob, room)
}

fn at(room: &str, event: &Value) -> String {
    format!("/rooms/{room}/messages/{}", text(&event["message_id"]))
}

#[actix_web::test]
async fn any_text_comes_back_as_it_was_sent() {
    let (_app, ann, bob, room) = two().await;
    let long = "👩‍👩‍👧‍👦".chars().cycle().take(4000).collect::<String>();
    let words = [
        "<script>alert(1)</script> & \"quotes\" 'n' \\ %00",
        "\u{202e}right to left\u{202c} שלום مرحبا",
        "大话西游\n\tsecond line",
        " ",
        "e\u{301} and é stay different",
        &long,
    ];
    for it in words {
        assert_eq!(said(&ann, &room, it).await["body"], it);
    }
    let events = log(&bob, &room).await;
    assert_no_gap(&events);
    assert_eq!(bodies(&events)[2..], words);
    for bad in ["", "a\u{7}", "a\r\nb", "\u{1b}[31m", &"x".repeat(4001)] {
        let wrong = problem(say(&ann, &room, bad).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&wrong), ["body"], "{bad:?}");
    }
    for id in ["", " ", &"x".repeat(65), "a\nb"] {
        let wrong = problem(say_as(&ann, &room, "x", id).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&wrong), ["client_msg_id"], "{id:?}");
    }
    let nul = json!({"client_msg_id": "n", "body": "a\u{0}b"});
    let answer = ann.post(&format!("/rooms/{room}/messages"), nul).await;
    problem(answer, 422, "invalid").await;
    assert_eq!(
        log(&bob, &room).await.len(),
        2 + words.len(),
        "nothing was half made"
    );
}

#[actix_web::test]
async fn a_message_that_is_sent_again_is_the_same_message() {
    let (_app, ann, bob, room) = two().await;
    let first = body(say_as(&ann, &room, "once", "a-1").await, 201).await;
    assert_eq!(first["client_msg_id"], "a-1");
    for words in ["once", "something else"] {
        assert_eq!(
            body(say_as(&ann, &room, words, "a-1").await, 200).await,
            first
        );
    }
    // The id is the sender's own.
    body(say_as(&bob, &room, "mine", "a-1").await, 201).await;
    let other = create(&ann, "other").await;
    problem(
        say_as(&ann, &other, "once", "a-1").await,
        422,
        "idempotency_mismatch",
    )
    .await;
    // All at once.
    let many = (0..16).map(|_| say_as(&ann, &room, "together", "a-2"));
    let mut made = 0;
    let mut seqs = std::collections::HashSet::new();
    for answer in futures_util::future::join_all(many).await {
        made += usize::from(answer.status() == 201);
        let event: Value = answer.json().await.unwrap();
        seqs.insert(event["seq"].as_i64().unwrap());
    }
    assert_eq!((made, seqs.len()), (1, 1));
    assert_eq!(
        bodies(&log(&bob, &room).await)[2..],
        ["once", "mine", "together"]
    );
    // Who is not in the room learns nothing, not even of their own message.
    body(ann.delete(&format!("/rooms/{room}/members/me")).await, 204).await;
    problem(
        say_as(&ann, &room, "once", "a-1").await,
        404,
        "no_such_room",
    )
    .await;
}

#[actix_web::test]
async fn an_edit_is_an_event_and_the_message_says_the_new_text() {
    let (_app, ann, bob, room) = two().await;
    let event = said(&ann, &room, "first").await;
    let path = at(&room, &event);
    let edit = body(ann.patch(&path, json!({"body": "second @bob"})).await, 200).await;
    assert_eq!(
        (&edit["kind"], &edit["seq"], &edit["body"]),
        (&json!("edit"), &json!(4), &json!("second @bob"))
    );
    assert_eq!(edit["message_id"], event["message_id"]);
    assert_eq!(edit["mentions"], json!([bob.id]));
    let message = bob.get_json(&path).await;
    assert_eq!(
        (&message["body"], &message["seq"]),
        (&json!("second @bob"), &json!(3))
    );
    assert!(message["edited_at"].is_string());
    let seen = bob.get_json(&format!("/rooms/{room}")).await;
    assert_eq!((&seen["unread"], &seen["mentions"]), (&json!(2), &json!(1)));
    problem(
        bob.patch(&path, json!({"body": "not mine"})).await,
        403,
        "forbidden",
    )
    .await;
    problem(ann.patch(&path, json!({"body": ""})).await, 422, "invalid").await;
    let nothing = format!("/rooms/{room}/messages/{}", uuid::Uuid::now_v7());
    problem(
        ann.patch(&nothing, json!({"body": "x"})).await,
        404,
        "not_found",
    )
    .await;
    let other = create(&ann, "other").await;
    let elsewhere = path.replace(&room, &other);
    problem(
        ann.patch(&elsewhere, json!({"body": "x"})).await,
        404,
        "not_found",
    )
    .await;
    problem(ann.get(&elsewhere).await, 404, "not_found").await;
    problem(ann.delete(&elsewhere).await, 404, "not_found").await;
}

#[actix_web::test]
async fn a_deleted_message_leaves_no_word_behind() {
    let (_app, ann, bob, room) = two().await;
    let event = said(&ann, &room, "secret one @bob").await;
    let path = at(&room, &event);
    body(
        ann.patch(&path, json!({"body": "secret two @bob"})).await,
        200,
    )
    .await;
    body(
        bob.put(&format!("{path}/reactions/👍"), json!({})).await,
        204,
    )
    .await;
    problem(bob.delete(&path).await, 403, "forbidden").await;
    body(ann.delete(&path).await, 204).await;
    body(ann.delete(&path).await, 204).await;
    let events = log(&bob, &room).await;
    assert_eq!(
        kinds(&events),
        ["join", "join", "message", "edit", "reaction", "delete"]
    );
    assert_no_gap(&events);
    assert!(!serde_json::to_string(&events).unwrap().contains("secret"));
    assert_eq!(
        (&events[2]["deleted"], &events[2]["body"]),
        (&json!(true), &Value::Null)
    );
    let message = bob.get_json(&path).await;
    assert_eq!(
        (&message["body"], &message["reactions"]),
        (&Value::Null, &json!([]))
    );
    assert!(message["deleted_at"].is_string());
    assert_eq!(bob.get_json(&format!("/rooms/{room}")).await["mentions"], 0);
    let found = bob
        .get_json(&format!("/rooms/{room}/events?q=secret"))
        .await;
    assert_eq!(found["items"], json!([]));
    problem(
        ann.patch(&path, json!({"body": "back"})).await,
        409,
        "conflict",
    )
    .await;
    problem(
        bob.put(&format!("{path}/reactions/👍"), json!({})).await,
        409,
        "conflict",
    )
    .await;
}

#[actix_web::test]
async fn a_reply_names_a_message_of_the_same_room() {
    let (_app, ann, bob, room) = two().await;
    let question = said(&ann, &room, "eight or nine?").await;
    let send = async |room: &str, id: &str, to: &Value| {
        let message = json!({"client_msg_id": id, "body": "nine", "reply_to": to});
        bob.post(&format!("/rooms/{room}/messages"), message).await
    };
    let reply = body(send(&room, "1", &question["message_id"]).await, 201).await;
    assert_eq!(reply["reply_to"], question["message_id"]);
    assert_eq!(
        bob.get_json(&at(&room, &reply)).await["reply_to"],
        question["message_id"]
    );
    let other = create(&bob, "other").await;
    for (room, to) in [
        (&other, &question["message_id"]),
        (&room, &json!(uuid::Uuid::now_v7())),
    ] {
        let wrong = problem(send(room, "2", to).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&wrong), ["reply_to"]);
    }
    problem(send(&room, "3", &json!("x")).await, 422, "invalid").await;
}

#[actix_web::test]
async fn reactions_count_each_member_once() {
    let (app, ann, bob, room) = two().await;
    let event = said(&ann, &room, "shall we?").await;
    let path = at(&room, &event);
    let on = async |who: &Person, emoji: &str| {
        who.put(&format!("{path}/reactions/{emoji}"), json!({}))
            .await
    };
    for who in [&ann, &bob, &bob] {
        body(on(who, "👍").await, 204).await;
    }
    body(on(&bob, "❤️").await, 204).await;
    let seen = bob.get_json(&path).await;
    assert_eq!(
        seen["reactions"],
        json!([{"emoji": "👍", "count": 2, "mine": true}, {"emoji": "❤️", "count": 1, "mine": true}])
    );
    body(bob.delete(&format!("{path}/reactions/👍")).await, 204).await;
    body(bob.delete(&format!("{path}/reactions/👍")).await, 204).await;
    assert_eq!(
        bob.get_json(&path).await["reactions"][0],
        json!({"emoji": "👍", "count": 1, "mine": false})
    );
    let events = log(&ann, &room).await;
    assert_eq!(
        kinds(&events)[3..],
        ["reaction", "reaction", "reaction", "reaction"]
    );
    assert_eq!(
        (&events[6]["removed"], &events[6]["body"]),
        (&json!(true), &json!("👍"))
    );
    for bad in [
        "a",
        "%20",
        "大",
        "%ff",
        "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍",
    ] {
        problem(on(&bob, bad).await, 422, "invalid").await;
    }
    let cat = app.member("cat").await;
    problem(on(&cat, "👍").await, 404, "no_such_room").await;
    for emoji in ('\u{1f600}'..='\u{1f612}').map(String::from) {
        body(on(&bob, &emoji).await, 204).await;
    }
    problem(on(&bob, "👎").await, 409, "conflict").await;
}

#[actix_web::test]
async fn a_text_names_members_and_what_is_in_the_house() {
    let (app, ann, bob, room) = two().await;
    let cat = app.member("cat").await;
    let film = uuid::Uuid::now_v7();
    let words = format!("@BOB @ann @cat see /movies/{film} and https://x.example/s/abcdefgh");
    let event = said(&ann, &room, &words).await;
    assert_eq!(
        event["mentions"],
        json!([bob.id]),
        "neither oneself nor who is not here"
    );
    assert_eq!(
        event["links"],
        json!([{"kind": "movie", "id": film}, {"kind": "share", "id": "abcdefgh"}])
    );
    assert_eq!(bob.get_json(&format!("/rooms/{room}")).await["mentions"], 1);
    let joined = join(&cat, "club").await;
    assert_eq!(
        (&joined["mentions"], &joined["unread"]),
        (&json!(0), &json!(0))
    );
}
