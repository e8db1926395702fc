//! `setup`, `login`, `logout`, and what is kept.

use std::os::unix::fs::PermissionsExt as _;

use playhouse_test_support::{PASSWORD, TestApp};

use crate::program::Program;

#[actix_web::test]
async fn a_new_house_is_set_up_and_the_first_admin_is_signed_in() {
    let app = TestApp::start().await;
    app.app()
        .accounts
        .prepare_setup(app.data_dir())
        .await
        .unwrap();
    let program = Program::new(&app.url);
    let token_file = app.data_dir().join("setup-token");
    let arguments = [
        "setup",
        "alice",
        "--password-stdin",
        "--token-file",
        token_file.to_str().unwrap(),
    ];
    let outcome = program
        .run_with_stdin(&arguments, &format!("{PASSWORD}\n"))
        .await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("as alice"), "{outcome:?}");

    let accounts = program.json(&["account", "list"]).await;
    assert_eq!(accounts["items"][0]["username"], "alice");
    let mode = std::fs::metadata(program.config().join("credentials.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    std::fs::write(&token_file, "again").unwrap();
    let again = program.run_with_stdin(&arguments, PASSWORD).await;
    assert_eq!(again.code, 4, "{again:?}");
}

#[actix_web::test]
async fn a_wrong_setup_token_is_refused() {
    let app = TestApp::start().await;
    app.app()
        .accounts
        .prepare_setup(app.data_dir())
        .await
        .unwrap();
    let program = Program::new(&app.url);
    let arguments = ["setup", "alice", "--password-stdin", "--token", "wrong"];
    assert_eq!(program.run_with_stdin(&arguments, PASSWORD).await.code, 3);
    assert!(!program.config().join("credentials.json").exists());
    let without = ["setup", "alice", "--password-stdin"];
    assert_eq!(program.run_with_stdin(&without, PASSWORD).await.code, 2);
}

#[actix_web::test]
async fn signing_in_and_out_again() {
    let app = TestApp::start().await;
    app.admin().await;
    let program = Program::new(&app.url);
    let login = ["login", "admin", "--password-stdin"];
    assert!(
        program
            .fails(&["account", "list"], 3)
            .await
            .contains("login")
    );

    let wrong = program.run_with_stdin(&login, "wrong password").await;
    assert_eq!(wrong.code, 3, "{wrong:?}");
    assert_eq!(program.run_with_stdin(&login, "").await.code, 2);

    assert_eq!(program.run_with_stdin(&login, PASSWORD).await.code, 0);
    program.ok(&["account", "list"]).await;
    let token = kept_token(&program, &app);
    assert_eq!(app.with_token(&token).get("/sessions").await.status(), 200);

    program.ok(&["logout"]).await;
    program.fails(&["account", "list"], 3).await;
    assert_eq!(app.with_token(&token).get("/sessions").await.status(), 401);
    program.ok(&["logout"]).await;
}

#[actix_web::test]
async fn a_session_that_the_server_ended_can_still_be_forgotten() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let program = Program::new(&app.url);
    program
        .run_with_stdin(&["login", "admin", "--password-stdin"], PASSWORD)
        .await;
    let sessions = admin.get_json("/sessions").await;
    for session in sessions["items"].as_array().unwrap() {
        if session["current"] == false {
            let path = format!("/sessions/{}", session["id"].as_str().unwrap());
            assert_eq!(admin.delete(&path).await.status(), 204);
        }
    }
    let refused = program.fails(&["account", "list"], 3).await;
    assert!(refused.contains("playhouse-admin login"), "{refused}");
    program.ok(&["logout"]).await;
}

#[actix_web::test]
async fn the_last_server_is_meant_when_none_is_named() {
    let app = TestApp::start().await;
    app.admin().await;
    let program = Program::new(&app.url);
    program
        .run_with_stdin(&["login", "admin", "--password-stdin"], PASSWORD)
        .await;
    let mut command = program.command(&["account", "list"]);
    let output = command
        .env_remove("PLAYHOUSE_SERVER")
        .output()
        .await
        .unwrap();
    assert!(output.status.success());
}

#[actix_web::test]
async fn a_member_may_not_do_what_admins_do() {
    let app = TestApp::start().await;
    app.admin().await;
    let program = Program::of(&app.member("bob").await, &app);
    for command in [["account", "list"].as_slice(), &["audit"]] {
        program.fails(command, 3).await;
    }
}

#[actix_web::test]
async fn a_server_that_is_away_has_a_code_of_its_own() {
    let program = Program::new("http://127.0.0.1:1");
    let outcome = program
        .run_with_stdin(&["login", "admin", "--password-stdin", "--json"], PASSWORD)
        .await;
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!(error["exit_code"], 6);
    assert!(error["error"].as_str().unwrap().contains("127.0.0.1:1"));
}

#[actix_web::test]
async fn what_is_no_address_is_an_error_of_use() {
    for server in ["films", "ftp://films.example", "http://"] {
        Program::new(server).fails(&["logout"], 2).await;
    }
}

fn kept_token(program: &Program, app: &TestApp) -> String {
    let text = std::fs::read_to_string(program.config().join("credentials.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
    kept["servers"][format!("{}/", app.url)]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}
