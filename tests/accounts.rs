//! Accounts over HTTP: sign-up, sign-in, what ends access, and who may do what.

use chrono::TimeDelta;
use playhouse::config::Concurrent;
use playhouse_test_support::{PASSWORD, TestApp, problem, text, wrong_fields};
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn the_first_admin_needs_the_setup_token_and_only_once() {
    let app = TestApp::start().await;
    let token = app
        .app()
        .accounts
        .prepare_setup(app.data_dir())
        .await
        .unwrap()
        .unwrap();
    let file = std::fs::read_to_string(app.data_dir().join("setup-token")).unwrap();
    assert_eq!(file.trim(), token);
    let nobody = app.nobody();
    assert_eq!(nobody.get_json("/site").await["setup_needed"], true);
    let body = |token: &str| json!({"token": token, "username": "admin", "password": PASSWORD});
    problem(nobody.post("/setup", body("wrong")).await, 403, "forbidden").await;
    let admin: Value = nobody
        .post("/setup", body(&token))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(admin["role"], "admin");
    problem(nobody.post("/setup", body(&token)).await, 404, "setup_done").await;
    assert!(!app.data_dir().join("setup-token").exists());
    assert_eq!(nobody.get_json("/site").await["setup_needed"], false);
}

#[actix_web::test]
async fn names_are_unique_whatever_their_case() {
    let app = TestApp::start().await;
    app.member("Ann").await;
    let body = json!({"username": "aNN", "password": PASSWORD});
    problem(
        app.nobody().post("/accounts", body).await,
        409,
        "username_taken",
    )
    .await;
    assert_eq!(app.sign_in("ANN").await.token.unwrap().len(), 43);
}

#[actix_web::test]
async fn every_wrong_field_is_named_at_once() {
    let app = TestApp::start().await;
    let body =
        json!({"username": "a b", "password": "short", "email": "nowhere", "real_name": "a\u{7}"});
    let refused = problem(app.nobody().post("/accounts", body).await, 422, "invalid").await;
    assert_eq!(
        wrong_fields(&refused),
        ["username", "password", "real_name", "email"]
    );
}

#[actix_web::test]
async fn signing_out_ends_that_session_alone() {
    let app = TestApp::start().await;
    let first = app.member("ann").await;
    let second = app.sign_in("ann").await;
    let listed = first.get_json("/sessions").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(first.delete("/sessions/current").await.status(), 204);
    problem(first.get("/sessions").await, 401, "not_signed_in").await;
    let left = second.get_json("/sessions").await;
    assert_eq!(left["items"][0]["current"], true);
    let foreign = app.member("bob").await;
    let id = text(&left["items"][0]["id"]);
    problem(
        foreign.delete(&format!("/sessions/{id}")).await,
        404,
        "not_found",
    )
    .await;
    assert_eq!(
        second.delete(&format!("/sessions/{id}")).await.status(),
        204
    );
    problem(second.get("/sessions").await, 401, "not_signed_in").await;
}

#[actix_web::test]
async fn with_the_single_policy_a_new_sign_in_ends_the_old() {
    let app = TestApp::start_with(|config| config.sessions.concurrent = Concurrent::Single).await;
    let first = app.member("ann").await;
    let second = app.sign_in("ann").await;
    problem(first.get("/sessions").await, 401, "not_signed_in").await;
    assert_eq!(second.get("/sessions").await.status(), 200);
}

#[actix_web::test]
async fn a_session_ends_when_it_is_not_used() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    app.advance(TimeDelta::days(29));
    app.app().accounts.forget_access();
    assert_eq!(ann.get("/sessions").await.status(), 200);
    app.advance(TimeDelta::days(29));
    app.app().accounts.forget_access();
    assert_eq!(ann.get("/sessions").await.status(), 200, "use extends it");
    app.advance(TimeDelta::days(31));
    app.app().accounts.forget_access();
    problem(ann.get("/sessions").await, 401, "not_signed_in").await;
}

