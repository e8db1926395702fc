//! What those see who stay: tombstones without a gap, rooms that have an owner, friends who are gone.

use playhouse::accounts::Role;
use playhouse_test_support::{Person, problem, text};
use serde_json::{Value, json};

use super::house::{Scene, body, create, forgotten, join, leave, say, start};

async fn log(who: &Person, room: &str) -> Vec<Value> {
    let path = format!("/rooms/{room}/events?after_seq=0&limit=200");
    who.get_json(&path).await["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[actix_web::test]
async fn words_become_tombstones_and_numbers_keep_no_gap() {
    let scene = Scene::set().await;
    let (anna, ben) = (&scene.anna, &scene.ben);
    let before = [log(ben, &scene.hall).await, log(ben, &scene.nook).await];
    body(leave(anna).await, 204).await;
    forgotten(&scene.app).await;
    for (room, before) in [(&scene.hall, &before[0]), (&scene.nook, &before[1])] {
        let after = log(ben, room).await;
        let seqs: Vec<i64> = after.iter().map(|it| it["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..).take(after.len()).collect::<Vec<i64>>());
        assert!(after.len() > before.len());
        for (then, now) in before.iter().zip(&after) {
            assert_eq!(
                (&then["kind"], &then["message_id"]),
                (&now["kind"], &now["message_id"])
            );
            let says = matches!(then["kind"].as_str(), Some("message" | "edit"));
            if then["account"]["id"] != json!(anna.id) {
                assert_eq!(then["body"], now["body"]);
                continue;
            }
            assert_eq!(
                now["account"],
                json!({"id": anna.id, "username": "deleted account"})
            );
            if says {
                assert_eq!(
                    (&now["body"], &now["deleted"]),
                    (&Value::Null, &json!(true))
                );
                assert!(now.get("client_msg_id").is_none());
            }
        }
        let messages = ben
            .get_json(&format!("/rooms/{room}/messages?after_seq=0"))
            .await;
        for message in messages["items"].as_array().unwrap() {
            let is_annas = message["account"]["id"] == json!(anna.id);
            assert_eq!(message["body"].is_null(), is_annas, "{message}");
            assert_eq!(message["deleted_at"].is_null(), !is_annas);
        }
        let found = ben
            .get_json(&format!("/rooms/{room}/events?q=zebrafisch"))
            .await;
        assert_eq!(found["items"], json!([]));
    }
}

#[actix_web::test]
async fn the_private_room_stays_readable_for_the_other_one() {
    let scene = Scene::set().await;
    let (app, anna, ben) = (&scene.app, &scene.anna, &scene.ben);
    body(leave(anna).await, 204).await;
    let room = ben.get_json(&format!("/rooms/{}", scene.nook)).await;
    assert_eq!(
        (&room["name"], &room["kind"], &room["members_count"]),
        (&json!("deleted account"), &json!("private"), &json!(1))
    );
    let words = json!({"client_msg_id": "late", "body": "are you there?"});
    let sent = ben
        .post(&format!("/rooms/{}/messages", scene.nook), words)
        .await;
    problem(sent, 403, "not_friends").await;
    for path in [
        format!("/friends/{}/room", anna.id),
        "/friends/requests".to_owned(),
    ] {
        let body = json!({"username": anna.name});
        let body = if path.ends_with("room") {
            json!({})
        } else {
            body
        };
        problem(ben.post(&path, body).await, 404, "no_such_account").await;
    }
    let block = ben.put(&format!("/blocks/{}", anna.id), json!({})).await;
    problem(block, 404, "no_such_account").await;
    assert_eq!(ben.get_json("/friends").await["friends"], json!([]));
    // When the other one leaves too, nothing of the room is left.
    body(leave(ben).await, 204).await;
    forgotten(app).await;
    let rooms = "SELECT COUNT(*) AS count FROM rooms WHERE kind = 'private'";
    assert_eq!(super::house::count(app, rooms).await, 0);
}

#[actix_web::test]
async fn rooms_are_handed_over_or_close() {
    let app = start().await;
    let anna = app.member("anna").await;
    let (ben, carl) = (app.member("ben").await, app.newcomer(Role::Member).await);
    let moderated = create(&anna, "moderated").await;
    let plain = create(&anna, "plain").await;
    create(&anna, "empty").await;
    // Carl is there longer, but ben is a moderator.
    for name in ["moderated", "plain"] {
        join(&carl, name).await;
        app.advance(chrono::TimeDelta::seconds(1));
        join(&ben, name).await;
    }
    let role = format!("/rooms/{moderated}/members/{}", ben.id);
    body(anna.patch(&role, json!({"role": "moderator"})).await, 200).await;
    body(leave(&anna).await, 204).await;
    for (room, owner, other) in [(&moderated, &ben, &carl), (&plain, &carl, &ben)] {
        let members = ben.get_json(&format!("/rooms/{room}/members")).await;
        let members = members["items"].as_array().unwrap().clone();
        let role_of = |who: &Person| {
            let found = members
                .iter()
                .find(|it| it["account"]["id"] == json!(who.id));
            text(&found.unwrap()["role"])
        };
        assert_eq!(members.len(), 2);
        assert_eq!(
            (role_of(owner), role_of(other)),
            ("owner".to_owned(), "member".to_owned())
        );
        let kinds: Vec<String> = log(&ben, room)
            .await
            .iter()
            .map(|it| text(&it["kind"]))
            .collect();
        assert!(
            kinds.ends_with(&["leave".to_owned(), "role".to_owned()]),
            "{kinds:?}"
        );
        let room = ben.get_json(&format!("/rooms/{room}")).await;
        assert_eq!(room["members_count"], 2);
    }
    let again = ben.post("/rooms", json!({"name": "empty"})).await;
    body(again, 201).await;
}

#[actix_web::test]
async fn a_client_id_that_was_made_to_be_in_the_way_is_not() {
    let app = start().await;
    let anna = app.member("anna").await;
    let room = create(&anna, "hall").await;
    let first = say(&anna, &room, "one", "a").await;
    say(&anna, &room, "two", &first).await;
    say(&anna, &room, "three", &format!("deleted:{first}")).await;
    join(&app.member("ben").await, "hall").await;
    body(leave(&anna).await, 204).await;
    forgotten(&app).await;
    let left =
        "SELECT COUNT(*) AS count FROM messages WHERE body IS NOT NULL OR client_msg_id = 'a'";
    assert_eq!(super::house::count(&app, left).await, 0);
}
