//! What the address of a ticket answers.

use chrono::TimeDelta;
use playhouse_test_support::{TestApp, problem, text};
use reqwest::Method;
use serde_json::json;

use crate::seed::{SIZE, publish};
use crate::wire::{address, range, record, record_in_state, text_of, ticket};

#[actix_web::test]
async fn ranges_add_up_to_a_whole_film_over_days() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let ticket = ticket(&ann, &film).await;
    let path = address(&ticket);
    let first = range(&ann, &path, "bytes=0-999999").await;
    assert_eq!(first.status(), 206);
    let tag = text_of(&first, "etag");
    assert!(first.bytes().await.unwrap() == film.content[..1_000_000]);
    let paused = record_in_state(&ann, "paused").await;
    assert_eq!(paused["bytes_sent"], 1_000_000);
    // The same bytes again are not progress.
    range(&ann, &path, "bytes=0-99")
        .await
        .bytes()
        .await
        .unwrap();
    app.advance(TimeDelta::hours(23));
    let rest = ann
        .request(Method::GET, &path)
        .header("range", "bytes=1000000-")
        .header("if-range", tag);
    let rest = rest.send().await.unwrap();
    assert_eq!(rest.status(), 206);
    assert!(rest.bytes().await.unwrap() == film.content[1_000_000..]);
    assert_eq!(record_in_state(&ann, "completed").await["bytes_sent"], SIZE);
    app.advance(TimeDelta::hours(1));
    problem(ann.get(&path).await, 410, "expired").await;
    assert_eq!(record(&ann).await["state"], "completed");
}

#[actix_web::test]
async fn conditional_and_wrong_requests_of_a_ticket() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let outside = range(&ann, &path, "bytes=9999999-").await;
    assert_eq!(outside.status(), 416);
    assert_eq!(
        text_of(&outside, "content-range"),
        format!("bytes */{SIZE}")
    );
    problem(outside, 416, "range_not_satisfiable").await;
    let with = |name: &'static str, value: &str| {
        ann.request(Method::GET, &path).header(name, value).send()
    };
    let other = with("if-match", "\"other\"").await.unwrap();
    problem(other, 412, "precondition_failed").await;
    let tag = format!("\"{:.32}\"", blake3::hash(&film.content).to_hex());
    assert_eq!(with("if-none-match", &tag).await.unwrap().status(), 304);
    let head = ann.request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), text_of(&head, "content-length")),
        (200, SIZE.to_string())
    );
    let posted = ann.post(&path, json!({})).await;
    assert_eq!(text_of(&posted, "allow"), "GET, HEAD");
    problem(posted, 405, "method_not_allowed").await;
    let altered = path.replacen("tickets/", "tickets/A", 1);
    problem(ann.get(&altered).await, 404, "not_found").await;
    let several = range(&ann, &path, "bytes=0-1,10-11").await;
    assert!(text_of(&several, "content-type").starts_with("multipart/byteranges"));
}

#[actix_web::test]
async fn many_requests_share_one_transfer() {
    let app = TestApp::start_with(|config| {
        config.downloads.wait_seconds = 0;
        config.server.workers = 2;
    })
    .await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let step = 100_000;
    let parts = (0..SIZE).step_by(step).map(|start| {
        let (ann, path, end) = (ann.clone(), path.clone(), (start + step).min(SIZE));
        async move {
            let part = range(&ann, &path, &format!("bytes={start}-{}", end - 1)).await;
            (start, end, part.bytes().await.unwrap())
        }
    });
    for (start, end, part) in futures_util::future::join_all(parts).await {
        assert!(part == film.content[start..end]);
    }
    assert_eq!(app.app().transfers.count(), 1);
    assert_eq!(record_in_state(&ann, "completed").await["bytes_sent"], SIZE);
}

#[actix_web::test]
async fn damaged_storage_is_an_opaque_fault() {
    let app = TestApp::start_with(|config| config.downloads.wait_seconds = 0).await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let path = address(&ticket(&ann, &film).await);
    let blob = app.blob_path(&film.content);
    std::fs::write(&blob, b"short").unwrap();
    problem(ann.get(&path).await, 500, "internal").await;
    std::fs::remove_file(&blob).unwrap();
    let fault = problem(ann.get(&path).await, 500, "internal").await;
    assert!(!text(&fault["detail"]).contains("blobs"), "{fault}");
}