#[actix_web::test]
async fn a_new_password_ends_the_other_sessions_and_tokens() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let other = app.sign_in("ann").await;
    let made = ann
        .post("/me/tokens", json!({"name": "feed", "scopes": ["read"]}))
        .await;
    assert_eq!(made.status(), 201);
    let change =
        |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    problem(
        ann.put("/me/password", change("wrong", "a new password"))
            .await,
        401,
        "wrong_credentials",
    )
    .await;
    let refused = problem(
        ann.put("/me/password", change(PASSWORD, "short")).await,
        422,
        "invalid",
    )
    .await;
    assert_eq!(wrong_fields(&refused), ["new_password"]);
    assert_eq!(
        ann.put("/me/password", change(PASSWORD, "a new password"))
            .await
            .status(),
        204
    );
    problem(other.get("/sessions").await, 401, "not_signed_in").await;
    assert_eq!(ann.get_json("/me/tokens").await["items"], json!([]));
    let old = json!({"username": "ann", "password": PASSWORD});
    problem(
        app.nobody().post("/sessions", old).await,
        401,
        "wrong_credentials",
    )
    .await;
}

#[actix_web::test]
async fn locking_ends_all_access_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.member("ann").await;
    let change = |locked: bool| json!({"is_locked": locked});
    let path = format!("/admin/accounts/{}", ann.id);
    assert_eq!(admin.patch(&path, change(true)).await.status(), 200);
    problem(ann.get("/sessions").await, 401, "not_signed_in").await;
    let body = json!({"username": "ann", "password": PASSWORD});
    problem(
        app.nobody().post("/sessions", body).await,
        403,
        "account_locked",
    )
    .await;
    assert_eq!(admin.patch(&path, change(false)).await.status(), 200);
    app.sign_in("ann").await;
    let audit = admin.get_json("/admin/audit?action=account.change").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
    assert_eq!(audit["items"][0]["actor"], "admin");
    assert_eq!(audit["items"][0]["target_id"], ann.id.as_str());
}

#[actix_web::test]
async fn the_last_admin_can_neither_be_locked_nor_lose_the_role() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = format!("/admin/accounts/{}", admin.id);
    problem(
        admin.patch(&path, json!({"is_locked": true})).await,
        409,
        "conflict",
    )
    .await;
    problem(
        admin.patch(&path, json!({"role": "member"})).await,
        409,
        "conflict",
    )
    .await;
    assert_eq!(admin.get("/sessions").await.status(), 200);
}

#[actix_web::test]
async fn guessing_is_slowed() {
    let app = TestApp::start().await;
    app.member("ann").await;
    let guess = || app.nobody();
    for _ in 0..5 {
        let body = json!({"username": "ann", "password": "a wrong one"});
        problem(
            guess().post("/sessions", body).await,
            401,
            "wrong_credentials",
        )
        .await;
    }
    let right = json!({"username": "ann", "password": PASSWORD});
    let answer = guess().post("/sessions", right.clone()).await;
    assert!(
        answer.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 0
    );
    problem(answer, 429, "too_many_requests").await;
    app.advance(TimeDelta::seconds(3));
    assert_eq!(guess().post("/sessions", right).await.status(), 201);
}

#[actix_web::test]
async fn a_token_does_only_what_its_scopes_say() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let make = |scopes: Value| json!({"name": "script", "scopes": scopes});
    let reader: Value = admin
        .post("/me/tokens", make(json!(["read"])))
        .await
        .json()
        .await
        .unwrap();
    let reader = app.with_token(&text(&reader["secret"]));
    problem(reader.get("/admin/audit").await, 403, "missing_scope").await;
    problem(reader.get("/me/tokens").await, 403, "missing_scope").await;
    let ruler: Value = admin
        .post("/me/tokens", make(json!(["admin"])))
        .await
        .json()
        .await
        .unwrap();
    let id = text(&ruler["id"]);
    let ruler = app.with_token(&text(&ruler["secret"]));
    assert_eq!(ruler.get("/admin/audit").await.status(), 200);
    assert_eq!(
        admin.delete(&format!("/me/tokens/{id}")).await.status(),
        204
    );
    problem(ruler.get("/admin/audit").await, 401, "not_signed_in").await;
    let member = app.member("ann").await;
    let refused = problem(
        member.post("/me/tokens", make(json!(["admin"]))).await,
        422,
        "invalid",
    )
    .await;
    assert_eq!(wrong_fields(&refused), ["scopes"]);
    let past = json!({"name": "old", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z"});
    problem(member.post("/me/tokens", past).await, 422, "invalid").await;
}

#[actix_web::test]
async fn a_cookie_alone_does_not_let_another_site_act() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let with_cookie = |method: Method| {
        let cookie = format!("playhouse_session={}", ann.token.clone().unwrap());
        app.nobody()
            .request(method, "/sessions/current")
            .header("cookie", cookie)
    };
    problem(
        with_cookie(Method::DELETE).send().await.unwrap(),
        403,
        "cross_site",
    )
    .await;
    let foreign = with_cookie(Method::DELETE).header("origin", "https://evil.example");
    problem(foreign.send().await.unwrap(), 403, "cross_site").await;
    let foreign = with_cookie(Method::DELETE).header("sec-fetch-site", "cross-site");
    problem(foreign.send().await.unwrap(), 403, "cross_site").await;
    let own = with_cookie(Method::DELETE).header("origin", &app.url);
    let answer = own.send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
}

