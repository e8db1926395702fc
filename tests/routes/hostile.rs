//! Bodies, fields and addresses that do not fit.

use playhouse::accounts::Role;
use serde_json::{Value, json};

use crate::{bare_call, call, check_form, start};

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
