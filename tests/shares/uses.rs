//! What counts as a use, and that never more are given than allowed.

use chrono::TimeDelta;
use playhouse_test_support::problem;
use reqwest::Method;
use serde_json::json;

use crate::{CONTENT, House, cookie};

#[actix_web::test]
async fn a_use_is_a_download_that_begins() {
    let house = House::open().await;
    let link = house.share(json!({"max_uses": 2})).await;
    let tag = format!("\"{:.32}\"", blake3::hash(CONTENT).to_hex());
    for (method, headers, status) in [
        (Method::HEAD, vec![], 200),
        (Method::GET, vec![("if-none-match", tag.as_str())], 304),
        (Method::GET, vec![("if-match", "\"x\"")], 412),
        (Method::GET, vec![("range", "bytes=900-")], 416),
    ] {
        assert_eq!(
            link.ask(method, "/content", &headers).await.status(),
            status
        );
    }
    assert_eq!(link.get("").await.status(), 200);
    assert_eq!(house.uses().await, 0, "none of these gave a byte");
    for used in 1..=2 {
        assert_eq!(link.json("").await["uses_left"], 3 - used);
        assert_eq!(link.get("/content").await.bytes().await.unwrap(), CONTENT);
        assert_eq!(house.uses().await, used);
    }
    for tail in ["", "/content", "/folders/x", "/content/x"] {
        problem(link.get(tail).await, 410, "expired").await;
    }
    assert_eq!(link.ask(Method::HEAD, "/content", &[]).await.status(), 410);
    assert_eq!(link.page("").await.status(), 410);
    assert_eq!(house.uses().await, 2);
}

#[actix_web::test]
async fn going_on_is_the_same_use() {
    let house = House::open().await;
    let link = house.share(json!({"max_uses": 1})).await;
    let first = link
        .ask(Method::GET, "/content", &[("range", "bytes=0-3")])
        .await;
    assert_eq!(first.status(), 206);
    let (slip, line) = cookie(&first);
    assert!(
        line.contains(&format!("Path={}/content", link.home)),
        "{line}"
    );
    assert!(line.contains("HttpOnly"), "{line}");
    assert_eq!(house.uses().await, 1);
    for _ in 0..3 {
        let headers = [("range", "bytes=4-"), ("cookie", slip.as_str())];
        let rest = link.ask(Method::GET, "/content", &headers).await;
        assert_eq!(rest.status(), 206);
        assert!(!rest.headers().contains_key("set-cookie"));
        assert_eq!(rest.bytes().await.unwrap(), &CONTENT[4..]);
    }
    assert_eq!(house.uses().await, 1);
    // Without the slip, or for the whole, it would be another use.
    for headers in [
        vec![("range", "bytes=4-")],
        vec![("cookie", slip.as_str())],
        vec![("cookie", slip.as_str()), ("range", "bytes=x")],
        vec![
            ("cookie", slip.as_str()),
            ("range", "bytes=4-"),
            ("if-range", "\"x\""),
        ],
    ] {
        let answer = link.ask(Method::GET, "/content", &headers).await;
        problem(answer, 410, "expired").await;
    }
    // Another share of the same file does not know the slip.
    let other = house.share(json!({"max_uses": 1})).await;
    let headers = [("range", "bytes=4-"), ("cookie", slip.as_str())];
    let used = other.ask(Method::GET, "/content", &headers).await;
    assert!(used.headers().contains_key("set-cookie"), "it was counted");
    problem(other.get("/content").await, 410, "expired").await;
    // For twelve hours.
    house.app.advance(TimeDelta::hours(12));
    let late = link.ask(Method::GET, "/content", &headers).await;
    problem(late, 410, "expired").await;
}

#[actix_web::test]
async fn in_a_folder_each_file_and_each_archive_is_a_use() {
    let house = House::open().await;
    let folder = house
        .app
        .put_folder(&house.ann, &house.ann.id, "open")
        .await;
    for name in ["a", "b"] {
        house.app.put_file(&house.ann, &folder, name, CONTENT).await;
    }
    let link = house.share_of(&folder, json!({"max_uses": 3})).await;
    let (slip, _) = cookie(&link.get("/content/a").await);
    let part = [("range", "bytes=1-"), ("cookie", slip.as_str())];
    assert_eq!(
        link.ask(Method::GET, "/content/a", &part).await.status(),
        206
    );
    assert_eq!(house.uses().await, 1);
    // The slip of one file is none of another, though they have the same bytes.
    assert_eq!(
        link.ask(Method::GET, "/content/b", &part).await.status(),
        206
    );
    assert_eq!(house.uses().await, 2);
    let (slip, _) = cookie(&link.get("/content").await);
    assert_eq!(house.uses().await, 3);
    let again = [("range", "bytes=1-"), ("cookie", slip.as_str())];
    let archive = link.ask(Method::GET, "/content", &again).await;
    problem(archive, 410, "expired").await;
}

/// The last uses are fought for; nobody gets one too many, and every loser is told so.
#[actix_web::test]
async fn many_at_once_get_no_more_than_there_are() {
    let house = House::open().await;
    let link = house.share(json!({"max_uses": 5})).await;
    let crowd = futures_util::future::join_all((0..40).map(|_| async {
        let answer = link.get("/content").await;
        let status = answer.status().as_u16();
        let whole = answer.bytes().await.is_ok_and(|it| it == CONTENT);
        (status, whole)
    }))
    .await;
    let count = |wanted: u16| crowd.iter().filter(|(status, _)| *status == wanted).count();
    assert!(
        crowd
            .iter()
            .all(|(status, whole)| *whole == (*status == 200))
    );
    assert_eq!(count(200), 5, "{crowd:?}");
    assert_eq!(count(410) + count(503), 35, "{crowd:?}");
    assert_eq!(house.uses().await, 5);
}

#[actix_web::test]
async fn without_a_bound_uses_are_counted_all_the_same() {
    let house = House::open().await;
    let link = house.share(json!({})).await;
    for _ in 0..3 {
        assert_eq!(link.get("/content").await.status(), 200);
    }
    assert_eq!(house.uses().await, 3);
    assert_eq!(link.json("").await["uses_left"], serde_json::Value::Null);
}
