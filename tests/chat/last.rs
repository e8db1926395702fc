//! What the list of rooms tells of the last message of each.

use chrono::TimeDelta;
use playhouse_test_support::{Person, text};
use serde_json::{Value, json};

use crate::people::{befriend, body, create, join, said, start};

/// What `GET /rooms` tells of one room.
async fn last(who: &Person, room: &str) -> Value {
    let page = who.get_json("/rooms?limit=200").await;
    let items = page["items"].as_array().unwrap();
    let found = items.iter().find(|it| it["id"] == room).unwrap();
    let alone = who.get_json(&format!("/rooms/{room}")).await;
    assert_eq!(found["last_message"], alone["last_message"]);
    found["last_message"].clone()
}

#[actix_web::test]
async fn a_room_tells_what_was_said_last_as_it_stands() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let room = create(&ann, "club").await;
    assert_eq!(last(&ann, &room).await, Value::Null);
    let first = said(&ann, &room, "first").await;
    join(&bob, "club").await;
    // Bob's coming is an event, but he has said nothing.
    let told = last(&bob, &room).await;
    assert_eq!(
        told,
        json!({
            "message_id": first["message_id"], "seq": first["seq"], "kind": "message", "text": "first",
            "author": {"id": ann.id, "username": "ann"}, "created_at": first["at"],
        })
    );
    let second = said(&bob, &room, "second").await;
    let place = format!("/rooms/{room}/messages/{}", text(&second["message_id"]));
    let heart = format!("{place}/reactions/%E2%9D%A4");
    body(ann.put(&heart, json!({})).await, 204).await;
    assert_eq!(last(&ann, &room).await["text"], "second");
    body(
        bob.patch(&place, json!({"body": "second, better"})).await,
        200,
    )
    .await;
    let told = last(&ann, &room).await;
    assert_eq!(
        (&told["kind"], &told["text"], &told["seq"]),
        (&json!("edit"), &json!("second, better"), &second["seq"])
    );
    body(bob.delete(&place).await, 204).await;
    let told = last(&ann, &room).await;
    assert_eq!(
        (&told["kind"], &told["text"]),
        (&json!("delete"), &Value::Null)
    );
    assert_eq!(told["author"]["username"], "bob");
}

#[actix_web::test]
async fn each_room_of_a_page_tells_its_own_and_long_texts_are_cut() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    befriend(&ann, &bob).await;
    let path = format!("/friends/{}/room", bob.id);
    let private = body(ann.post(&path, json!({})).await, 200).await;
    assert_eq!(private["last_message"], Value::Null);
    let mut rooms = vec![(text(&private["id"]), "psst".to_owned())];
    said(&bob, &rooms[0].0, "psst").await;
    for number in 0..5 {
        let name = format!("room {number}");
        let room = create(&ann, &name).await;
        said(&ann, &room, &name).await;
        rooms.push((room, name));
    }
    // In rooms that one is not in there may be more, of which nothing is told.
    said(&bob, &create(&bob, "elsewhere").await, "not for ann").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ann.get_json(&format!("/rooms?limit=2{cursor}")).await;
        for room in page["items"].as_array().unwrap() {
            let told = text(&room["last_message"]["text"]);
            seen.push((text(&room["id"]), told));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    seen.sort();
    rooms.sort();
    assert_eq!(seen, rooms);
    // By characters, not by bytes.
    said(&ann, &rooms[0].0, &"大".repeat(300)).await;
    assert_eq!(last(&ann, &rooms[0].0).await["text"], "大".repeat(200));
}

#[actix_web::test]
async fn what_a_room_has_forgotten_is_not_told_and_a_block_hides_nothing_in_it() {
    let app = start().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let room = create(&ann, "club").await;
    join(&bob, "club").await;
    body(
        ann.put(&format!("/blocks/{}", bob.id), json!({})).await,
        204,
    )
    .await;
    said(&bob, &room, "still here").await;
    // As in the history: whoever is blocked is read in rooms that both are in.
    assert_eq!(last(&ann, &room).await["text"], "still here");
    let keep = json!({"retention_days": 1});
    body(ann.patch(&format!("/rooms/{room}"), keep).await, 200).await;
    app.advance(TimeDelta::days(2));
    app.app().chat.sweep().await.unwrap();
    assert_eq!(last(&ann, &room).await, Value::Null);
}
