//! What is thrown away, comes back, or goes for good.

use chrono::TimeDelta;
use playhouse_test_support::{TestApp, problem, text};
use serde_json::json;

use super::wire::{
    at, change, copy, entry, folder_id, in_trash, names, ok, page, path_of, put, sums, trash,
};

#[actix_web::test]
async fn what_lies_in_the_trash_is_out_of_reach() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let top = folder_id(&ann, "/a").await;
    let file = put(&ann, "/a/b/x.txt", b"x").await;
    let inner = text(&at(&ann, "/a/b").await.unwrap()["id"]);
    trash(&ann, &top).await;
    trash(&ann, &top).await;
    assert_eq!(in_trash(&ann).await, ["a"]);
    assert_eq!(path_of(&ann, &top).await, "/a", "where it was");
    assert!(!entry(&ann, &top).await["deleted_at"].is_null());
    assert_eq!(at(&ann, "/a/b/x.txt").await, None);
    for id in [&file, &inner] {
        let place = format!("/drive/entries/{id}");
        problem(ann.get(&place).await, 404, "not_found").await;
        problem(ann.delete(&place).await, 404, "not_found").await;
        problem(
            change(&ann, id, json!({"name": "n"})).await,
            404,
            "not_found",
        )
        .await;
        problem(
            copy(&ann, id, json!({"parent_id": ann.id})).await,
            404,
            "not_found",
        )
        .await;
        problem(
            ann.post(&format!("{place}/restore"), json!(null)).await,
            404,
            "not_found",
        )
        .await;
        problem(
            ann.delete(&format!("/drive/trash/{id}")).await,
            404,
            "not_found",
        )
        .await;
        problem(
            ann.get(&format!("{place}/versions")).await,
            404,
            "not_found",
        )
        .await;
        let listed = ann.get(&format!("/drive/entries?parent_id={id}")).await;
        problem(listed, 404, "not_found").await;
    }
    let listed = ann.get(&format!("/drive/entries?parent_id={top}")).await;
    problem(listed, 404, "not_found").await;
    problem(
        change(&ann, &top, json!({"name": "n"})).await,
        404,
        "not_found",
    )
    .await;
    assert_eq!(sums(&app, &ann).await, (1, 0), "it counts all the same");
}

#[actix_web::test]
async fn it_comes_back_to_where_it_was() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a/b/x.txt", b"x").await;
    let folder = text(&at(&ann, "/a/b").await.unwrap()["id"]);
    trash(&ann, &folder).await;
    let restore = format!("/drive/entries/{folder}/restore");
    for _ in 0..2 {
        let back = ok(ann.post(&restore, json!(null)).await).await;
        assert_eq!(
            (&back["path"], &back["deleted_at"]),
            (&json!("/a/b"), &json!(null))
        );
    }
    assert_eq!(path_of(&ann, &file).await, "/a/b/x.txt");
    assert!(in_trash(&ann).await.is_empty());
}

#[actix_web::test]
async fn it_comes_back_to_the_root_when_its_folder_is_gone() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let top = folder_id(&ann, "/a").await;
    let one = put(&ann, "/a/one.txt", b"1").await;
    let two = put(&ann, "/a/two.txt", b"2").await;
    for id in [&one, &two, &top] {
        trash(&ann, id).await;
    }
    let restore = |id: &str| format!("/drive/entries/{id}/restore");
    let back = ok(ann.post(&restore(&one), json!(null)).await).await;
    assert_eq!(back["path"], "/one.txt", "its folder is in the trash");
    let purged = ann.delete(&format!("/drive/trash/{top}")).await;
    assert_eq!(purged.status(), 204);
    assert_eq!(
        in_trash(&ann).await,
        ["two.txt"],
        "it was thrown away by itself"
    );
    let back = ok(ann.post(&restore(&two), json!(null)).await).await;
    assert_eq!(back["path"], "/two.txt");
    assert_eq!(sums(&app, &ann).await, (2, 0));
}

