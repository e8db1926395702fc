//! Live connections, as a client sees them: who is let in, what is pushed, how they end, what they withstand.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

mod chaos;
mod crowd;
mod endings;
mod hostile;
mod rooms;
mod seen;
mod slow;
mod tls;
mod wire;

use playhouse::accounts::Role;
use playhouse_test_support::{TestApp, text};
use serde_json::json;
use wire::{Socket, settles};

#[actix_web::test]
async fn hello_says_who_one_is_and_what_waits() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let member = app.member("anna").await;
    let notice = json!({"title": "Tonight", "body": "A film"});
    assert_eq!(admin.post("/notices", notice).await.status(), 201);
    let socket = Socket::open(&app, &member).await;
    let hello = &socket.hello;
    assert_eq!(hello["protocol"], 1);
    assert_eq!(hello["account"]["id"], json!(member.id));
    assert_eq!(hello["account"]["username"], "anna");
    assert_eq!(hello["unread_notices"], 1);
    assert_eq!(socket.close().await, 1000);
    settles(&app, "playhouse_realtime_sockets", 0.0).await;
}

#[actix_web::test]
async fn an_account_hears_at_once_what_it_may_now() {
    let app = TestApp::start().await;
    let (admin, anna, ben) = (
        app.admin().await,
        app.member("anna").await,
        app.member("ben").await,
    );
    let mut socket = Socket::open(&app, &anna).await;
    let others = Socket::open(&app, &ben).await;
    let change = async |body: serde_json::Value| {
        let path = format!("/admin/accounts/{}", anna.id);
        assert_eq!(admin.patch(&path, body).await.status(), 200);
    };
    let until = "2099-01-01T00:00:00Z";
    change(json!({"vip_until": until})).await;
    let told = socket.push("account").await;
    assert_eq!(
        (&told["id"], &told["is_vip"], &told["vip_until"]),
        (&json!(anna.id), &json!(true), &json!(until))
    );
    assert_eq!(
        (&told["role"], &told["quota"]),
        (&json!("member"), &json!(null))
    );
    change(json!({"vip_until": null, "quota": 5})).await;
    let told = socket.push("account").await;
    assert_eq!(
        (&told["is_vip"], &told["quota"]),
        (&json!(false), &json!(5))
    );
    change(json!({"role": "admin"})).await;
    assert_eq!(socket.push("account").await["role"], "admin");

    let credit = admin
        .request(
            reqwest::Method::POST,
            &format!("/admin/accounts/{}/credit", anna.id),
        )
        .header("idempotency-key", "k")
        .json(&json!({"amount": 100_000, "note": ""}));
    assert_eq!(credit.send().await.unwrap().status(), 201);
    let bought = anna
        .request(reqwest::Method::POST, "/me/membership")
        .header("idempotency-key", "k")
        .json(&json!({"plan": "month"}));
    assert_eq!(bought.send().await.unwrap().status(), 201);
    assert_eq!(socket.push("account").await["is_vip"], true);
    // Nobody else is told, and an account that is locked is ended instead.
    change(json!({"is_locked": true, "quota": 6})).await;
    let path = format!("/admin/accounts/{}", ben.id);
    let lock = admin.patch(&path, json!({"is_locked": true})).await;
    assert_eq!(lock.status(), 200);
    for mut socket in [socket, others] {
        let code = loop {
            match socket.next().await {
                Ok(push) => assert_ne!(push["ev"], "account", "{push}"),
                Err(code) => break code,
            }
        };
        assert_eq!(code, 3502);
    }
}

#[actix_web::test]
async fn a_browser_is_let_in_from_a_page_of_this_site_only() {
    let app = TestApp::start().await;
    let member = app.member("anna").await;
    let cookie = format!("playhouse_session={}", member.token.as_ref().unwrap());
    let cookie = ("cookie", cookie.as_str());
    let own = app.url.clone();
    for headers in [
        vec![cookie, ("origin", own.as_str())],
        vec![cookie, ("sec-fetch-site", "same-origin")],
    ] {
        Socket::open_with(&app, &headers).await.ok().unwrap();
    }
    for headers in [
        vec![cookie, ("origin", "https://elsewhere.example")],
        vec![cookie, ("origin", "null")],
        vec![cookie],
        vec![
            cookie,
            ("sec-fetch-site", "cross-site"),
            ("origin", own.as_str()),
        ],
    ] {
        let refusal = Socket::open_with(&app, &headers).await.err().unwrap();
        assert_eq!(refusal.status, 403, "{headers:?}");
        assert_eq!(refusal.problem["code"], "cross_site");
    }
    for headers in [vec![], vec![("authorization", "Bearer nobody's")]] {
        let refusal = Socket::open_with(&app, &headers).await.err().unwrap();
        assert_eq!(refusal.status, 401);
        assert_eq!(refusal.problem["code"], "not_signed_in");
    }
}

#[actix_web::test]
async fn a_token_needs_the_scope_to_read() {
    let app = TestApp::start().await;
    let member = app.member("anna").await;
    for (scope, status) in [("read", None), ("write", Some(403))] {
        let body = json!({"name": scope, "scopes": [scope]});
        let made: serde_json::Value = member.post("/me/tokens", body).await.json().await.unwrap();
        let token = format!("Bearer {}", text(&made["secret"]));
        let opened = Socket::open_with(&app, &[("authorization", &token)]).await;
        assert_eq!(opened.err().map(|it| it.status), status, "{scope}");
    }
}

