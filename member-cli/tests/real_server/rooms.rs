//! `rooms` and `send`.

use crate::friends::two;
use crate::program::Program;

#[actix_web::test]
async fn rooms_are_made_joined_and_left() {
    let (_app, anna, ben) = two().await;
    assert!(anna.ok(&["rooms"]).await.contains("in no room"));
    let made = anna.ok(&["rooms", "create", "Film club"]).await;
    assert_eq!(made, "Film club is open, and yours.\n");
    anna.fails(&["rooms", "create", "FILM CLUB"], 5).await;
    ben.fails(&["rooms", "join", "Nothing"], 4).await;
    ben.fails(&["rooms", "members", "Film club"], 4).await;
    ben.ok(&["rooms", "join", "Film club"]).await;
    let members = ben.ok(&["rooms", "members", "film club"]).await;
    assert!(
        members.contains("anna  owner") && members.contains("ben   member"),
        "{members}"
    );
    let one = ben
        .json(&["rooms", "members", "Film club", "--limit", "1"])
        .await;
    assert!(one["next_cursor"].is_string());
    ben.ok(&["rooms", "leave", "Film club"]).await;
    assert!(ben.ok(&["rooms"]).await.contains("in no room"));
}

#[actix_web::test]
async fn a_friend_is_invited_and_a_stranger_is_not() {
    let (_app, anna, ben) = two().await;
    anna.ok(&["rooms", "create", "Film club"]).await;
    anna.fails(&["rooms", "invite", "Film club", "ben"], 4)
        .await;
    befriend(&anna, &ben).await;
    let told = anna.ok(&["rooms", "invite", "Film club", "ben"]).await;
    assert_eq!(told, "ben is in Film club.\n");
    assert!(ben.ok(&["rooms"]).await.contains("Film club"));
}

pub(crate) async fn befriend(anna: &Program, ben: &Program) {
    anna.ok(&["friends", "add", "ben"]).await;
    ben.ok(&["friends", "accept", "anna"]).await;
}

#[actix_web::test]
async fn what_is_sent_is_unread_for_the_other() {
    let (_app, anna, ben) = two().await;
    befriend(&anna, &ben).await;
    anna.fails(&["send", "@carl", "Hello"], 4).await;
    let told = anna.ok(&["send", "@ben", "Hello @ben"]).await;
    assert!(told.contains(" of @ben."), "{told}");
    let words = ["--json", "send", "@ben", "--", "--json?"];
    let sent: serde_json::Value = serde_json::from_str(&anna.ok(&words).await).unwrap();
    assert_eq!(
        (&sent["body"], &sent["kind"]),
        (&"--json?".into(), &"message".into())
    );
    let listed = ben.json(&["rooms"]).await;
    let room = &listed["items"][0];
    assert_eq!(
        (&room["kind"], &room["mentions"]),
        (&"private".into(), &1.into())
    );
    assert!(room["unread"].as_i64().unwrap() >= 2, "{room}");
    let table = ben.ok(&["rooms"]).await;
    assert!(table.contains("@anna"), "{table}");
    // By its id as well.
    let id = room["id"].as_str().unwrap();
    ben.ok(&["send", id, "Hello back"]).await;
}

#[actix_web::test]
async fn a_message_that_is_sent_again_is_there_once() {
    let (_app, anna, _ben) = two().await;
    anna.ok(&["rooms", "create", "Film club"]).await;
    let words = ["send", "Film club", "Once", "--id", "a-script-7"];
    let first = anna.json(&words).await;
    let again = anna.json(&words).await;
    assert_eq!(first["seq"], again["seq"]);
    let reply = first["message_id"].as_str().unwrap();
    let third = anna
        .json(&["send", "Film club", "Yes", "--reply-to", reply])
        .await;
    assert_eq!(
        third["seq"].as_i64(),
        first["seq"].as_i64().map(|it| it + 1)
    );
    assert_eq!(third["reply_to"], first["message_id"]);
}

#[actix_web::test]
async fn a_text_from_stdin_keeps_its_lines() {
    let (_app, anna, _ben) = two().await;
    anna.ok(&["rooms", "create", "Film club"]).await;
    let words = ["send", "Film club", "-", "--json"];
    let sent = anna.run_with_stdin(&words, "Two\r\n lines 你好\n").await;
    let event: serde_json::Value = serde_json::from_str(&sent.stdout).unwrap();
    assert_eq!(event["body"], "Two\n lines 你好");
    let long = "x".repeat(4001);
    for (text, code) in [("", 1), (long.as_str(), 1), ("\u{1b}[2J", 1)] {
        let refused = anna.run_with_stdin(&words, text).await;
        assert_eq!(refused.code, code, "{refused:?}");
        let told: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
        assert_eq!(told["problem"]["errors"][0]["field"], "body");
    }
    let endless = "x".repeat(100_000) + "é";
    assert_eq!(anna.run_with_stdin(&words, &endless).await.code, 1);
}
