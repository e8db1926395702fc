//! `notices`, `completions`, help, and servers that are away.

use playhouse_test_support::{PASSWORD, TestApp};
use serde_json::json;

use crate::program::Program;

#[actix_web::test]
async fn notices_are_read_and_marked() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let program = Program::of(&app.member("bob").await);
    assert!(program.ok(&["notices"]).await.contains("no notices"));
    for (title, pinned) in [("Closed on Monday", true), ("New films", false)] {
        let notice =
            json!({"title": title, "body": "We are **back**\non Tuesday.", "pinned": pinned});
        assert_eq!(admin.post("/notices", notice).await.status(), 201);
    }
    let shown = program.ok(&["notices", "--read"]).await;
    assert!(
        shown.contains("Closed on Monday (pinned, new), by admin"),
        "{shown}"
    );
    assert!(shown.contains("\n    on Tuesday.\n"), "{shown}");
    let again = program.ok(&["notices"]).await;
    assert!(again.contains("Closed on Monday (pinned), by"), "{again}");
    let items = program.json(&["notices", "--limit", "1"]).await;
    assert_eq!(items["items"].as_array().unwrap().len(), 1);
    assert!(items["next_cursor"].is_string());
}

#[actix_web::test]
async fn help_and_completions_need_no_server() {
    let program = Program::new("http://127.0.0.1:1");
    let help = program.ok(&["--help"]).await;
    assert!(
        help.contains("Exit codes:") && !help.contains('\u{1b}'),
        "{help}"
    );
    for shell in ["bash", "zsh", "fish"] {
        let script = program.ok(&["completions", shell]).await;
        assert!(script.contains("playhouse-cli"));
    }
    program.fails(&["fly"], 2).await;
}

#[actix_web::test]
async fn a_server_that_is_away_has_a_code_of_its_own() {
    let program = Program::new("http://127.0.0.1:1");
    let login = ["login", "bob", "--password-stdin", "--json"];
    let outcome = program.run_with_stdin(&login, PASSWORD).await;
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!(error["exit_code"], 6);
    Program::new("films").fails(&["logout"], 2).await;
}
