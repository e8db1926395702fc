//! How often somebody may do something.

use playhouse::accounts::Role;
use playhouse_test_support::{TestApp, problem};
use serde_json::json;

use crate::people::{create, said, say, say_as};

async fn counting(change: impl FnOnce(&mut playhouse::config::ChatConfig)) -> TestApp {
    TestApp::start_with(|config| change(&mut config.chat)).await
}

async fn refused(answer: reqwest::Response) -> i64 {
    let seconds = answer.headers()["retry-after"].to_str().unwrap().to_owned();
    problem(answer, 429, "too_many_requests").await;
    seconds.parse().unwrap()
}

#[actix_web::test]
async fn messages_edits_and_reactions_come_out_of_one_bucket() {
    let app = counting(|chat| chat.messages_per_minute = 4).await;
    let ann = app.member("ann").await;
    let room = create(&ann, "club").await;
    let event = said(&ann, &room, "1").await;
    let path = format!(
        "/rooms/{room}/messages/{}",
        event["message_id"].as_str().unwrap()
    );
    assert_eq!(ann.patch(&path, json!({"body": "2"})).await.status(), 200);
    assert_eq!(
        ann.put(&format!("{path}/reactions/👍"), json!({}))
            .await
            .status(),
        204
    );
    said(&ann, &room, "4").await;
    let seconds = refused(say_as(&ann, &room, "5", "five").await).await;
    assert!((14..=17).contains(&seconds), "{seconds}");
    refused(ann.patch(&path, json!({"body": "x"})).await).await;
    refused(ann.put(&format!("{path}/reactions/👍"), json!({})).await).await;
    app.advance(chrono::TimeDelta::seconds(seconds));
    assert_eq!(say_as(&ann, &room, "5", "five").await.status(), 201);
    refused(say(&ann, &room, "6").await).await;
}

#[actix_web::test]
async fn requests_and_new_rooms_are_counted_by_the_hour() {
    let app = counting(|chat| {
        chat.friend_requests_per_hour = 2;
        chat.rooms_per_hour = 2;
    })
    .await;
    let ann = app.member("ann").await;
    for number in 0..2 {
        create(&ann, &format!("room {number}")).await;
        let ask = ann
            .post("/friends/requests", json!({"username": "nobody_here"}))
            .await;
        problem(ask, 404, "no_such_account").await;
    }
    refused(ann.post("/rooms", json!({"name": "one more"})).await).await;
    refused(
        ann.post("/friends/requests", json!({"username": "nobody_here"}))
            .await,
    )
    .await;
    app.advance(chrono::TimeDelta::minutes(31));
    create(&ann, "one more").await;
}

#[actix_web::test]
async fn an_address_has_a_bucket_too() {
    let app = counting(|chat| {
        chat.messages_per_minute = 3;
        chat.address_factor = 2;
    })
    .await;
    let owner = app.member("owner").await;
    let room = create(&owner, "club").await;
    for _ in 0..2 {
        let somebody = app.newcomer(Role::Member).await;
        crate::people::join(&somebody, "club").await;
        said(&somebody, &room, "1").await;
        said(&somebody, &room, "2").await;
    }
    refused(say(&owner, &room, "one too many from here").await).await;
}
