//! `comment`.

use playhouse_test_support::{TestApp, text};
use serde_json::{Value, json};

use crate::program::Program;

#[actix_web::test]
async fn a_reported_comment_is_hidden_shown_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let program = Program::of(&admin, &app);
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let film = text(&app.publish_film(&admin, "A film", 0).await["id"]);
    let path = format!("/movies/{film}/comments");
    let said = ann.post(&path, json!({"text": "rude"}));
    let said: Value = said.await.json().await.unwrap();
    let id = text(&said["id"]);
    assert_eq!(program.json(&["comment", "list"]).await["items"], json!([]));
    let reason = json!({"reason": "not nice"});
    let report = bob.post(&format!("/comments/{id}/report"), reason).await;
    assert_eq!(report.status(), 204);
    let table = program.ok(&["comment", "list"]).await;
    for word in [&*id, "ann", "A film", "rude"] {
        assert!(table.contains(word), "{table}");
    }
    let table = program.ok(&["comment", "reports", &id]).await;
    assert!(
        table.contains("bob") && table.contains("not nice"),
        "{table}"
    );

    program.ok(&["comment", "hide", &id]).await;
    let seen = bob.get_json(&path).await;
    assert_eq!(seen["items"][0]["text"], Value::Null);
    let hidden = ["comment", "list", "--state", "hidden"];
    assert_eq!(program.json(&hidden).await["items"][0]["text"], "rude");
    program.ok(&["comment", "show", &id]).await;
    assert_eq!(bob.get_json(&path).await["items"][0]["text"], "rude");
    program.ok(&["comment", "delete", &id]).await;
    let all = ["comment", "list", "--state", "all"];
    assert_eq!(program.json(&all).await["items"], json!([]));
    for verb in ["hide", "show", "delete", "reports"] {
        program.fails(&["comment", verb, &id], 4).await;
    }
    program.fails(&["comment", "hide"], 2).await;
}
