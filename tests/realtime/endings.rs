//! How connections end: by whose hand, with which code, and that nobody else's does.

use playhouse::accounts::Role;
use playhouse::config::Concurrent;
use playhouse_test_support::{PASSWORD, TestApp, problem, text};
use serde_json::{Value, json};

use crate::wire::{Socket, settles};

#[actix_web::test]
async fn signing_out_ends_the_connections_of_that_session() {
    let app = TestApp::start().await;
    let here = app.member("anna").await;
    let there = app.sign_in("anna").await;
    let mut stays = Socket::open(&app, &there).await;
    let mut ends = Socket::open(&app, &here).await;
    assert_eq!(here.delete("/sessions/current").await.status(), 204);
    assert_eq!(
        ends.push("session_ended").await,
        json!({"ev": "session_ended"})
    );
    assert_eq!(ends.end().await, 3503);
    assert_eq!(stays.done(json!({"op": "ping"})).await, json!({}));
}

#[actix_web::test]
async fn a_locked_account_is_out_at_once() {
    let app = TestApp::start().await;
    let (admin, anna) = (app.admin().await, app.member("anna").await);
    let mut sockets = [
        Socket::open(&app, &anna).await,
        Socket::open(&app, &app.sign_in("anna").await).await,
    ];
    let mut others = Socket::open(&app, &admin).await;
    let path = format!("/admin/accounts/{}", anna.id);
    let lock = admin.patch(&path, json!({"is_locked": true})).await;
    assert_eq!(lock.status(), 200);
    for socket in &mut sockets {
        assert_eq!(socket.end().await, 3502);
    }
    assert_eq!(others.done(json!({"op": "ping"})).await, json!({}));
    settles(&app, "playhouse_realtime_sockets", 1.0).await;
}

#[actix_web::test]
async fn who_deletes_their_account_is_out_at_once() {
    let app = TestApp::start().await;
    let (anna, ben) = (app.member("anna").await, app.member("ben").await);
    let mut sockets = [
        Socket::open(&app, &anna).await,
        Socket::open(&app, &app.sign_in("anna").await).await,
    ];
    let mut others = Socket::open(&app, &ben).await;
    let leave = anna.request(reqwest::Method::DELETE, "/me");
    let left = leave.json(&json!({"password": PASSWORD})).send().await;
    assert_eq!(left.unwrap().status(), 204);
    for socket in &mut sockets {
        assert_eq!(socket.end().await, 3503);
    }
    assert_eq!(others.done(json!({"op": "ping"})).await, json!({}));
    settles(&app, "playhouse_realtime_sockets", 1.0).await;
}

#[actix_web::test]
async fn a_new_sign_in_ends_the_older_where_one_is_the_rule() {
    let app = TestApp::start_with(|config| config.sessions.concurrent = Concurrent::Single).await;
    let anna = app.member("anna").await;
    let mut older = Socket::open(&app, &anna).await;
    let again = app.sign_in("anna").await;
    assert_eq!(older.end().await, 3501);
    Socket::open(&app, &again).await.close().await;
}

#[actix_web::test]
async fn a_new_password_and_a_revoked_token_end_what_they_end() {
    let app = TestApp::start().await;
    let here = app.member("anna").await;
    let there = app.sign_in("anna").await;
    let body = json!({"name": "robot", "scopes": ["read"]});
    let made: Value = here.post("/me/tokens", body).await.json().await.unwrap();
    let robot = app.with_token(&text(&made["secret"]));
    let mut by_token = Socket::open(&app, &robot).await;
    let mut stays = Socket::open(&app, &here).await;
    let mut elsewhere = Socket::open(&app, &there).await;
    let path = format!("/me/tokens/{}", text(&made["id"]));
    assert_eq!(here.delete(&path).await.status(), 204);
    assert_eq!(by_token.end().await, 3503);
    let body = json!({"current_password": PASSWORD, "new_password": "a new one, longer"});
    assert_eq!(here.put("/me/password", body).await.status(), 204);
    assert_eq!(elsewhere.end().await, 3503);
    assert_eq!(stays.done(json!({"op": "ping"})).await, json!({}));
}

