//! How deep and how long: a tree stays within what paths can say.

use playhouse_test_support::{TestApp, problem};
use serde_json::json;

use super::wire::{at, change, copy, folder_id, ok, put, trash, try_put};

fn deep(levels: usize) -> String {
    "/d".repeat(levels)
}

#[actix_web::test]
async fn folders_are_so_deep_that_a_file_still_fits() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    folder_id(&ann, &deep(63)).await;
    put(&ann, &format!("{}/x", deep(63)), b"x").await;
    let deeper = ann.post("/drive/folders", json!({"path": deep(64)})).await;
    problem(deeper, 409, "conflict").await;
    let deeper = ann.post("/drive/folders", json!({"path": deep(65)})).await;
    problem(deeper, 422, "invalid").await;
    let deeper = try_put(&ann, &deep(66), b"x", "fail").await;
    problem(deeper, 422, "invalid").await;
    assert!(at(&ann, &format!("{}/x", deep(63))).await.is_some());
}

#[actix_web::test]
async fn nothing_gets_deeper_by_moving_copying_or_coming_back() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let bottom = folder_id(&ann, &deep(62)).await;
    let tall = folder_id(&ann, "/t").await;
    let inside = folder_id(&ann, "/t/t").await;
    let refused = change(&ann, &tall, json!({ "parent_id": bottom })).await;
    problem(refused, 409, "conflict").await;
    let refused = copy(&ann, &tall, json!({ "parent_id": bottom })).await;
    problem(refused, 409, "conflict").await;
    let moved = change(&ann, &inside, json!({ "parent_id": bottom })).await;
    assert_eq!(moved.status(), 200);
    // Back in the trash it fits where it was, and no longer after its folder has moved down.
    let home = folder_id(&ann, "/h").await;
    let below = folder_id(&ann, "/h/b").await;
    folder_id(&ann, "/h/b/c").await;
    trash(&ann, &below).await;
    ok(change(&ann, &home, json!({ "parent_id": bottom })).await).await;
    let restore = format!("/drive/entries/{below}/restore");
    let back = ann.post(&restore, json!(null)).await;
    problem(back, 409, "conflict").await;
}

#[actix_web::test]
async fn paths_do_not_grow_too_long_by_a_new_name() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let long = format!("/{}", "n".repeat(250)).repeat(14);
    let path = format!("/top{long}");
    folder_id(&ann, &path).await;
    let top = at(&ann, "/top").await.unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let renamed = change(&ann, &top, json!({"name": "t".repeat(255)})).await;
    assert_eq!(renamed.status(), 200);
    let name = "m".repeat(250);
    let body = json!({"path": format!("/{}{long}/{name}", "t".repeat(255))});
    problem(ann.post("/drive/folders", body).await, 409, "conflict").await;
}
