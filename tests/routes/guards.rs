//! Who is let in, and that it is settled before anything that was sent is looked at.

use playhouse::accounts::Role;
use playhouse_test_support::Person;
use playhouse_test_support::openapi::Operation;
use reqwest::RequestBuilder;
use serde_json::json;

use crate::{bare_call, bare_call_to, call, check_form, is_for_admins, start};

#[actix_web::test]
async fn nobody_may_do_only_what_is_open() {
    let (app, document) = start().await;
    let operations = document.operations();
    assert!(operations.len() > 15, "only {} calls", operations.len());
    for operation in operations {
        let name = operation.name();
        let answer = call(&app.nobody(), &operation, &document)
            .send()
            .await
            .unwrap();
        let asks_to_sign_in = answer.headers().contains_key("www-authenticate");
        let (status, problem) = check_form(answer, &name).await;
        if operation.is_public() {
            let is_refused = problem["code"] == "not_signed_in";
            assert!(!is_refused, "{name} is documented as open: {problem}");
        } else {
            assert_eq!((status, asks_to_sign_in), (401, true), "{name}: {problem}");
        }
    }
}

#[actix_web::test]
async fn a_member_may_do_nothing_that_is_for_admins() {
    let (app, document) = start().await;
    let mut refused = 0;
    for operation in document.operations() {
        let name = operation.name();
        let member = app.newcomer(Role::Member).await;
        let answer = call(&member, &operation, &document).send().await.unwrap();
        let (status, problem) = check_form(answer, &name).await;
        if is_for_admins(&operation) {
            assert_eq!(
                (status, &problem["code"]),
                (403, &json!("forbidden")),
                "{name}"
            );
            refused += 1;
        } else {
            assert_ne!(problem["code"], "not_signed_in", "{name}");
        }
    }
    assert!(refused >= 3, "only {refused} calls are for admins");
}

#[actix_web::test]
async fn an_admin_is_let_in_everywhere() {
    let (app, document) = start().await;
    for operation in document.operations() {
        let name = operation.name();
        let admin = app.newcomer(Role::Admin).await;
        let answer = call(&admin, &operation, &document).send().await.unwrap();
        let (_, problem) = check_form(answer, &name).await;
        for code in ["not_signed_in", "forbidden"] {
            assert_ne!(problem["code"], code, "{name}: {problem}");
        }
    }
}

/// What nobody would take: with these, a call that looked before it asked would answer something else than its guard.
fn garbage(who: &Person, operation: &Operation) -> Vec<(&'static str, RequestBuilder)> {
    let json = |body: Vec<u8>| {
        bare_call(who, operation)
            .header("content-type", "application/json")
            .body(body)
    };
    let huge = format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20));
    let text = bare_call(who, operation).header("content-type", "text/plain");
    let mut calls = vec![
        ("half an object", json(b"{".to_vec())),
        ("another shape", json(b"[1]".to_vec())),
        ("an unknown field", json(b"{\"no_such_field\": 1}".to_vec())),
        ("a NUL", json(b"{\"a\": \"\\u0000\"}".to_vec())),
        ("not UTF-8", json(vec![0xff, 0xfe])),
        ("2 MiB", json(huge.into_bytes())),
        ("nothing", json(Vec::new())),
        ("text", text.body("{}")),
    ];
    let address = operation.address();
    let query = format!("{address}?no_such_name=%00");
    calls.push(("a bad query", bare_call_to(who, operation, &query)));
    let nil = "019a9f6e-0000-7000-8000-000000000000";
    if address.contains(nil) {
        let address = address.replace(nil, "no-id");
        calls.push(("a bad id", bare_call_to(who, operation, &address)));
    }
    if !operation.path.starts_with("/api/v1/uploads") {
        // An upload's version of tus is asked for first, of everybody, as the protocol says.
        let method = operation.method.parse().unwrap();
        calls.push(("no headers", who.request(method, &address)));
    }
    calls
}

#[actix_web::test]
async fn a_stranger_is_refused_before_anything_is_looked_at() {
    let (app, document) = start().await;
    let mut bodies = 0;
    for operation in document.operations() {
        if operation.is_public() {
            continue;
        }
        bodies += usize::from(document.body_schema(&operation).is_some());
        // A wrong token takes the server longer to refuse than none.
        let strangers = [app.nobody(), app.with_token("wrong")];
        for (what, request) in strangers.iter().flat_map(|it| garbage(it, &operation)) {
            let what = format!("{} with {what}", operation.name());
            let (status, problem) = check_form(request.send().await.unwrap(), &what).await;
            assert_eq!(status, 401, "{what}: {problem}");
        }
    }
    assert!(bodies > 10, "only {bodies} calls take a body");
}

#[actix_web::test]
async fn a_member_is_refused_before_anything_for_admins_is_looked_at() {
    let (app, document) = start().await;
    for operation in document.operations() {
        if !is_for_admins(&operation) {
            continue;
        }
        let member = app.newcomer(Role::Member).await;
        // The second time the server knows the member without asking the database.
        for (what, request) in garbage(&member, &operation) {
            let what = format!("{} with {what}", operation.name());
            let (status, problem) = check_form(request.send().await.unwrap(), &what).await;
            assert_eq!(
                (status, &problem["code"]),
                (403, &json!("forbidden")),
                "{what}"
            );
        }
    }
}

#[actix_web::test]
async fn another_site_is_refused_before_anything_is_looked_at() {
    let (app, document) = start().await;
    let member = app.newcomer(Role::Member).await;
    let cookie = format!("playhouse_session={}", member.token.unwrap());
    for operation in document.operations() {
        let is_change = operation.method != "GET" && operation.method != "HEAD";
        if operation.is_public() || !is_change {
            continue;
        }
        for (what, request) in garbage(&app.nobody(), &operation) {
            let what = format!("{} with {what}", operation.name());
            let request = request
                .header("cookie", &cookie)
                .header("origin", "https://elsewhere.example");
            let (status, problem) = check_form(request.send().await.unwrap(), &what).await;
            assert_eq!(
                (status, &problem["code"]),
                (403, &json!("cross_site")),
                "{what}"
            );
        }
    }
}