#[actix_web::test]
async fn an_admin_sees_and_ends_the_sessions_of_somebody() {
    let app = TestApp::start().await;
    let (admin, here) = (app.admin().await, app.member("anna").await);
    let there = app.sign_in("anna").await;
    let mut ends = Socket::open(&app, &there).await;
    let mut ends_too = Socket::open(&app, &there).await;
    let mut stays = Socket::open(&app, &here).await;
    let path = format!("/admin/accounts/{}/sessions", here.id);
    let live = admin.get_json("/admin/stats").await["live"].clone();
    assert_eq!(
        (&live["connections"], &live["accounts_online"]),
        (&json!(3), &json!(1))
    );
    let listed = admin.get_json(&path).await;
    let items = listed["items"].as_array().unwrap();
    let connections: Vec<_> = items.iter().map(|it| it["connections"].clone()).collect();
    // The latest first.
    assert_eq!(connections, [json!(2), json!(1)]);
    let shown = &items[0];
    assert_eq!(shown["address"], "127.0.0.1");
    assert_eq!(shown["current"], false);
    assert!(!text(&shown["device"]).is_empty());
    assert!(!listed.to_string().contains(there.token.as_ref().unwrap()));
    let first = admin.get_json(&format!("{path}?limit=1")).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    assert_eq!(first["items"][0]["id"], shown["id"]);
    let next = format!("{path}?limit=1&cursor={}", text(&first["next_cursor"]));
    let rest = admin.get_json(&next).await;
    assert_eq!(rest["items"][0]["id"], items[1]["id"]);
    assert_eq!(rest["next_cursor"], json!(null));

    let gone = format!("{path}/{}", text(&shown["id"]));
    problem(here.delete(&gone).await, 403, "forbidden").await;
    problem(here.get(&path).await, 403, "forbidden").await;
    assert_eq!(admin.delete(&gone).await.status(), 204);
    assert_eq!(ends.end().await, 3503);
    assert_eq!(ends_too.end().await, 3503);
    assert_eq!(stays.done(json!({"op": "ping"})).await, json!({}));
    assert_eq!(there.get("/me").await.status(), 401);
    assert_eq!(here.get("/me").await.status(), 200);
    let left = admin.get_json(&path).await;
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    let audit = admin
        .get_json("/admin/audit?action=account.end_session")
        .await;
    let entry = &audit["items"][0];
    assert_eq!(entry["target_id"], json!(here.id));
    assert_eq!(entry["detail"]["session"], shown["id"]);

    // Once only, and only by the account that it is of.
    problem(admin.delete(&gone).await, 404, "not_found").await;
    let own = admin
        .get_json(&format!("/admin/accounts/{}/sessions", admin.id))
        .await;
    assert_eq!(own["items"][0]["current"], true);
    let foreign = format!("{path}/{}", text(&own["items"][0]["id"]));
    problem(admin.delete(&foreign).await, 404, "not_found").await;
    let nobody = format!("/admin/accounts/{}/sessions", uuid::Uuid::now_v7());
    problem(admin.get(&nobody).await, 404, "not_found").await;
    let audit = admin
        .get_json("/admin/audit?action=account.end_session")
        .await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_stopping_server_says_come_back() {
    let app = TestApp::start().await;
    let anna = app.member("anna").await;
    let mut socket = Socket::open(&app, &anna).await;
    let begun = std::time::Instant::now();
    let (code, app) = tokio::join!(socket.end(), app.restart_with(|_| {}));
    assert_eq!(code, 3001);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));
    Socket::open(&app, &anna).await;
}

/// What this node is not told is found when it looks again: another node locked the account, a role was taken away.
#[actix_web::test]
async fn access_is_looked_at_again() {
    use diesel::RunQueryDsl as _;

    let app = TestApp::start_with(|config| config.realtime.recheck_seconds = 1).await;
    let anna = app.newcomer(Role::Member).await;
    let mut socket = Socket::open(&app, &anna).await;
    let id = anna.id.clone();
    let write = app
        .app()
        .db
        .write::<_, playhouse::db::Error, _>(move |conn| {
            let sql = "UPDATE accounts SET is_locked = $1 WHERE id = $2";
            diesel::sql_query(sql)
                .bind::<diesel::sql_types::Bool, _>(true)
                .bind::<diesel::sql_types::Text, _>(&id)
                .execute(conn)?;
            Ok(())
        });
    write.await.unwrap();
    assert_eq!(socket.end().await, 3502);
}
