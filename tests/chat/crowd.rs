//! Many at once in one room: no gap, no duplicate, nothing lost, nobody refused.

use std::collections::HashSet;

use futures_util::future::join_all;
use playhouse::accounts::Role;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

use crate::people::{assert_no_gap, create, join, log, say, say_as, start};

async fn crowd(app: &TestApp, size: usize) -> Vec<Person> {
    let people = join_all((0..size).map(|_| app.newcomer(Role::Member))).await;
    create(&people[0], "square").await;
    join_all(people.iter().skip(1).map(|it| join(it, "square"))).await;
    people
}

async fn room_of(who: &Person) -> String {
    text(&who.get_json("/rooms").await["items"][0]["id"])
}

#[actix_web::test]
async fn sixty_four_speak_at_once() {
    let app = start().await;
    let people = crowd(&app, 16).await;
    let room = room_of(&people[0]).await;
    for round in 0..3 {
        let room = &room;
        let sent = people.iter().flat_map(|who| {
            (0..4).map(move |number| async move {
                let id = format!("{round}-{number}");
                say_as(who, room, &format!("{round} {number}"), &id).await
            })
        });
        let mut seqs = HashSet::new();
        for answer in join_all(sent).await {
            assert_eq!(answer.status(), 201);
            let event: Value = answer.json().await.unwrap();
            assert!(seqs.insert(event["seq"].as_i64().unwrap()));
        }
        assert_eq!(seqs.len(), 64);
    }
    let events = log(&people[3], &room).await;
    assert_no_gap(&events);
    let messages: HashSet<(String, String)> = events
        .iter()
        .filter(|it| it["kind"] == "message")
        .map(|it| (text(&it["account"]["id"]), text(&it["client_msg_id"])))
        .collect();
    assert_eq!(messages.len(), 192);
}

#[actix_web::test]
async fn everything_at_once_leaves_no_gap() {
    let app = start().await;
    let people = crowd(&app, 8).await;
    let room = room_of(&people[0]).await;
    let work = people.iter().enumerate().map(|(index, who)| {
        let room = &room;
        async move {
            for number in 0..12 {
                let event: Value = say(who, room, &format!("{number}"))
                    .await
                    .json()
                    .await
                    .unwrap();
                let path = format!("/rooms/{room}/messages/{}", text(&event["message_id"]));
                let answers = match (index + number) % 4 {
                    0 => vec![who.patch(&path, json!({"body": "edited"})).await],
                    1 => vec![who.put(&format!("{path}/reactions/👍"), json!({})).await],
                    2 => vec![who.delete(&path).await],
                    _ if index == 0 => vec![],
                    _ => vec![
                        who.delete(&format!("/rooms/{room}/members/me")).await,
                        who.post("/rooms/join", json!({"name": "square"})).await,
                    ],
                };
                for answer in answers {
                    assert!(answer.status().is_success(), "{}", answer.status());
                }
                let seq = json!({"seq": event["seq"]});
                let read = who.put(&format!("/rooms/{room}/read"), seq).await;
                assert_eq!(read.status(), 200);
            }
        }
    });
    join_all(work).await;
    let events = log(&people[0], &room).await;
    assert_no_gap(&events);
    let said = events.iter().filter(|it| it["kind"] == "message").count();
    assert_eq!(said, 96);
    let seen = people[0].get_json(&format!("/rooms/{room}")).await;
    assert_eq!(seen["members_count"], 8);
    assert_eq!(seen["last_seq"], json!(events.len()));
}

#[actix_web::test]
async fn one_bad_message_refuses_nobody_else() {
    let app = start().await;
    let people = crowd(&app, 8).await;
    let room = room_of(&people[0]).await;
    let stranger = app.newcomer(Role::Member).await;
    let good = people.iter().map(|who| say(who, &room, "good"));
    let bad = (0..8).map(|_| say(&stranger, &room, "bad"));
    let (good, bad) = tokio::join!(join_all(good), join_all(bad));
    assert!(good.iter().all(|it| it.status() == 201));
    assert!(bad.iter().all(|it| it.status() == 404));
    assert_no_gap(&log(&people[0], &room).await);
}
