//! `audit`, `stats`, `jobs`, `completions`, and help.

use playhouse_test_support::{TestApp, text};
use serde_json::json;

use crate::films::film;
use crate::program::Program;

#[actix_web::test]
async fn the_audit_log_says_who_did_what() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    program.ok(&["account", "lock", "bob"]).await;
    let latest = &program
        .json(&["audit", "--actor", "admin", "--limit", "1"])
        .await["items"][0];
    assert_eq!(latest["actor"], "admin");
    assert_eq!(text(&latest["target_id"]), bob.id);
    let action = text(&latest["action"]);
    let table = program.ok(&["audit", "--action", &action]).await;
    assert!(
        table.contains(&action) && table.contains("127.0.0.1"),
        "{table}"
    );
    let nobody = program.json(&["audit", "--actor", "bob"]).await;
    assert_eq!(nobody["items"], json!([]));
}

#[actix_web::test]
async fn the_figures_count_what_is_there() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    app.member("bob").await;
    let file = film(program.config(), "a.mp4", 11);
    program
        .ok(&["movie", "publish", file.to_str().unwrap()])
        .await;
    let stats = program.json(&["stats"]).await;
    assert_eq!(
        (&stats["accounts"], &stats["movies"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        stats["movie_bytes"],
        std::fs::metadata(&file).unwrap().len()
    );
    let table = program.ok(&["stats"]).await;
    assert!(table.contains("0.00 EUR"), "{table}");
}

#[actix_web::test]
async fn jobs_are_listed_and_an_unknown_one_is_not_retried() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let file = film(program.config(), "a.mp4", 12);
    program
        .ok(&["movie", "publish", file.to_str().unwrap()])
        .await;
    let jobs = program.json(&["jobs", "list"]).await;
    assert!(!jobs["items"].as_array().unwrap().is_empty());
    let failed = program.json(&["jobs", "list", "--state", "failed"]).await;
    assert_eq!(failed["items"], json!([]));
    program
        .fails(
            &["jobs", "retry", "01900000-0000-7000-8000-000000000001"],
            4,
        )
        .await;
}

#[actix_web::test]
async fn help_and_completions_need_no_server() {
    let program = Program::new("http://127.0.0.1:1");
    let help = program.ok(&["--help"]).await;
    assert!(help.contains("Exit codes:"), "{help}");
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            program
                .ok(&["completions", shell])
                .await
                .contains("playhouse-admin")
        );
    }
    program.fails(&["movie", "fly"], 2).await;
    program.fails(&["completions", "abacus"], 2).await;
}
