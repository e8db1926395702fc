//! Who is let in.

use playhouse_test_support::{TestApp, problem, text};
use reqwest::Method;
use serde_json::{Value, json};

use crate::wire::{client, header};

#[actix_web::test]
async fn a_password_or_a_token_is_needed_with_each_request() {
    let app = TestApp::start().await;
    let ann = client(&app, "Ann").await;
    let url = format!("{}/dav/", app.url);
    let find = || {
        let method = Method::from_bytes(b"PROPFIND").unwrap();
        app.client.request(method, &url).header("Depth", "0")
    };
    let nobody = find().send().await.unwrap();
    assert_eq!(
        header(&nobody, "www-authenticate"),
        "Basic realm=\"Playhouse\", charset=\"UTF-8\""
    );
    problem(nobody, 401, "not_signed_in").await;
    let wrong = find()
        .basic_auth("Ann", Some("wrong"))
        .send()
        .await
        .unwrap();
    assert!(header(&wrong, "www-authenticate").starts_with("Basic"));
    problem(wrong, 401, "wrong_credentials").await;
    for garbled in ["Basic", "Basic !", "Basic YQ==", "Digest x", "Bearer x"] {
        let answer = find()
            .header("Authorization", garbled)
            .send()
            .await
            .unwrap();
        problem(answer, 401, "not_signed_in").await;
    }
    assert_eq!(
        ann.ask("PROPFIND", "/")
            .header("Depth", "0")
            .send()
            .await
            .unwrap()
            .status(),
        207
    );
    // The cookie of a browser is none: another site could send it.
    let session = app.sign_in("Ann").await.token.unwrap();
    let cookie = find().header("Cookie", format!("playhouse_session={session}"));
    problem(cookie.send().await.unwrap(), 401, "not_signed_in").await;
    let bearer = find().bearer_auth(&session).send().await.unwrap();
    assert_eq!(bearer.status(), 207);
}

#[actix_web::test]
async fn a_token_does_what_its_scopes_say() {
    let app = TestApp::start().await;
    let ann = client(&app, "Ann").await;
    ann.put("/a", "a").await;
    let person = app.sign_in("Ann").await;
    let token = async |scope: &str| {
        let body = json!({"name": scope, "scopes": [scope]});
        let made: Value = person.post("/me/tokens", body).await.json().await.unwrap();
        text(&made["secret"])
    };
    let (read, write) = (token("read").await, token("write").await);
    let ask = |method: &str, path: &str, secret: &str| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}/dav{path}", app.url);
        let request = app
            .client
            .request(method, url)
            .basic_auth("ann", Some(secret));
        async move { request.header("Depth", "0").body("").send().await.unwrap() }
    };
    assert_eq!(ask("GET", "/a", &read).await.status(), 200);
    assert_eq!(ask("PROPFIND", "/", &read).await.status(), 207);
    for method in [
        "PUT",
        "DELETE",
        "MKCOL",
        "LOCK",
        "UNLOCK",
        "PROPPATCH",
        "COPY",
        "MOVE",
    ] {
        problem(ask(method, "/b", &read).await, 403, "missing_scope").await;
    }
    assert_eq!(ask("PUT", "/b", &write).await.status(), 201);
    problem(ask("GET", "/b", &write).await, 403, "missing_scope").await;
    problem(ask("PROPFIND", "/", &write).await, 403, "missing_scope").await;
}

#[actix_web::test]
async fn guessing_is_slowed_and_a_locked_account_has_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = client(&app, "Ann").await;
    let url = format!("{}/dav/a", app.url);
    let guess = || app.client.get(&url).basic_auth("Ann", Some("guess")).send();
    for _ in 0..5 {
        problem(guess().await.unwrap(), 401, "wrong_credentials").await;
    }
    let slowed = guess().await.unwrap();
    assert!(header(&slowed, "retry-after").parse::<u64>().unwrap() > 0);
    problem(slowed, 429, "too_many_requests").await;
    app.advance(chrono::TimeDelta::seconds(5));
    assert_eq!(ann.put("/a", "a").await.status(), 201);
    let person = app.sign_in("Ann").await;
    let path = format!("/admin/accounts/{}", person.id);
    let lock = admin.patch(&path, json!({"is_locked": true})).await;
    assert_eq!(lock.status(), 200);
    problem(ann.send("GET", "/a").await, 403, "account_locked").await;
    problem(ann.put("/a", "b").await, 403, "account_locked").await;
}

#[actix_web::test]
async fn everybody_has_their_own_tree() {
    let app = TestApp::start().await;
    let (ann, ben) = (client(&app, "ann").await, client(&app, "ben").await);
    ann.put("/a", "of ann").await;
    assert_eq!(ben.status("GET", "/a").await, 404);
    assert_eq!(ben.put("/a", "of ben").await.status(), 201);
    assert_eq!(ann.content("/a").await, "of ann");
    // The token of another's lock opens nothing, and does not stand in one's way.
    let token = ann.lock("/a", "0", "Second-600").await;
    let unlock = ben
        .ask("UNLOCK", "/a")
        .header("Lock-Token", format!("<{token}>"));
    assert_eq!(unlock.send().await.unwrap().status(), 409);
    assert_eq!(ben.put("/a", "again").await.status(), 204);
    assert!(!ben.find("/a", "0", "").await.contains(&token));
    assert_eq!(ann.put("/a", "again").await.status(), 423);
}

#[actix_web::test]
async fn what_is_here_is_told_to_anybody() {
    let app = TestApp::start().await;
    for path in ["/dav", "/dav/", "/dav/a/b"] {
        let url = format!("{}{path}", app.url);
        let answer = app
            .client
            .request(Method::OPTIONS, url)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "dav"), "1, 2");
        assert_eq!(header(&answer, "ms-author-via"), "DAV");
        assert!(header(&answer, "allow").contains("PROPFIND"));
    }
}
