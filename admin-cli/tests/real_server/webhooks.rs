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

/// The exit codes of the document.
#[actix_web::test]
async fn what_cannot_be_done_has_the_exit_code_of_the_document() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let program = Program::of(&admin, &app);
    let url = "https://hooks.example/playhouse";
    let event = ["--event", "movie.published"];
    let add = |url| [&["webhook", "add", url][..], &event[..]].concat();
    let id = text(&program.json(&add(url)).await["id"]);
    let none = uuid::Uuid::now_v7().to_string();
    for arguments in [
        vec!["webhook", "add", url],
        vec!["webhook", "add", url, "--event", "ping-pong"],
        vec!["webhook", "show", "no-id"],
        vec!["webhook", "edit", &id],
        vec!["webhook", "edit", &id, "--on", "--off"],
        vec!["webhook", "retry", &id],
        vec!["webhook", "remove"],
    ] {
        program.fails(&arguments, 2).await;
    }
    for arguments in [
        vec!["webhook", "show", &none],
        vec!["webhook", "edit", &none, "--off"],
        vec!["webhook", "secret", &none],
        vec!["webhook", "ping", &none],
        vec!["webhook", "deliveries", &none],
        vec!["webhook", "retry", &id, &none],
        vec!["webhook", "remove", &none],
    ] {
        program.fails(&arguments, 4).await;
    }
    // The server refuses the address, and says why.
    let said = program.fails(&add("http://127.0.0.1/"), 1).await;
    assert!(said.contains("public internet"), "{said}");
    // It waits for an answer that will not come.
    let sent = text(&program.json(&["webhook", "ping", &id]).await["id"]);
    program.fails(&["webhook", "retry", &id, &sent], 5).await;
    let member = Program::of(&app.member("ann").await, &app);
    member.fails(&["webhook", "list"], 3).await;
    let nobody = Program::new(&app.url);
    nobody.fails(&["webhook", "list"], 3).await;
}

/// The document names every command, and no other.
#[actix_web::test]
async fn the_document_names_the_commands() {
    let help = Program::new("http://127.0.0.1:9")
        .ok(&["webhook", "--help"])
        .await;
    let commands = help.split("Commands:").nth(1).unwrap();
    let commands = commands.split("Options:").next().unwrap().lines();
    let mut commands: Vec<&str> = commands
        .filter_map(|it| it.split_whitespace().next())
        .collect();
    commands.retain(|it| *it != "help");
    let document = include_str!("../../../docs/admin-cli.md");
    let rows = document
        .lines()
        .filter_map(|it| it.strip_prefix("| `webhook "));
    let mut named: Vec<&str> = rows.filter_map(|it| it.split([' ', '`']).next()).collect();
    commands.sort_unstable();
    named.sort_unstable();
    assert_eq!(commands, named);
}
