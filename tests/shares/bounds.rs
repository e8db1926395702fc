//! What closes a share: its time, its owner, its entry, a lock; and what it is bound to.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use playhouse::accounts::Role;
use playhouse_test_support::{TestApp, problem, text};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{CONTENT, House, cookie, create};

#[actix_web::test]
async fn a_share_ends_at_its_time() {
    let house = House::open().await;
    let until = house.app.clock.now() + TimeDelta::hours(1);
    let link = house.share(json!({"expires_at": until.and_utc()})).await;
    let first = link
        .ask(Method::GET, "/content", &[("range", "bytes=0-3")])
        .await;
    let (slip, _) = cookie(&first);
    house.app.advance(TimeDelta::minutes(59));
    assert_eq!(link.get("/content").await.status(), 200);
    house.app.advance(TimeDelta::minutes(1));
    for tail in ["", "/content", "/content/x", "/folders/x"] {
        problem(link.get(tail).await, 410, "expired").await;
    }
    let rest = [("range", "bytes=4-"), ("cookie", slip.as_str())];
    problem(
        link.ask(Method::GET, "/content", &rest).await,
        410,
        "expired",
    )
    .await;
    problem(link.say("x").await, 410, "expired").await;
}

#[actix_web::test]
async fn it_is_bound_to_the_file_and_not_to_its_name() {
    let house = House::open().await;
    let link = house.share(json!({})).await;
    house.app.set_trashed(&house.file, true).await;
    problem(link.get("/content").await, 404, "not_found").await;
    let new = house
        .app
        .put_file(&house.ann, &house.ann.id, "plan.txt", b"another")
        .await;
    problem(link.get("/content").await, 404, "not_found").await;
    house.app.set_trashed(&new, true).await;
    house.app.set_trashed(&house.file, false).await;
    assert_eq!(link.get("/content").await.bytes().await.unwrap(), CONTENT);
    // It follows its file to another place, and to other bytes.
    let folder = house.app.put_folder(&house.ann, &house.ann.id, "d").await;
    house
        .app
        .move_entry(&house.file, &folder, "renamed.txt")
        .await;
    house
        .app
        .replace_bytes(&house.file, b"second edition")
        .await;
    assert_eq!(link.json("").await["name"], "renamed.txt");
    assert_eq!(
        link.get("/content").await.bytes().await.unwrap(),
        &b"second edition"[..]
    );
    // A purge takes it along.
    let file = house.file.clone();
    house
        .app
        .change(move |conn| {
            use diesel::prelude::*;
            use playhouse::db::schema::drive_entries as entries;
            diesel::delete(entries::table.filter(entries::id.eq(&file)))
                .execute(conn)
                .map(drop)
        })
        .await;
    problem(link.get("").await, 404, "not_found").await;
    assert_eq!(
        house.ann.get_json("/drive/shares").await["items"],
        json!([])
    );
}

#[actix_web::test]
async fn it_is_gone_while_its_owner_is_locked() {
    let house = House::open().await;
    let link = house.share(json!({"password": "sesame"})).await;
    let admin = house.app.newcomer(Role::Admin).await;
    let path = format!("/admin/accounts/{}", house.ann.id);
    for is_locked in [true, false] {
        let changed = admin.patch(&path, json!({"is_locked": is_locked})).await;
        assert_eq!(changed.status(), 200);
        let (expected, code) = if is_locked {
            (404, "not_found")
        } else {
            (401, "password_required")
        };
        for tail in ["", "/content"] {
            problem(link.get(tail).await, expected, code).await;
        }
        let said = link.say("sesame").await.status();
        assert_eq!(said, if is_locked { 404 } else { 204 });
    }
}

/// Somebody reads slowly while the share is taken back, or its owner is locked.
#[actix_web::test]
async fn what_is_under_way_is_stopped_with_it() {
    let app = TestApp::start_with(|config| config.drive.download_bytes_per_second = 300_000).await;
    let ann = app.newcomer(Role::Member).await;
    let admin = app.newcomer(Role::Admin).await;
    let folder = app.put_folder(&ann, &ann.id, "d").await;
    app.put_file(&ann, &folder, "large", &vec![7; 6_000_000])
        .await;
    for lock in [false, true] {
        let share: Value = create(&ann, &folder, json!({})).await.json().await.unwrap();
        let spared: Value = create(&ann, &folder, json!({})).await.json().await.unwrap();
        let visitor = app.nobody();
        let begun = async |share: &Value, tail: &str| {
            let address = format!("/{}{tail}", text(&share["url"]));
            let answer = visitor.get(&address).await;
            assert_eq!(answer.status(), 200);
            answer
        };
        let under_way = [
            begun(&share, "/content/large").await,
            begun(&share, "/content").await,
        ];
        let mut other = begun(&spared, "/content/large").await;
        if lock {
            let path = format!("/admin/accounts/{}", ann.id);
            assert_eq!(
                admin
                    .patch(&path, json!({"is_locked": true}))
                    .await
                    .status(),
                200
            );
        } else {
            let removed = ann
                .delete(&format!("/drive/shares/{}", text(&share["id"])))
                .await;
            assert_eq!(removed.status(), 204);
        }
        for answer in under_way {
            let since = Instant::now();
            assert!(answer.bytes().await.is_err(), "it must not seem whole");
            assert!(since.elapsed() < Duration::from_secs(5));
        }
        let address = format!("/{}", text(&share["url"]));
        problem(visitor.get(&address).await, 404, "not_found").await;
        if !lock {
            assert!(
                other.chunk().await.unwrap().is_some(),
                "another share goes on"
            );
        }
    }
}
