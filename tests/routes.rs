//! Every call of the OpenAPI document, as nobody, as a member and as an admin, with input that fits and with input
//! that does not.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use playhouse::accounts::Role;
use playhouse_test_support::openapi::{Document, Operation};
use playhouse_test_support::{Person, TestApp};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// For admins only, although their tag is another one: a member gets 403.
const ADMIN_CALLS: &[&str] = &[
    "POST /api/v1/notices",
    "PATCH /api/v1/notices/{id}",
    "DELETE /api/v1/notices/{id}",
    "POST /api/v1/movies",
    "POST /api/v1/movies/lookup",
    "PATCH /api/v1/movies/{id}",
    "DELETE /api/v1/movies/{id}",
    "POST /api/v1/movies/{id}/restore",
    "POST /api/v1/movies/{id}/purge",
];

async fn start() -> (TestApp, Document) {
    let app =
        TestApp::start_with(|config| config.accounts.registrations_per_hour = 1_000_000).await;
    let document = playhouse::routes::document().unwrap();
    (app, Document::parse(&document.json))
}

fn is_for_admins(operation: &Operation) -> bool {
    operation.details["tags"] == json!(["admin"])
        || ADMIN_CALLS.contains(&operation.name().as_str())
}

/// A call with the least input that fits, and what a program sends with it.
fn call(who: &Person, operation: &Operation, document: &Document) -> reqwest::RequestBuilder {
    match document.body_schema(operation) {
        Some(schema) => bare_call(who, operation).json(&document.sample(schema, "")),
        None => bare_call(who, operation),
    }
}

/// A call without its body.
fn bare_call(who: &Person, operation: &Operation) -> reqwest::RequestBuilder {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let mut request = who.request(method, &operation.address());
    for header in operation.parameters("header") {
        request = match header.to_ascii_lowercase().as_str() {
            "idempotency-key" => request.header(header, "a-key-of-its-own"),
            "tus-resumable" => request.header(header, "1.0.0"),
            "upload-length" => request.header(header, "1"),
            "upload-offset" => request.header(header, "0"),
            _ => request,
        };
    }
    request
}

/// A refusal is a problem, and no answer is a fault of the server.
async fn check_form(answer: Response, what: &str) -> (u16, Value) {
    let status = answer.status().as_u16();
    assert!(status < 500, "{what}: {status}");
    let kind = answer.headers().get("content-type").cloned();
    let body = answer.bytes().await.unwrap();
    if status < 400 || body.is_empty() {
        return (status, Value::Null);
    }
    assert_eq!(kind.unwrap(), "application/problem+json", "{what}");
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["status"], status, "{what}: {problem}");
    assert!(
        problem["detail"].as_str().is_some_and(|it| !it.is_empty()),
        "{what}: {problem}"
    );
    (status, problem)
}

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

/// Bodies that no call takes, whatever it is for.
#[actix_web::test]
async fn bodies_of_the_wrong_size_or_form_are_refused() {
    let (app, document) = start().await;
    let huge = format!("{{\"a\": \"{}\"}}", "x".repeat(10 << 20));
    for operation in document.operations() {
        if document.body_schema(&operation).is_none() {
            continue;
        }
        let admin = app.newcomer(Role::Admin).await;
        let send = |body: Vec<u8>, kind: &'static str| {
            let request = bare_call(&admin, &operation).header("content-type", kind);
            let name = operation.name();
            async move {
                let answer = request.body(body).send().await.unwrap();
                check_form(answer, &name).await
            }
        };
        let json = "application/json";
        let name = operation.name();
        assert_eq!(
            send(huge.clone().into_bytes(), json).await.0,
            413,
            "{name}: 10 MB"
        );
        assert_eq!(
            send(b"{".to_vec(), json).await.0,
            400,
            "{name}: half an object"
        );
        assert_eq!(
            send(b"\xff\xfe".to_vec(), json).await.0,
            400,
            "{name}: not UTF-8"
        );
        assert_eq!(send(Vec::new(), json).await.0, 400, "{name}: nothing");
        assert_eq!(
            send(b"{}".to_vec(), "text/plain").await.0,
            415,
            "{name}: text"
        );
        for hostile in [
            "[".repeat(100_000),
            "{\"a\":".repeat(100_000),
            "[1]".to_owned(),
            "null".to_owned(),
            "1e999".to_owned(),
        ] {
            let start = hostile.get(..20).unwrap_or(&hostile).to_owned();
            let (status, _) = send(hostile.into_bytes(), json).await;
            assert!(
                (400..500).contains(&status),
                "{name} took {start}: {status}"
            );
        }
    }
}

