//! Copies of files and folders.

use playhouse_test_support::{TestApp, problem, text};
use serde_json::json;

use super::wire::{at, change, copy, folder_id, in_trash, names, ok, put, sums, trash};

#[actix_web::test]
async fn a_copy_of_a_file_is_a_file_of_its_own_over_the_same_bytes() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a.txt", b"four").await;
    let to = folder_id(&ann, "/b").await;
    let copied = ok(copy(&ann, &file, json!({ "parent_id": to })).await).await;
    assert_eq!(copied["path"], "/b/a.txt");
    assert_eq!(
        copied["blake3"],
        at(&ann, "/a.txt").await.unwrap()["blake3"]
    );
    assert_eq!(sums(&app, &ann).await, (8, 0), "both count");
    trash(&ann, &file).await;
    assert_eq!(ann.delete("/drive/trash").await.status(), 204);
    assert!(at(&ann, "/b/a.txt").await.is_some());
    assert_eq!(sums(&app, &ann).await, (4, 0));
    let hash = blake3::hash(b"four").to_hex();
    let open = app.app().blobs.open(&hash, 4);
    assert!(open.await.is_ok(), "the bytes stay for the copy");
}

#[actix_web::test]
async fn a_copy_of_a_folder_has_all_but_the_trash() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    put(&ann, "/a/x.txt", b"1").await;
    put(&ann, "/a/b/y.txt", b"22").await;
    let gone = put(&ann, "/a/b/gone.txt", b"333").await;
    let gone_folder = folder_id(&ann, "/a/old").await;
    put(&ann, "/a/old/z", b"4444").await;
    trash(&ann, &gone).await;
    trash(&ann, &gone_folder).await;
    let source = text(&at(&ann, "/a").await.unwrap()["id"]);
    let body = json!({"parent_id": ann.id, "name": "copy"});
    let copied = ok(copy(&ann, &source, body).await).await;
    assert_eq!(copied["path"], "/copy");
    assert_eq!(copied["deleted_at"], json!(null));
    assert_eq!(names(&ann, "/copy").await, ["b", "x.txt"]);
    assert_eq!(names(&ann, "/copy/b").await, ["y.txt"]);
    assert_eq!(sums(&app, &ann).await, (10 + 3, 0));
    put(&ann, "/copy/b/new", b"").await;
    assert_eq!(names(&ann, "/a/b").await, ["y.txt"], "they are apart");
}

#[actix_web::test]
async fn a_copy_beside_itself_gets_a_number_if_asked() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a.tar.gz", b"x").await;
    let folder = folder_id(&ann, "/v1.2").await;
    for (id, wanted) in [
        (&file, "a.tar (2).gz"),
        (&file, "a.tar (3).gz"),
        (&folder, "v1.2 (2)"),
    ] {
        let refused = copy(&ann, id, json!({"parent_id": ann.id})).await;
        problem(refused, 409, "name_taken").await;
        let over_itself = json!({"parent_id": ann.id, "on_conflict": "replace"});
        problem(copy(&ann, id, over_itself).await, 409, "name_taken").await;
        let body = json!({"parent_id": ann.id, "on_conflict": "rename"});
        assert_eq!(ok(copy(&ann, id, body).await).await["name"], wanted);
    }
    assert!(in_trash(&ann).await.is_empty());
    sums(&app, &ann).await;
}

#[actix_web::test]
async fn what_a_copy_replaces_goes_to_the_trash() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let source = folder_id(&ann, "/a").await;
    put(&ann, "/a/x", b"1").await;
    let to = folder_id(&ann, "/b").await;
    put(&ann, "/b/a/y", b"22").await;
    let body = json!({"parent_id": to, "on_conflict": "replace"});
    ok(copy(&ann, &source, body).await).await;
    assert_eq!(names(&ann, "/b/a").await, ["x"]);
    assert_eq!(in_trash(&ann).await, ["a"]);
    assert_eq!(sums(&app, &ann).await, (4, 0));
}

#[actix_web::test]
async fn a_folder_is_not_copied_into_itself() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let top = folder_id(&ann, "/a").await;
    let below = folder_id(&ann, "/a/b").await;
    for (id, parent) in [(&top, &top), (&top, &below), (&ann.id, &below)] {
        let answer = copy(&ann, id, json!({"parent_id": parent, "name": "c"})).await;
        problem(answer, 409, "conflict").await;
    }
    // Up and out of itself it may go.
    let body = json!({"parent_id": ann.id, "name": "c"});
    ok(copy(&ann, &below, body).await).await;
    assert_eq!(names(&ann, "/").await, ["a", "c"]);
}

#[actix_web::test]
async fn a_copy_for_which_there_is_no_room_leaves_nothing() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 10).await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a/x", b"123456").await;
    let folder = text(&at(&ann, "/a").await.unwrap()["id"]);
    for id in [&file, &folder] {
        let body = json!({"parent_id": ann.id, "name": "c", "on_conflict": "replace"});
        problem(copy(&ann, id, body).await, 507, "over_quota").await;
        assert_eq!(names(&ann, "/").await, ["a"]);
        assert_eq!(sums(&app, &ann).await, (6, 0));
    }
    let moved = change(&ann, &file, json!({"parent_id": ann.id})).await;
    assert_eq!(moved.status(), 200, "to move needs no room");
}
