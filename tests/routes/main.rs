//! Every call of the OpenAPI document, as nobody, as a member and as an admin, with input that fits and with input
//! that does not.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use playhouse_test_support::openapi::{Document, Operation};
use playhouse_test_support::{Person, TestApp};
use reqwest::{Method, Response};
use serde_json::{Value, json};

mod guards;
mod hostile;

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
    bare_call_to(who, operation, &operation.address())
}

/// A call without its body, to another address.
fn bare_call_to(who: &Person, operation: &Operation, address: &str) -> reqwest::RequestBuilder {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let mut request = who.request(method, address);
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
