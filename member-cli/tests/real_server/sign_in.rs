//! `register`, `login`, `logout`, and what is kept.

use std::os::unix::fs::PermissionsExt as _;

use playhouse_test_support::{PASSWORD, TestApp};

use crate::program::Program;

#[actix_web::test]
async fn a_new_member_registers_and_is_signed_in() {
    let app = TestApp::start().await;
    let program = Program::new(&app.url);
    let arguments = [
        "register",
        "alice",
        "--email",
        "alice@example.org",
        "--password-stdin",
    ];
    let outcome = program
        .run_with_stdin(&arguments, &format!("{PASSWORD}\n"))
        .await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("as alice"), "{outcome:?}");
    let wallet = program.json(&["wallet"]).await;
    assert_eq!(wallet["balance"], 0);
    let mode = std::fs::metadata(program.config().join("credentials.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let again = program.run_with_stdin(&arguments, PASSWORD).await;
    assert_eq!(again.code, 5, "{again:?}");
    let short = ["register", "al", "--password-stdin", "--json"];
    let refused = program.run_with_stdin(&short, PASSWORD).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!(error["problem"]["errors"][0]["field"], "username");
}

#[actix_web::test]
async fn signing_in_and_out_again() {
    let app = TestApp::start().await;
    app.member("bob").await;
    let program = Program::new(&app.url);
    let login = ["login", "bob", "--password-stdin"];
    assert!(
        program
            .fails(&["movies"], 3)
            .await
            .contains("playhouse-cli login")
    );
    let wrong = program.run_with_stdin(&login, "wrong password").await;
    assert_eq!(wrong.code, 3, "{wrong:?}");
    assert_eq!(program.run_with_stdin(&login, "").await.code, 2);
    assert_eq!(program.run_with_stdin(&login, PASSWORD).await.code, 0);
    program.ok(&["movies"]).await;
    program.ok(&["logout"]).await;
    program.fails(&["movies"], 3).await;
}

#[actix_web::test]
async fn the_session_bears_the_name_of_the_program() {
    let app = TestApp::start().await;
    let bob = app.member("bob").await;
    let program = Program::new(&app.url);
    program
        .run_with_stdin(&["login", "bob", "--password-stdin"], PASSWORD)
        .await;
    let sessions = bob.get_json("/sessions").await.to_string();
    assert!(sessions.contains("playhouse-cli "), "{sessions}");
}

#[actix_web::test]
async fn a_token_in_the_environment_needs_no_login() {
    let app = TestApp::start().await;
    let program = Program::of(&app.member("bob").await);
    program.ok(&["wallet"]).await;
    assert!(!program.config().join("credentials.json").exists());
}
