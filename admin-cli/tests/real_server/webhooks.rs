//! `webhook`.

use playhouse_test_support::{TestApp, text};

use crate::program::Program;

#[actix_web::test]
async fn a_webhook_is_added_shown_changed_and_removed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let program = Program::of(&admin, &app);
    let url = "https://hooks.example/playhouse";
    let events = ["--event", "movie.published", "--event", "order.paid"];
    let added = program
        .json(&[&["webhook", "add", url][..], &events[..]].concat())
        .await;
    let (id, secret) = (text(&added["id"]), text(&added["secret"]));
    assert!(secret.starts_with("whsec_"), "{added}");
    let list = program.ok(&["webhook", "list"]).await;
    assert!(
        list.contains(&id) && list.contains("movie.published order.paid"),
        "{list}"
    );
    program.ok(&["webhook", "edit", &id, "--off"]).await;
    let shown = program.json(&["webhook", "show", &id]).await;
    assert_eq!(shown["is_active"], false);
    assert!(!shown.to_string().contains(&secret));
    let renewed = program.ok(&["webhook", "secret", &id]).await;
    assert!(renewed.contains("whsec_") && !renewed.contains(&secret));
    let sent = program.json(&["webhook", "ping", &id]).await;
    assert_eq!(sent["event"], "ping");
    let list = program.ok(&["webhook", "deliveries", &id]).await;
    assert!(list.contains(&text(&sent["id"])), "{list}");
    program.ok(&["webhook", "remove", &id]).await;
    let left = program.json(&["webhook", "list"]).await;
    assert_eq!(left["items"], serde_json::json!([]));
    program.fails(&["webhook", "show", &id], 4).await;
    program
        .fails(&["webhook", "add", url, "--event", "movie.watched"], 2)
        .await;
}
