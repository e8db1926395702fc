//! `notice`.

use playhouse_test_support::{TestApp, text};

use crate::program::Program;

#[actix_web::test]
async fn a_notice_is_published_changed_and_deleted() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    let published = program
        .json(&[
            "notice",
            "publish",
            "--title",
            "Closed",
            "--body",
            "Back on **Tuesday**",
            "--pinned",
        ])
        .await;
    let id = text(&published["id"]);
    let seen = bob.get_json("/notices").await;
    assert_eq!(seen["items"][0]["title"], "Closed");
    assert_eq!(seen["items"][0]["pinned"], true);
    assert!(text(&seen["items"][0]["body_html"]).contains("<strong>Tuesday</strong>"));

    program
        .ok(&["notice", "edit", &id, "--title", "Open", "--unpin"])
        .await;
    let seen = bob.get_json("/notices").await;
    assert_eq!(seen["items"][0]["title"], "Open");
    assert_eq!(seen["items"][0]["pinned"], false);
    assert_eq!(seen["items"][0]["body"], "Back on **Tuesday**");
    let table = program.ok(&["notice", "list"]).await;
    assert!(table.contains("Open") && table.contains(&id), "{table}");

    program.ok(&["notice", "delete", &id]).await;
    assert_eq!(
        bob.get_json("/notices").await["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    program.fails(&["notice", "delete", &id], 4).await;
}

#[actix_web::test]
async fn the_text_comes_from_a_file_or_stdin() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let file = program.config().join("text.md");
    std::fs::write(&file, "# From a file").unwrap();
    program
        .ok(&[
            "notice",
            "publish",
            "--title",
            "One",
            "--body-file",
            file.to_str().unwrap(),
        ])
        .await;
    let piped = ["notice", "publish", "--title", "Two", "--body-file", "-"];
    assert_eq!(program.run_with_stdin(&piped, "from stdin").await.code, 0);
    let listed = program.json(&["notice", "list"]).await;
    let bodies: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["body"]))
        .collect();
    assert!(
        bodies.contains(&"# From a file".to_owned()) && bodies.contains(&"from stdin".to_owned())
    );
}

#[actix_web::test]
async fn a_notice_without_text_or_change_is_an_error_of_use() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    program
        .fails(&["notice", "publish", "--title", "Empty"], 2)
        .await;
    program
        .fails(
            &["notice", "edit", "01900000-0000-7000-8000-000000000001"],
            2,
        )
        .await;
    program
        .fails(&["notice", "edit", "not-an-id", "--pin"], 2)
        .await;
    program
        .fails(&["notice", "publish", "--title", "", "--body", "x"], 1)
        .await;
}
