//! More entries than one transaction takes.

use playhouse_test_support::{TestApp, text};
use serde_json::json;

use super::wire::{all, at, copy, folder_id, in_trash, ok, put, sums, trash};

/// A folder of 512 files and 31 folders, made by copying.
async fn plant(app: &TestApp, who: &playhouse_test_support::Person) -> String {
    let top = folder_id(who, "/t0").await;
    for number in 0..16 {
        put(who, &format!("/t0/f{number:02}"), b"x").await;
    }
    let mut source = top;
    for round in 0..5 {
        let next = folder_id(who, &format!("/t{}", round + 1)).await;
        for name in ["l", "r"] {
            let body = json!({"parent_id": next, "name": name});
            ok(copy(who, &source, body).await).await;
        }
        trash(who, &source).await;
        source = next;
    }
    assert_eq!(who.delete("/drive/trash").await.status(), 204);
    assert_eq!(sums(app, who).await, (512, 0));
    source
}

#[actix_web::test]
async fn big_folders_are_copied_and_purged_in_batches() {
    let app = TestApp::start().await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let source = plant(&app, &ann).await;
    let copied = ok(copy(&ann, &source, json!({"parent_id": ann.id, "name": "copy"})).await).await;
    assert_eq!(all(&ann, &[("q", "f07"), ("limit", "10")]).await.len(), 64);
    assert_eq!(all(&ann, &[("path", "/copy/l/r/l/r/l")]).await.len(), 16);
    assert_eq!(sums(&app, &ann).await, (1024, 0));
    trash(&ann, &source).await;
    assert_eq!(all(&ann, &[("q", "f07"), ("limit", "7")]).await.len(), 32);
    assert_eq!(ann.delete("/drive/trash").await.status(), 204);
    assert_eq!(sums(&app, &ann).await, (512, 0), "the room is free at once");
    let place = format!("/drive/entries/{}", text(&copied["id"]));
    assert_eq!(ann.get(&place).await.status(), 200);
    app.jobs_done(&admin).await;
    assert_eq!(sums(&app, &ann).await, (512, 0));
}

#[actix_web::test]
async fn a_big_copy_that_finds_no_room_in_the_middle_leaves_nothing() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 1100).await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let source = plant(&app, &ann).await;
    let body = |name: &str| json!({"parent_id": ann.id, "name": name});
    put(&ann, "/ballast", &[7; 80]).await;
    // The first batch of 500 entries fits, the second does not.
    let refused = copy(&ann, &source, body("copy")).await;
    playhouse_test_support::problem(refused, 507, "over_quota").await;
    assert_eq!(at(&ann, "/copy").await, None);
    assert!(in_trash(&ann).await.is_empty());
    assert_eq!(sums(&app, &ann).await, (592, 0));
    let ballast = text(&at(&ann, "/ballast").await.unwrap()["id"]);
    trash(&ann, &ballast).await;
    ann.delete("/drive/trash").await;
    ok(copy(&ann, &source, body("copy")).await).await;
    // What planned to clear a broken copy away leaves a whole one alone.
    app.advance(chrono::TimeDelta::hours(2));
    app.jobs_done(&admin).await;
    assert_eq!(sums(&app, &ann).await, (1024, 0));
}
