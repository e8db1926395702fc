//! Edits, the schedule and the trash.

use chrono::TimeDelta;
use playhouse_test_support::films::mp4;
use playhouse_test_support::{TestApp, problem, text};
use serde_json::{Value, json};

use crate::{files, path_of, titles};

#[actix_web::test]
async fn an_edit_shows_everywhere() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = app.publish_film(&admin, "Old Name", 0).await;
    assert_eq!(titles(&admin, "q=old&price=free").await, ["Old Name"]);
    let path = path_of(&film);
    let changes = json!({"title": "New Name", "tags": ["sea"], "category": "Drama", "price": 90});
    let changed: Value = admin.patch(&path, changes).await.json().await.unwrap();
    assert_eq!(
        (&changed["title"], &changed["tags"]),
        (&json!("New Name"), &json!(["sea"]))
    );
    assert_eq!(
        changed["description"], film["description"],
        "what is left out stays"
    );
    for (query, count) in [
        ("q=old", 0),
        ("q=new", 1),
        ("tag=sea", 1),
        ("price=free", 0),
        ("price=paid&category=Drama", 1),
    ] {
        assert_eq!(titles(&admin, query).await.len(), count, "{query}");
    }
    let cleared: Value = admin
        .patch(&path, json!({"category": null, "tags": []}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&cleared["category"], &cleared["tags"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(titles(&admin, "tag=sea").await.len(), 0);
    problem(
        admin.patch(&path, json!({"price": -1})).await,
        422,
        "invalid",
    )
    .await;
    problem(admin.patch(&path, json!({"size": 1})).await, 422, "invalid").await;
    let nowhere = format!("/movies/{}", uuid::Uuid::now_v7());
    problem(
        admin.patch(&nowhere, json!({"title": "A"})).await,
        404,
        "not_found",
    )
    .await;
    let audit = admin.get_json("/admin/audit?action=movie.change").await;
    assert_eq!(
        audit["items"][0]["detail"],
        json!({"category": null, "tags": []})
    );
}

#[actix_web::test]
async fn a_scheduled_film_appears_when_its_time_comes() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.member("ann").await;
    app.publish_film(&admin, "Now", 0).await;
    let at = (app.clock.now() + TimeDelta::hours(2)).and_utc();
    let said = json!({"title": "Later", "publish_at": at});
    let later: Value = admin
        .publish("later.mp4", &mp4(), said)
        .await
        .json()
        .await
        .unwrap();
    app.jobs_done(&admin).await;
    assert_eq!(titles(&ann, "").await, ["Now"]);
    for query in ["q=later", "sort=title", "sort=popular", "price=free"] {
        assert!(
            !titles(&ann, query).await.contains(&"Later".to_owned()),
            "{query}"
        );
    }
    assert_eq!(titles(&admin, "").await, ["Later", "Now"]);
    let poster = text(&admin.get_json("/movies?q=later").await["items"][0]["poster_url"]);
    problem(ann.get(&format!("/{poster}")).await, 404, "not_found").await;
    assert_eq!(admin.get(&format!("/{poster}")).await.status(), 200);
    app.advance(TimeDelta::hours(3));
    assert_eq!(titles(&ann, "").await, ["Later", "Now"]);
    assert_eq!(titles(&ann, "q=later").await, ["Later"]);
    assert_eq!(ann.get(&format!("/{poster}")).await.status(), 200);
    let again = (app.clock.now() + TimeDelta::hours(2)).and_utc();
    admin
        .patch(&path_of(&later), json!({"publish_at": again}))
        .await;
    assert_eq!(titles(&ann, "").await, ["Now"]);
    admin
        .patch(&path_of(&later), json!({"publish_at": null}))
        .await;
    assert_eq!(titles(&ann, "").await, ["Later", "Now"]);
}

#[actix_web::test]
async fn the_trash_keeps_a_film_until_it_is_purged() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let ann = app.member("ann").await;
    let film = app.publish_film(&admin, "Old", 0).await;
    app.jobs_done(&admin).await;
    let path = path_of(&film);
    let purge = format!("{path}/purge");
    problem(admin.post(&purge, json!({})).await, 409, "conflict").await;
    assert_eq!(admin.delete(&path).await.status(), 204);
    assert_eq!(admin.delete(&path).await.status(), 204, "again is the same");
    assert_eq!(titles(&ann, "").await.len(), 0);
    assert_eq!(titles(&ann, "q=old").await.len(), 0);
    assert_eq!(titles(&admin, "").await.len(), 0);
    assert_eq!(titles(&admin, "deleted=true").await, ["Old"]);
    assert_eq!(titles(&admin, "deleted=true&q=old").await, ["Old"]);
    let poster = text(&admin.get_json("/movies?deleted=true").await["items"][0]["poster_url"]);
    problem(ann.get(&format!("/{poster}")).await, 404, "not_found").await;
    let restored = admin.post(&format!("{path}/restore"), json!({})).await;
    assert_eq!(
        restored.json::<Value>().await.unwrap()["deleted_at"],
        Value::Null
    );
    assert_eq!(titles(&ann, "q=old").await, ["Old"]);
    admin.delete(&path).await;
    assert_eq!(
        (files(&app, "blobs").len(), files(&app, "posters").len()),
        (1, 4)
    );
    assert_eq!(admin.post(&purge, json!({})).await.status(), 204);
    assert_eq!(
        (files(&app, "blobs").len(), files(&app, "posters").len()),
        (0, 0)
    );
    assert_eq!(titles(&admin, "deleted=true").await.len(), 0);
    problem(admin.post(&purge, json!({})).await, 404, "not_found").await;
    problem(admin.get(&format!("/{poster}")).await, 404, "not_found").await;
    let audit = admin.get_json("/admin/audit").await;
    let done: Vec<_> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["action"]))
        .take(4)
        .collect();
    assert_eq!(
        done,
        [
            "movie.purge",
            "movie.delete",
            "movie.restore",
            "movie.delete"
        ]
    );
    app.publish_film(&admin, "Old", 0).await;
    app.jobs_done(&admin).await;
    assert_eq!(
        files(&app, "blobs").len(),
        1,
        "the bytes of the new film stay"
    );
}

#[actix_web::test]
async fn the_trash_is_emptied_by_time() {
    let app = TestApp::start_with(|config| config.trash.days = 7).await;
    let admin = app.admin().await;
    let (gone, kept) = (
        app.publish_film(&admin, "Gone", 0).await,
        app.publish_film(&admin, "Kept", 0).await,
    );
    admin.delete(&path_of(&gone)).await;
    admin.delete(&path_of(&kept)).await;
    app.advance(TimeDelta::days(4));
    app.jobs_done(&admin).await;
    assert_eq!(titles(&admin, "deleted=true").await.len(), 2);
    admin
        .post(&format!("{}/restore", path_of(&kept)), json!({}))
        .await;
    admin.delete(&path_of(&kept)).await;
    app.advance(TimeDelta::days(4));
    app.jobs_done(&admin).await;
    assert_eq!(
        titles(&admin, "deleted=true").await,
        ["Kept"],
        "its time began anew"
    );
    assert_eq!(files(&app, "blobs").len(), 1);
    let audit = admin.get_json("/admin/audit?action=movie.purge").await;
    assert_eq!(audit["items"][0]["actor"], Value::Null);
}
