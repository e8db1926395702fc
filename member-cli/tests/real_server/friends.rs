//! `friends`: asking, accepting, putting aside, ending, blocking.

use playhouse_test_support::TestApp;

use crate::program::Program;

/// Two members, each with the program.
pub(crate) async fn two() -> (TestApp, Program, Program) {
    let app = TestApp::start().await;
    let anna = Program::of(&app.member("anna").await);
    let ben = Program::of(&app.member("ben").await);
    (app, anna, ben)
}

/// The states of all that `friends` lists.
async fn listed(program: &Program) -> String {
    program.ok(&["friends"]).await
}

#[actix_web::test]
async fn a_request_is_accepted_and_both_are_listed() {
    let (_app, anna, ben) = two().await;
    assert!(listed(&anna).await.contains("Nobody yet"));
    assert_eq!(
        anna.ok(&["friends", "add", "@BEN"]).await,
        "ben is asked.\n"
    );
    assert!(listed(&anna).await.contains("asked by you"));
    assert!(listed(&ben).await.contains("asks you"));
    let accepted = ben.ok(&["friends", "accept", "anna"]).await;
    assert_eq!(accepted, "anna and you are friends.\n");
    let table = listed(&ben).await;
    assert!(table.contains("anna  away"), "{table}");
    let friends = anna.json(&["friends"]).await;
    assert_eq!(friends["friends"][0]["account"]["username"], "ben");
    anna.fails(&["friends", "add", "ben"], 5).await;
    anna.ok(&["friends", "remove", "ben"]).await;
    anna.fails(&["friends", "remove", "ben"], 4).await;
    assert!(listed(&ben).await.contains("Nobody yet"));
}

#[actix_web::test]
async fn who_is_connected_is_online() {
    let (_app, anna, ben) = two().await;
    anna.ok(&["friends", "add", "ben"]).await;
    ben.ok(&["friends", "accept", "anna"]).await;
    let mut here = ben.command(&["chat", "@anna", "--watch"]).spawn().unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !listed(&anna).await.contains("ben   online") {
        assert!(std::time::Instant::now() < deadline);
    }
    here.kill().await.unwrap();
}

#[actix_web::test]
async fn requests_are_put_aside_and_taken_back() {
    let (_app, anna, ben) = two().await;
    anna.ok(&["friends", "add", "ben"]).await;
    ben.ok(&["friends", "ignore", "anna"]).await;
    ben.fails(&["friends", "ignore", "anna"], 4).await;
    ben.fails(&["friends", "accept", "anna"], 4).await;
    anna.ok(&["friends", "remove", "ben"]).await;
    assert!(listed(&anna).await.contains("Nobody yet"));
    anna.fails(&["friends", "add", "nobody_at_all"], 4).await;
    anna.fails(&["friends", "add", "anna"], 1).await;
}

#[actix_web::test]
async fn somebody_from_a_room_is_blocked_and_not_any_more() {
    let (_app, anna, ben) = two().await;
    let refused = anna.fails(&["friends", "block", "ben"], 4).await;
    assert!(refused.contains("in your rooms"), "{refused}");
    anna.ok(&["rooms", "create", "Film club"]).await;
    ben.ok(&["rooms", "join", "film CLUB"]).await;
    assert_eq!(
        anna.ok(&["friends", "block", "ben"]).await,
        "ben is blocked.\n"
    );
    assert!(listed(&anna).await.contains("blocked"));
    anna.fails(&["friends", "unblock", "carl"], 4).await;
    anna.ok(&["friends", "unblock", "ben"]).await;
    assert!(listed(&anna).await.contains("Nobody yet"));
}
