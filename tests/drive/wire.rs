//! Speaking to a drive, and counting what it says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Text};
use playhouse_test_support::{Person, TestApp, text};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// Asks for an upload of that length, without bytes.
pub(crate) fn begin(who: &Person, path: &str, size: usize, rule: &str) -> reqwest::RequestBuilder {
    let said = [("purpose", "drive"), ("path", path), ("on_conflict", rule)];
    let said = said.map(|(key, value)| format!("{key} {}", STANDARD.encode(value)));
    who.request(Method::POST, "/uploads")
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Length", size)
        .header("Upload-Metadata", said.join(","))
}

/// Uploads a file in one request, whatever comes of it.
pub(crate) async fn try_put(who: &Person, path: &str, bytes: &[u8], rule: &str) -> Response {
    let request = begin(who, path, bytes.len(), rule);
    let request = if bytes.is_empty() {
        request
    } else {
        request
            .header("Content-Type", "application/offset+octet-stream")
            .body(bytes.to_vec())
    };
    request.send().await.unwrap()
}

/// Uploads a new file, and answers its id.
pub(crate) async fn put(who: &Person, path: &str, bytes: &[u8]) -> String {
    put_as(who, path, bytes, "fail").await
}

pub(crate) async fn put_as(who: &Person, path: &str, bytes: &[u8], rule: &str) -> String {
    let answer = try_put(who, path, bytes, rule).await;
    assert_eq!(answer.status(), 201, "{path}: {:?}", answer.text().await);
    let place = answer.headers()["content-location"].to_str().unwrap();
    let id = place.strip_prefix("/api/v1/drive/entries/").unwrap();
    id.to_owned()
}

pub(crate) async fn folder(who: &Person, path: &str) -> Value {
    let answer = who.post("/drive/folders", json!({ "path": path })).await;
    assert_eq!(answer.status(), 201, "{path}");
    answer.json().await.unwrap()
}

/// The id of a new folder.
pub(crate) async fn folder_id(who: &Person, path: &str) -> String {
    text(&folder(who, path).await["id"])
}

/// An address with a query.
pub(crate) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let encode =
        |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    let pairs = query
        .iter()
        .map(|(key, value)| format!("{key}={}", encode(value)));
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// What a path names.
pub(crate) async fn at(who: &Person, path: &str) -> Option<Value> {
    let answer = who
        .get(&with_query("/drive/entry", &[("path", path)]))
        .await;
    match answer.status().as_u16() {
        200 => Some(answer.json().await.unwrap()),
        404 => None,
        other => panic!("{path}: {other}"),
    }
}

pub(crate) async fn entry(who: &Person, id: &str) -> Value {
    who.get_json(&format!("/drive/entries/{id}")).await
}

pub(crate) async fn path_of(who: &Person, id: &str) -> String {
    text(&entry(who, id).await["path"])
}

/// A page of a list, by the query.
pub(crate) async fn page(who: &Person, query: &[(&str, &str)]) -> Value {
    let answer = who.get(&with_query("/drive/entries", query)).await;
    assert_eq!(answer.status(), 200, "{query:?}");
    answer.json().await.unwrap()
}

/// All names that a list has, page after page.
pub(crate) async fn all(who: &Person, query: &[(&str, &str)]) -> Vec<String> {
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = query.to_vec();
        if !cursor.is_empty() {
            query.push(("cursor", &cursor));
        }
        let page = page(who, &query).await;
        names.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| text(&it["name"])),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return names,
        }
    }
}

pub(crate) async fn names(who: &Person, path: &str) -> Vec<String> {
    all(who, &[("path", path)]).await
}

pub(crate) async fn trash(who: &Person, id: &str) {
    let answer = who.delete(&format!("/drive/entries/{id}")).await;
    assert_eq!(answer.status(), 204);
}

/// The names in the trash, the latest first.
pub(crate) async fn in_trash(who: &Person) -> Vec<String> {
    let page = who.get_json("/drive/trash").await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|it| text(&it["name"])).collect()
}

pub(crate) async fn change(who: &Person, id: &str, body: Value) -> Response {
    who.patch(&format!("/drive/entries/{id}"), body).await
}

pub(crate) async fn copy(who: &Person, id: &str, body: Value) -> Response {
    who.post(&format!("/drive/entries/{id}/copy"), body).await
}

pub(crate) async fn ok(answer: Response) -> Value {
    let status = answer.status();
    let body = answer.text().await.unwrap();
    assert!(status.is_success(), "{status} {body}");
    serde_json::from_str(&body).unwrap()
}

#[derive(diesel::QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = BigInt)]
    reserved: i64,
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    open: i64,
    #[diesel(sql_type = BigInt)]
    refs: i64,
    #[diesel(sql_type = BigInt)]
    holders: i64,
}

/// Used and reserved bytes of somebody, after checking that they are the sums over the rows, and that contents are
/// counted as often as anybody has them.
pub(crate) async fn sums(app: &TestApp, who: &Person) -> (i64, i64) {
    let sql = "SELECT \
        CAST(COALESCE((SELECT used FROM drive_usage WHERE account_id = $1), 0) AS BIGINT) AS used, \
        CAST(COALESCE((SELECT reserved FROM drive_usage WHERE account_id = $2), 0) AS BIGINT) AS reserved, \
        CAST(COALESCE((SELECT SUM(size) FROM drive_entries WHERE account_id = $3), 0) \
           + COALESCE((SELECT SUM(size) FROM drive_versions WHERE account_id = $4), 0) AS BIGINT) AS rows, \
        CAST(COALESCE((SELECT SUM(reserved) FROM uploads WHERE account_id = $5), 0) AS BIGINT) AS open, \
        CAST(COALESCE((SELECT SUM(refs) FROM blobs), 0) AS BIGINT) AS refs, \
        CAST((SELECT COUNT(*) FROM drive_entries WHERE blob_id IS NOT NULL) \
           + (SELECT COUNT(*) FROM drive_versions) + (SELECT COUNT(*) FROM movies) AS BIGINT) AS holders";
    let id = who.id.clone();
    let told = app
        .app()
        .db
        .read::<_, playhouse::db::Error, _>(move |conn| {
            let query = diesel::sql_query(sql);
            let query = query
                .bind::<Text, _>(id.clone())
                .bind::<Text, _>(id.clone());
            let query = query
                .bind::<Text, _>(id.clone())
                .bind::<Text, _>(id.clone());
            Ok(query.bind::<Text, _>(id).get_result::<Sums>(conn)?)
        });
    let told = told.await.unwrap();
    assert_eq!(told.used, told.rows, "used is what the rows have");
    assert_eq!(
        told.reserved, told.open,
        "reserved is what the uploads hold"
    );
    assert_eq!(told.refs, told.holders, "each holder is counted once");
    (told.used, told.reserved)
}