#[actix_web::test]
async fn what_is_no_handshake_is_refused() {
    let app = TestApp::start().await;
    let member = app.member("anna").await;
    let answer = member.get("/realtime").await;
    playhouse_test_support::problem(answer, 400, "bad_request").await;
    let answer = member.post("/realtime", json!({})).await;
    playhouse_test_support::problem(answer, 405, "method_not_allowed").await;
    let old = ("sec-websocket-version", "12");
    let token = format!("Bearer {}", member.token.as_ref().unwrap());
    let headers = [("authorization", token.as_str()), old];
    let refusal = Socket::open_with(&app, &headers).await.err().unwrap();
    assert_eq!(
        (refusal.status, &refusal.problem["code"]),
        (400, &json!("bad_request"))
    );
}

#[actix_web::test]
async fn pushes_reach_whom_they_are_for() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (anna, ben) = (app.member("anna").await, app.newcomer(Role::Member).await);
    let mut anna_here = Socket::open(&app, &anna).await;
    let mut anna_there = Socket::open(&app, &anna).await;
    let mut bens = Socket::open(&app, &ben).await;
    let mut admins = Socket::open(&app, &admin).await;
    let credit = admin
        .request(
            reqwest::Method::POST,
            &format!("/admin/accounts/{}/credit", anna.id),
        )
        .header("idempotency-key", "a-key-of-its-own")
        .json(&json!({"amount": 500, "note": "welcome"}));
    assert_eq!(credit.send().await.unwrap().status(), 201);
    for socket in [&mut anna_here, &mut anna_there] {
        let wallet = socket.push("wallet").await;
        assert_eq!(
            (&wallet["balance"], &wallet["entries"]),
            (&json!(500), &json!(1))
        );
    }
    let notice = json!({"title": "Tonight", "body": "A *film*"});
    assert_eq!(admin.post("/notices", notice).await.status(), 201);
    // The first thing that the others see: what was anna's alone has not come to them.
    for socket in [&mut bens, &mut admins] {
        let next = socket.next().await.unwrap();
        assert_eq!(
            (&next["ev"], &next["title"]),
            (&json!("notice"), &json!("Tonight"))
        );
    }
    settles(&app, "playhouse_realtime_sockets", 4.0).await;
}

#[actix_web::test]
async fn requests_are_answered_in_order() {
    let app = TestApp::start().await;
    let member = app.member("anna").await;
    let mut socket = Socket::open(&app, &member).await;
    assert_eq!(socket.done(json!({"op": "ping"})).await, json!({}));
    let joined: Vec<String> = (10..20)
        .map(|id| json!({"id": id, "op": "ping"}).to_string())
        .collect();
    socket.say(&joined.join("\n")).await;
    for id in 10..20 {
        assert_eq!(socket.next().await.unwrap(), json!({"re": id, "ok": {}}));
    }
    // Without an id there is no answer.
    socket.say(r#"{"op": "ping"}"#).await;
    socket.say(r#"{"id": 30, "op": "ping"}"#).await;
    assert_eq!(socket.next().await.unwrap()["re"], 30);
}

#[actix_web::test]
async fn connections_of_an_account_are_limited() {
    let app = TestApp::start_with(|config| config.realtime.max_per_account = 2).await;
    let member = app.member("anna").await;
    let first = Socket::open(&app, &member).await;
    let _second = Socket::open(&app, &member).await;
    let token = format!("Bearer {}", member.token.as_ref().unwrap());
    let headers = [("authorization", token.as_str())];
    let refusal = Socket::open_with(&app, &headers).await.err().unwrap();
    assert_eq!(refusal.status, 429);
    assert_eq!(refusal.problem["code"], "too_many_requests");
    first.close().await;
    settles(&app, "playhouse_realtime_sockets", 1.0).await;
    Socket::open(&app, &member).await;
}

#[actix_web::test]
async fn connections_of_the_house_are_limited() {
    let app = TestApp::start_with(|config| config.realtime.max_connections = 1).await;
    let (anna, bert) = (app.member("anna").await, app.member("bert").await);
    let first = Socket::open(&app, &anna).await;
    let token = format!("Bearer {}", bert.token.as_ref().unwrap());
    let headers = [("authorization", token.as_str())];
    let refusal = Socket::open_with(&app, &headers).await.err().unwrap();
    assert_eq!(refusal.status, 503);
    assert_eq!(refusal.problem["code"], "busy");
    first.close().await;
    settles(&app, "playhouse_realtime_sockets", 0.0).await;
    Socket::open(&app, &bert).await;
}

#[actix_web::test]
async fn connections_from_an_address_and_their_pace_are_limited() {
    let app = TestApp::start_with(|config| config.realtime.max_per_address = 1).await;
    let member = app.member("anna").await;
    let _first = Socket::open(&app, &member).await;
    let token = format!("Bearer {}", member.token.as_ref().unwrap());
    let headers = [("authorization", token.as_str())];
    assert_eq!(
        Socket::open_with(&app, &headers)
            .await
            .err()
            .unwrap()
            .status,
        429
    );

    let app = TestApp::start_with(|config| config.realtime.connects_per_minute = 3).await;
    let member = app.member("anna").await;
    let token = format!("Bearer {}", member.token.as_ref().unwrap());
    let headers = [("authorization", token.as_str())];
    for _ in 0..3 {
        Socket::open(&app, &member).await.close().await;
    }
    assert_eq!(
        Socket::open_with(&app, &headers)
            .await
            .err()
            .unwrap()
            .status,
        429
    );
}
