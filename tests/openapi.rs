//! The OpenAPI document: whole, valid, and changed only on purpose.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::collections::{BTreeMap, HashSet};

use playhouse_test_support::openapi::Document;
use playhouse_test_support::{TestApp, text};
use serde_json::Value;

fn document() -> Document {
    Document::parse(&playhouse::routes::document().unwrap().json)
}

/// The calls and what they can answer. After a change that is meant, accept the new list with `cargo insta accept`,
/// or run the test once with `INSTA_UPDATE=always`.
#[test]
fn the_calls_and_their_answers() {
    let mut lines: Vec<String> = document()
        .operations()
        .iter()
        .map(|operation| {
            let answers = operation.details["responses"].as_object().unwrap();
            let statuses: Vec<&str> = answers.keys().map(String::as_str).collect();
            let open = if operation.is_public() { " (open)" } else { "" };
            format!("{}{open} -> {}", operation.name(), statuses.join(" "))
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn every_call_says_what_it_is() {
    let document = document();
    let mut names = HashSet::new();
    for operation in document.operations() {
        let name = operation.name();
        let details = &operation.details;
        assert!(
            !text(&details["summary"]).is_empty(),
            "{name} has no summary"
        );
        let tags = details["tags"].as_array().map_or(0, Vec::len);
        assert_eq!(tags, 1, "{name} has {tags} tags");
        let id = text(&details["operationId"]);
        assert!(
            names.insert(id.clone()),
            "{name}: the operation id {id:?} is not unique"
        );
        let problem = &details["responses"]["default"]["content"]["application/problem+json"];
        assert_eq!(
            problem["schema"]["$ref"], "#/components/schemas/Problem",
            "{name}"
        );
        for (status, answer) in details["responses"].as_object().unwrap() {
            assert!(
                !text(&answer["description"]).is_empty() || status.starts_with('2'),
                "{name} {status}"
            );
        }
    }
}

#[test]
fn the_document_holds_together() {
    let Document(document) = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(!text(&document["info"]["title"]).is_empty());
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut places = Vec::new();
    references(&document, &mut places);
    assert!(places.len() > 20);
    for place in places {
        let pointer = place.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{place} leads nowhere");
    }
    for operation in Document(document.clone()).operations() {
        assert!(operation.path.starts_with("/api/v1/"), "{}", operation.path);
        let in_pattern: Vec<&str> = operation
            .path
            .split(['{', '}'])
            .skip(1)
            .step_by(2)
            .collect();
        assert_eq!(
            operation.parameters("path"),
            in_pattern,
            "{}",
            operation.name()
        );
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        check_schema(schema, name);
    }
}

/// What JSON Schema 2020-12 does not know, an older OpenAPI did.
fn check_schema(schema: &Value, place: &str) {
    let Some(fields) = schema.as_object() else {
        return;
    };
    assert!(
        !fields.contains_key("nullable"),
        "{place}: `nullable` is of OpenAPI 3.0"
    );
    let properties = schema["properties"].as_object();
    for required in schema["required"].as_array().into_iter().flatten() {
        let has = properties.is_some_and(|all| all.contains_key(required.as_str().unwrap()));
        assert!(
            has,
            "{place} requires {required}, which it does not describe"
        );
    }
    for (name, inner) in properties.into_iter().flatten() {
        check_schema(inner, &format!("{place}.{name}"));
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        for inner in schema[list].as_array().into_iter().flatten() {
            check_schema(inner, place);
        }
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").map(text));
            fields.values().for_each(|it| references(it, found));
        }
        Value::Array(items) => items.iter().for_each(|it| references(it, found)),
        _ => {}
    }
}

#[test]
fn a_path_is_written_one_way() {
    let mut shapes: BTreeMap<String, String> = BTreeMap::new();
    for operation in document().operations() {
        let parts = operation
            .path
            .split('/')
            .map(|it| if it.starts_with('{') { "{}" } else { it });
        let shape = parts.collect::<Vec<_>>().join("/");
        let other = shapes
            .entry(shape)
            .or_insert_with(|| operation.path.clone());
        assert_eq!(*other, operation.path, "one address, two patterns");
    }
}

#[actix_web::test]
async fn the_server_serves_the_document_and_its_reader() {
    let app = TestApp::start().await;
    let nobody = app.nobody();
    let served = nobody.get_json("/openapi.json").await;
    assert_eq!(served, document().0);
    let reader = nobody.get("//api/docs/").await;
    assert_eq!(reader.status(), 200);
    let reader = reader.text().await.unwrap();
    assert!(reader.contains("swagger-ui"));
    // It works without the internet.
    assert!(
        !reader.contains("http://") && !reader.contains("https://"),
        "{reader}"
    );
}