/// Each field of each body in turn gets what it cannot be.
#[actix_web::test]
async fn fields_of_the_wrong_type_are_refused_by_name() {
    let (app, document) = start().await;
    for operation in document.operations() {
        let Some(schema) = document.body_schema(&operation) else {
            continue;
        };
        let admin = app.newcomer(Role::Admin).await;
        let sample = document.sample(schema, "");
        let with = |field: &str, value: Value| {
            let mut body = sample.clone();
            body[field] = value;
            let request = call(&admin, &operation, &document).json(&body);
            let what = format!(
                "{} with {field} = {}",
                operation.name(),
                body[field].to_string().get(..40).unwrap_or("it")
            );
            async move {
                let (status, problem) = check_form(request.send().await.unwrap(), &what).await;
                (status, problem, what)
            }
        };
        let (status, problem, what) = with("no_such_field", json!(1)).await;
        assert_eq!(
            (status, &problem["errors"][0]["field"]),
            (422, &json!("no_such_field")),
            "{what}"
        );
        let fields = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        for (field, inner) in fields {
            let kind = document.resolved(&inner)["type"].to_string();
            let wrong = if kind.contains("object") {
                json!("text")
            } else {
                json!({"an": "object"})
            };
            let (status, problem, what) = with(&field, wrong).await;
            assert_eq!(status, 422, "{what}: {problem}");
            let named = problem["errors"][0]["field"].as_str().unwrap_or_default();
            assert!(named.starts_with(&field), "{what}: {problem}");
            if kind.contains("integer") {
                for number in [json!(1e30), json!(1.5), json!("1")] {
                    let (status, _, what) = with(&field, number).await;
                    assert_eq!(status, 422, "{what}");
                }
            }
            for hostile in [
                json!(i64::MIN),
                json!(i64::MAX),
                json!(-1),
                json!("a\0b"),
                json!("\u{202e}\r\n"),
                json!("é".repeat(50_000)),
                json!(["x"]),
                json!(null),
            ] {
                with(&field, hostile).await;
            }
        }
    }
}

#[actix_web::test]
async fn hostile_addresses_are_refused() {
    let (app, document) = start().await;
    let values = [
        "",
        "x",
        "-1",
        "0",
        "99999999999999999999",
        "%00",
        "%FF",
        "%0d%0a",
        "..%2f..%2f",
        "%F0%9F%98%80",
        &"9".repeat(3000),
    ];
    for operation in document.operations().iter().filter(|it| it.method == "GET") {
        let admin = app.newcomer(Role::Admin).await;
        let mut addresses = vec![
            format!("{}?no_such_name=1", operation.address()),
            format!("{}?{}", operation.address(), "q".repeat(9000)),
            format!("{}?%=%&&=", operation.address()),
        ];
        for value in values {
            for name in operation.parameters("query") {
                addresses.push(format!("{}?{name}={value}", operation.address()));
            }
            if operation.path.contains('{') && !value.is_empty() {
                let nil = "019a9f6e-0000-7000-8000-000000000000";
                addresses.push(operation.address().replace(nil, value));
            }
        }
        for address in addresses {
            let answer = admin.get(&address).await;
            check_form(
                answer,
                &format!("GET {}", &address[..address.len().min(100)]),
            )
            .await;
        }
    }
}
