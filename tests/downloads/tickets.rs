//! Tickets, their wait and their records.

use std::time::Duration;

use chrono::TimeDelta;
use playhouse_test_support::{TestApp, problem, text};
use serde_json::json;

use crate::seed::{SIZE, publish};
use crate::wire::{address, record, record_in_state, text_of, ticket};

#[actix_web::test]
async fn a_free_film_waits_and_then_comes_whole() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let ann = app.member("ann").await;
    let ticket = ticket(&ann, &film).await;
    assert_eq!(ticket["wait_seconds"], 30);
    assert_eq!(ticket["size"], SIZE);
    assert_eq!(ticket["file_name"], "a影.mp4");
    assert_eq!(record(&ann).await["state"], "waiting");
    let early = ann.get(&address(&ticket)).await;
    assert_eq!(early.headers()["retry-after"], "30");
    problem(early, 425, "too_early").await;
    app.advance(TimeDelta::seconds(29));
    let early = ann.get(&address(&ticket)).await;
    assert_eq!(early.headers()["retry-after"], "1");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(record(&ann).await["state"], "ready");
    let answer = ann.get(&address(&ticket)).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("etag"));
    assert_eq!(answer.headers()["cache-control"], "private, no-transform");
    assert!(!answer.headers().contains_key("content-encoding"));
    assert!(text_of(&answer, "content-disposition").starts_with("attachment; filename=\"a_.mp4\""));
    assert!(text_of(&answer, "repr-digest").starts_with("sha-256=:Bwc"));
    assert!(answer.bytes().await.unwrap() == film.content);
    let record = record_in_state(&ann, "completed").await;
    assert_eq!(record["bytes_sent"], SIZE);
    assert_eq!(record["title"], "A film");
    assert_eq!(record["price_paid"], 0);
    // The actor leaves when no more requests are waited for, just after its last word is written.
    for _ in 0..500 {
        if app.app().transfers.count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the actor has not left");
}

#[actix_web::test]
async fn vips_and_admins_do_not_wait() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let (admin, vip) = (app.admin().await, app.member("vip").await);
    let until = app.clock.now() + TimeDelta::days(1);
    let change = json!({"vip_until": until.and_utc()});
    let path = format!("/admin/accounts/{}", vip.id);
    assert_eq!(admin.patch(&path, change).await.status(), 200);
    for who in [&admin, &vip] {
        let ticket = ticket(who, &film).await;
        assert_eq!(ticket["wait_seconds"], 0);
        assert_eq!(who.get(&address(&ticket)).await.status(), 200);
    }
}

#[actix_web::test]
async fn records_are_paged_and_seen_by_their_owner_and_admins() {
    let app = TestApp::start().await;
    let film = publish(&app, 0).await;
    let (ann, bob, admin) = (
        app.member("ann").await,
        app.member("bob").await,
        app.admin().await,
    );
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(text(&ticket(&ann, &film).await["id"]));
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "/downloads?limit=2".to_owned();
    loop {
        let page = ann.get_json(&path).await;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| text(&it["id"])),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/downloads?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
    let of_ann = format!("/downloads?account={}", ann.id);
    assert_eq!(
        admin.get_json(&of_ann).await["items"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    assert_eq!(
        ann.get_json(&of_ann).await["items"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    problem(bob.get(&of_ann).await, 403, "forbidden").await;
    assert_eq!(bob.get_json("/downloads").await["items"], json!([]));
    problem(bob.get("/downloads?account=x").await, 422, "invalid").await;
    problem(bob.get("/downloads?limit=201").await, 422, "invalid").await;
}
