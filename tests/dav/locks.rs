//! Locks: of one drive, for a while, for whoever has the token.

use chrono::TimeDelta;
use playhouse_test_support::TestApp;

use crate::wire::{Client, LOCK, client, header};

async fn put_with(ann: &Client<'_>, path: &str, token: &str) -> u16 {
    let request = ann.ask("PUT", path).header("If", format!("(<{token}>)"));
    let answer = request.body("held").send().await.unwrap();
    answer.status().as_u16()
}

#[actix_web::test]
async fn a_lock_outlives_a_restart_and_ends_in_time() {
    let app = TestApp::start().await;
    let token = {
        let ann = client(&app, "ann").await;
        ann.put("/a", "a").await;
        ann.lock("/a", "0", "Second-300").await
    };
    let app = app.restart_with(|_| {}).await;
    let ann = Client {
        app: &app,
        name: "ann".to_owned(),
    };
    let found = ann.find("/a", "0", "").await;
    assert!(found.contains(&token), "{found}");
    assert!(
        found.contains("a &amp; b</D:owner>") && found.contains("Second-300"),
        "{found}"
    );
    assert_eq!(ann.put("/a", "x").await.status(), 423);
    assert_eq!(put_with(&ann, "/a", &token).await, 204);
    app.advance(TimeDelta::seconds(200));
    let refresh = ann.ask("LOCK", "/a").header("If", format!("(<{token}>)"));
    let refresh = refresh
        .header("Timeout", "Second-300")
        .send()
        .await
        .unwrap();
    assert_eq!(refresh.status(), 200);
    app.advance(TimeDelta::seconds(200));
    assert_eq!(ann.put("/a", "x").await.status(), 423, "prolonged");
    app.advance(TimeDelta::seconds(101));
    assert_eq!(ann.put("/a", "free").await.status(), 204);
    assert_eq!(
        put_with(&ann, "/a", &token).await,
        412,
        "a token of no lock"
    );
    let refresh = ann.ask("LOCK", "/a").header("If", format!("(<{token}>)"));
    assert_eq!(refresh.send().await.unwrap().status(), 412);
    assert!(!ann.find("/a", "0", "").await.contains("activelock"));
    app.app().dav.sweep().await.unwrap();
    assert_eq!(app.app().dav.sweep().await.unwrap(), 0);
}

#[actix_web::test]
async fn another_session_of_the_same_owner_needs_the_token() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    assert_eq!(ann.status("MKCOL", "/f").await, 201);
    ann.put("/f/a", "a").await;
    ann.put("/b", "b").await;
    let token = ann.lock("/f", "infinity", "Infinite").await;
    let second = ann.ask("LOCK", "/f/a").header("Depth", "0").body(LOCK);
    assert_eq!(second.send().await.unwrap().status(), 423);
    assert_eq!(ann.put("/f/a", "x").await.status(), 423);
    assert_eq!(ann.put("/f/new", "x").await.status(), 423);
    assert_eq!(ann.status("DELETE", "/f/a").await, 423);
    assert_eq!(ann.status("DELETE", "/f").await, 423);
    assert_eq!(ann.status("MKCOL", "/f/g").await, 423);
    assert_eq!(ann.transfer("MOVE", "/b", "/f/b", "T").await, 423);
    assert_eq!(ann.transfer("MOVE", "/f", "/g", "T").await, 423);
    assert_eq!(
        ann.transfer("COPY", "/f", "/g", "T").await,
        201,
        "reading is free"
    );
    assert_eq!(put_with(&ann, "/f/a", &token).await, 204);
    assert_eq!(
        put_with(
            &ann,
            "/f/a",
            "urn:uuid:00000000-0000-4000-8000-000000000000"
        )
        .await,
        412
    );
    let unlock = |token: &str| {
        ann.ask("UNLOCK", "/f")
            .header("Lock-Token", format!("<{token}>"))
    };
    assert_eq!(unlock("urn:uuid:x").send().await.unwrap().status(), 409);
    assert_eq!(unlock(&token).send().await.unwrap().status(), 204);
    assert_eq!(ann.put("/f/new", "x").await.status(), 201);
}

#[actix_web::test]
async fn a_lock_on_nothing_makes_an_empty_file_and_goes_with_it() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    let answer = ann.ask("LOCK", "/new").body(LOCK).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let token = header(&answer, "lock-token")
        .trim_matches(['<', '>'])
        .to_owned();
    assert_eq!(ann.content("/new").await, "");
    assert_eq!(put_with(&ann, "/new", &token).await, 204);
    let delete = ann
        .ask("DELETE", "/new")
        .header("If", format!("(<{token}>)"));
    assert_eq!(delete.send().await.unwrap().status(), 204);
    assert_eq!(
        ann.put("/new", "x").await.status(),
        201,
        "the lock is gone, too"
    );
    let missing = ann.ask("LOCK", "/no/such").body(LOCK).send().await.unwrap();
    assert_eq!(missing.status(), 409);
    assert_eq!(
        ann.status("MKCOL", "/no").await,
        201,
        "nor does that leave a lock"
    );
    assert_eq!(ann.put("/no/such", "x").await.status(), 201);
}

#[actix_web::test]
async fn of_two_that_want_a_lock_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/a", "a").await;
    let wishes = (0..8).map(|_| ann.ask("LOCK", "/a").body(LOCK).send());
    let answers = futures_util::future::join_all(wishes).await;
    let statuses = answers
        .iter()
        .map(|it| it.as_ref().unwrap().status().as_u16());
    let mut statuses: Vec<u16> = statuses.collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 423, 423, 423, 423, 423, 423, 423]);
}