#[actix_web::test]
async fn another_site_does_not_sign_a_member_in_as_somebody_else() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let post = |path: &str, body: Value| {
        let cookie = format!("playhouse_session={}", ann.token.clone().unwrap());
        let request = app.nobody().request(Method::POST, path);
        request.header("cookie", cookie).json(&body)
    };
    let calls = [
        (
            "/sessions",
            json!({"username": "ann", "password": PASSWORD}),
            201,
        ),
        (
            "/accounts",
            json!({"username": "eve", "password": PASSWORD}),
            201,
        ),
        (
            "/setup",
            json!({"token": "x", "username": "eve", "password": PASSWORD}),
            404,
        ),
    ];
    for (path, body, status) in calls {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let foreign = post(path, body.clone()).header(name, value);
            problem(foreign.send().await.unwrap(), 403, "cross_site").await;
        }
        let own = post(path, body).header("origin", &app.url);
        assert_eq!(own.send().await.unwrap().status(), status, "{path}");
    }
}

#[actix_web::test]
async fn an_address_registers_so_many_accounts_in_an_hour() {
    let app = TestApp::start_with(|config| config.accounts.registrations_per_hour = 2).await;
    let register = async |name: &str| {
        let body = json!({"username": name, "password": PASSWORD});
        app.nobody().post("/accounts", body).await
    };
    for name in ["ann", "bob"] {
        assert_eq!(register(name).await.status(), 201);
    }
    let refused = register("cat").await;
    assert_eq!(refused.headers()["retry-after"], "1800");
    problem(refused, 429, "too_many_requests").await;
    app.advance(TimeDelta::minutes(31));
    assert_eq!(register("cat").await.status(), 201);
}

#[actix_web::test]
async fn sessions_and_tokens_come_page_by_page() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    for number in 0..4 {
        app.sign_in("ann").await;
        let token = json!({"name": format!("script {number}"), "scopes": ["read"]});
        assert_eq!(ann.post("/me/tokens", token).await.status(), 201);
    }
    for (list, count) in [("/sessions", 5), ("/me/tokens", 4)] {
        let ids = |page: &Value| -> Vec<String> {
            let items = page["items"].as_array().unwrap();
            items.iter().map(|it| text(&it["id"])).collect()
        };
        let all = ann.get_json(list).await;
        assert_eq!(
            (ids(&all).len(), &all["next_cursor"]),
            (count, &Value::Null)
        );
        let mut page = ann.get_json(&format!("{list}?limit=2")).await;
        let mut seen = ids(&page);
        assert_eq!(seen.len(), 2);
        while let Some(cursor) = page["next_cursor"].as_str() {
            page = ann
                .get_json(&format!("{list}?limit=2&cursor={cursor}"))
                .await;
            seen.extend(ids(&page));
        }
        assert_eq!(seen, ids(&all), "{list}");
        for wrong in ["limit=0", "limit=201", "limit=x", "cursor=x", "page=2"] {
            problem(ann.get(&format!("{list}?{wrong}")).await, 422, "invalid").await;
        }
    }
}