#[actix_web::test]
async fn its_name_is_free_meanwhile() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let old = put(&ann, "/a.txt", b"old").await;
    trash(&ann, &old).await;
    put(&ann, "/a.txt", b"new").await;
    let restore = format!("/drive/entries/{old}/restore");
    problem(ann.post(&restore, json!(null)).await, 409, "name_taken").await;
    let asked = format!("{restore}?on_conflict=rename");
    let back = ok(ann.post(&asked, json!(null)).await).await;
    assert_eq!(back["name"], "a (2).txt");
    trash(&ann, &old).await;
    let body = json!({"name": "a (2).txt"});
    problem(change(&ann, &old, body).await, 404, "not_found").await;
    let asked = format!("{restore}?on_conflict=replace");
    ok(ann.post(&asked, json!(null)).await).await;
    assert_eq!(names(&ann, "/").await, ["a (2).txt", "a.txt"]);
}

#[actix_web::test]
async fn what_is_purged_is_gone_with_its_bytes() {
    let app = TestApp::start().await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let file = put(&ann, "/a/x.txt", b"bytes").await;
    let kept = put(&ann, "/y.txt", b"other").await;
    for id in [&file, &kept] {
        let early = ann.delete(&format!("/drive/trash/{id}")).await;
        problem(early, 409, "conflict").await;
    }
    trash(&ann, &file).await;
    let purged = ann.delete(&format!("/drive/trash/{file}")).await;
    assert_eq!(purged.status(), 204);
    problem(
        ann.get(&format!("/drive/entries/{file}")).await,
        404,
        "not_found",
    )
    .await;
    assert_eq!(sums(&app, &ann).await, (5, 0));
    app.jobs_done(&admin).await;
    let hash = blake3::hash(b"bytes").to_hex();
    assert!(app.app().blobs.open(&hash, 5).await.is_err());
    let hash = blake3::hash(b"other").to_hex();
    assert!(app.app().blobs.open(&hash, 5).await.is_ok());
}

#[actix_web::test]
async fn the_trash_is_emptied_at_once_and_only_the_trash() {
    let app = TestApp::start().await;
    let (ann, ben) = (app.member("ann").await, app.member("ben").await);
    for name in ["a", "b", "c"] {
        let id = put(&ann, &format!("/{name}/x.txt"), b"x").await;
        let folder = text(&at(&ann, &format!("/{name}")).await.unwrap()["id"]);
        trash(&ann, if name == "a" { &id } else { &folder }).await;
    }
    let other = put(&ben, "/b", b"ben").await;
    trash(&ben, &other).await;
    assert_eq!(in_trash(&ann).await, ["c", "b", "x.txt"]);
    assert_eq!(ann.delete("/drive/trash").await.status(), 204);
    assert!(in_trash(&ann).await.is_empty());
    assert_eq!(names(&ann, "/").await, ["a"]);
    assert_eq!(in_trash(&ben).await, ["b"]);
    assert_eq!(sums(&app, &ann).await, (0, 0));
    assert_eq!(sums(&app, &ben).await, (3, 0));
}

#[actix_web::test]
async fn after_its_time_it_goes_by_itself() {
    let app = TestApp::start_with(|config| config.trash.days = 7).await;
    let ann = app.member("ann").await;
    let first = put(&ann, "/first", b"1").await;
    let back = put(&ann, "/back", b"22").await;
    trash(&ann, &first).await;
    trash(&ann, &back).await;
    ok(ann
        .post(&format!("/drive/entries/{back}/restore"), json!(null))
        .await)
    .await;
    app.advance(TimeDelta::days(6));
    trash(&ann, &back).await;
    let admin = app.admin().await;
    app.jobs_done(&admin).await;
    assert_eq!(in_trash(&ann).await, ["back", "first"]);
    app.advance(TimeDelta::days(2));
    app.jobs_done(&admin).await;
    assert_eq!(in_trash(&ann).await, ["back"], "its time began anew");
    app.advance(TimeDelta::days(6));
    app.jobs_done(&admin).await;
    assert!(in_trash(&ann).await.is_empty());
    assert_eq!(sums(&app, &ann).await, (0, 0));
    assert_eq!(page(&ann, &[]).await["items"], json!([]));
}

#[actix_web::test]
async fn the_trash_has_pages() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    for name in ["a", "b", "c"] {
        let id = put(&ann, &format!("/{name}"), b"x").await;
        trash(&ann, &id).await;
    }
    let first = ann.get_json("/drive/trash?limit=2").await;
    assert_eq!(first["items"][1]["name"], "b");
    let cursor = text(&first["next_cursor"]);
    let last = ann.get_json(&format!("/drive/trash?cursor={cursor}")).await;
    assert_eq!(last["items"][0]["path"], "/a");
    assert_eq!(last["next_cursor"], json!(null));
}
