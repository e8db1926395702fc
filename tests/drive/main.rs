//! The drive, as its owner and others see it: the tree, its rules, its sums.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod access;
mod bounds;
mod copying;
mod listing;
mod many;
mod moving;
mod names;
mod quota;
mod sums;
mod trash;
mod uploading;
mod versions;
mod wire;

use playhouse_test_support::{TestApp, problem};
use serde_json::json;
use wire::{at, folder, names, path_of, put, sums};

#[actix_web::test]
async fn a_drive_begins_empty_and_has_a_root() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let page = ann.get_json("/drive/entries").await;
    assert_eq!(page, json!({"items": [], "next_cursor": null}));
    let root = at(&ann, "/").await.unwrap();
    assert_eq!(root["id"], ann.id);
    assert_eq!(root["parent_id"], json!(null));
    assert_eq!((&root["name"], &root["path"]), (&json!(""), &json!("/")));
    assert_eq!(root["kind"], "folder");
    assert_eq!(
        ann.get_json(&format!("/drive/entries/{}", ann.id)).await,
        root
    );
    put(&ann, "/a.txt", b"a").await;
    assert_eq!(at(&ann, "/").await.unwrap(), root, "as old as before");
}

#[actix_web::test]
async fn folders_are_made_with_those_above() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let made = folder(&ann, "/Papers/2026/May").await;
    assert_eq!(made["path"], "/Papers/2026/May");
    assert_eq!(made["kind"], "folder");
    assert_eq!(made["size"], 0);
    assert_eq!(made["content_type"], json!(null));
    assert_eq!(names(&ann, "/Papers").await, ["2026"]);
    let again = ann.post("/drive/folders", json!({"path": "/Papers/2026"}));
    problem(again.await, 409, "name_taken").await;
    let root = ann.post("/drive/folders", json!({"path": "/"}));
    problem(root.await, 409, "name_taken").await;
    put(&ann, "/a.txt", b"a").await;
    for path in ["/a.txt", "/a.txt/b"] {
        let blocked = ann.post("/drive/folders", json!({ "path": path })).await;
        problem(blocked, 409, "name_taken").await;
    }
    assert_eq!(names(&ann, "/").await, ["Papers", "a.txt"]);
}

#[actix_web::test]
async fn a_file_says_what_it_is() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let admin = app.admin().await;
    put(&ann, "/Papers/a.pdf", b"%PDF-").await;
    app.jobs_done(&admin).await;
    let file = at(&ann, "/Papers/a.pdf").await.unwrap();
    assert_eq!(file["kind"], "file");
    assert_eq!(file["size"], 5);
    assert_eq!(file["content_type"], "application/pdf");
    assert_eq!(file["blake3"], blake3::hash(b"%PDF-").to_hex().to_string());
    let sha256 = playhouse_test_support::films::sha256(b"%PDF-");
    assert_eq!(file["sha256"], sha256);
    assert_eq!(file["md5"].as_str().unwrap().len(), 32);
    assert_eq!(file["deleted_at"], json!(null));
    let id = playhouse_test_support::text(&file["id"]);
    assert_eq!(path_of(&ann, &id).await, "/Papers/a.pdf");
    assert_eq!(sums(&app, &ann).await, (5, 0));
}