#[actix_web::test]
async fn admins_find_accounts_page_by_page() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for name in ["cat", "bob", "ann_1", "annX1"] {
        app.member(name).await;
    }
    let first = admin.get_json("/admin/accounts?limit=3").await;
    let cursor = text(&first["next_cursor"]);
    let second = admin
        .get_json(&format!("/admin/accounts?limit=3&cursor={cursor}"))
        .await;
    let names = |page: &Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| text(&it["username"]))
            .collect()
    };
    let mut all = names(&first);
    all.extend(names(&second));
    all.sort();
    assert_eq!(all, ["admin", "annX1", "ann_1", "bob", "cat"]);
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(
        names(&admin.get_json("/admin/accounts?q=ANN_").await),
        ["ann_1"]
    );
    problem(admin.get("/admin/accounts?limit=0").await, 422, "invalid").await;
    problem(
        admin.get("/admin/accounts?cursor=%25").await,
        422,
        "invalid",
    )
    .await;
    let ann = app.sign_in("ann_1").await;
    problem(ann.get("/admin/accounts").await, 403, "forbidden").await;
    problem(
        app.nobody().get("/admin/accounts").await,
        401,
        "not_signed_in",
    )
    .await;
}

#[actix_web::test]
async fn a_password_with_each_request_is_checked_once_and_forgotten_with_its_access() {
    use playhouse::accounts::{Error, Via};
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("Ann").await);
    let accounts = &app.app().accounts;
    let here = std::net::IpAddr::from([127, 0, 0, 1]);
    let viewer = accounts.basic("aNN", PASSWORD, here).await.unwrap();
    assert!(matches!(viewer.via, Via::Password));
    assert_eq!(viewer.account.username, "Ann");
    // What was right a moment ago is not held up by somebody who guesses.
    for _ in 0..5 {
        let wrong = accounts.basic("Ann", "guess", here).await;
        assert!(matches!(wrong, Err(Error::WrongCredentials)));
    }
    let guess = accounts.basic("ann", "guess", here).await;
    assert!(matches!(guess, Err(Error::Throttled { .. })));
    assert!(accounts.basic("Ann", PASSWORD, here).await.is_ok());
    app.advance(TimeDelta::minutes(16));
    assert!(accounts.basic("Ann", PASSWORD, here).await.is_ok());
    // A new password counts at once, and the old one no more.
    let change = json!({"current_password": PASSWORD, "new_password": "another sesame"});
    assert_eq!(ann.put("/me/password", change).await.status(), 204);
    let old = accounts.basic("Ann", PASSWORD, here).await;
    assert!(matches!(old, Err(Error::WrongCredentials)));
    assert!(accounts.basic("Ann", "another sesame", here).await.is_ok());
    let lock = json!({"is_locked": true});
    let path = format!("/admin/accounts/{}", ann.id);
    assert_eq!(admin.patch(&path, lock).await.status(), 200);
    let locked = accounts.basic("Ann", "another sesame", here).await;
    assert!(matches!(locked, Err(Error::Locked)));
    let nobody = accounts.basic("nobody", PASSWORD, here).await;
    assert!(matches!(nobody, Err(Error::WrongCredentials)));
}

#[actix_web::test]
async fn an_access_token_serves_as_a_password_for_its_owner_only() {
    use playhouse::accounts::{Error, Via};
    let app = TestApp::start().await;
    let (ann, _) = (app.member("Ann").await, app.member("Ben").await);
    let body = json!({"name": "sync", "scopes": ["read"]});
    let made: Value = ann.post("/me/tokens", body).await.json().await.unwrap();
    let secret = text(&made["secret"]);
    let accounts = &app.app().accounts;
    let here = std::net::IpAddr::from([127, 0, 0, 1]);
    let viewer = accounts.basic("ann", &secret, here).await.unwrap();
    assert!(matches!(viewer.via, Via::Token { .. }));
    let foreign = accounts.basic("Ben", &secret, here).await;
    assert!(matches!(foreign, Err(Error::WrongCredentials)));
    let path = format!("/me/tokens/{}", text(&made["id"]));
    assert_eq!(ann.delete(&path).await.status(), 204);
    let revoked = accounts.basic("Ann", &secret, here).await;
    assert!(matches!(revoked, Err(Error::NotSignedIn)));
    // The token of a login session is no password.
    let session = accounts.basic("Ann", &ann.token.unwrap(), here).await;
    assert!(matches!(session, Err(Error::WrongCredentials)));
}
