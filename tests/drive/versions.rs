//! What files were before.

use playhouse_test_support::{Person, TestApp, problem, text};
use serde_json::{Value, json};

use super::wire::{entry, folder_id, ok, put, put_as, sums, trash};

async fn sizes(who: &Person, id: &str) -> Vec<i64> {
    let page = who.get_json(&format!("/drive/entries/{id}/versions")).await;
    assert_eq!(page["next_cursor"], json!(null));
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|it| it["size"].as_i64().unwrap())
        .collect()
}

async fn version(who: &Person, id: &str, number: usize) -> Value {
    let page = who.get_json(&format!("/drive/entries/{id}/versions")).await;
    page["items"][number].clone()
}

#[actix_web::test]
async fn the_last_few_are_kept_and_count() {
    let app = TestApp::start_with(|config| config.drive.keep_versions = 2).await;
    let ann = app.member("ann").await;
    let id = put(&ann, "/a", b"1").await;
    for size in 2..=5 {
        let replaced = put_as(&ann, "/a", &vec![9; size], "replace").await;
        assert_eq!(replaced, id, "it is the same file");
    }
    assert_eq!(entry(&ann, &id).await["size"], 5);
    assert_eq!(sizes(&ann, &id).await, [4, 3]);
    assert_eq!(sums(&app, &ann).await, (5 + 4 + 3, 0));
    trash(&ann, &id).await;
    assert_eq!(ann.delete("/drive/trash").await.status(), 204);
    assert_eq!(sums(&app, &ann).await, (0, 0));
}

#[actix_web::test]
async fn equal_bytes_make_no_version() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let id = put(&ann, "/a", b"same").await;
    put_as(&ann, "/a", b"same", "replace").await;
    assert!(sizes(&ann, &id).await.is_empty());
    assert_eq!(sums(&app, &ann).await, (4, 0));
}

#[actix_web::test]
async fn none_are_kept_when_none_are_wanted() {
    let app = TestApp::start_with(|config| config.drive.keep_versions = 0).await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let id = put(&ann, "/a", b"old").await;
    put_as(&ann, "/a", b"newer", "replace").await;
    assert!(sizes(&ann, &id).await.is_empty());
    assert_eq!(sums(&app, &ann).await, (5, 0));
    app.jobs_done(&admin).await;
    let hash = blake3::hash(b"old").to_hex();
    assert!(app.app().blobs.open(&hash, 3).await.is_err());
}

#[actix_web::test]
async fn one_becomes_the_content_again() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let id = put(&ann, "/a.txt", b"one").await;
    put_as(&ann, "/a.txt", b"three", "replace").await;
    let before = entry(&ann, &id).await;
    let old = version(&ann, &id, 0).await;
    assert_eq!(old["blake3"], blake3::hash(b"one").to_hex().to_string());
    let place = format!("/drive/entries/{id}/versions/{}", text(&old["id"]));
    let restored = ok(ann.post(&format!("{place}/restore"), json!(null)).await).await;
    assert_eq!(restored["blake3"], old["blake3"]);
    assert_eq!(restored["modified_at"], old["modified_at"]);
    assert_ne!(restored["etag"], before["etag"]);
    let kept = version(&ann, &id, 0).await;
    assert_eq!(kept["blake3"], before["blake3"]);
    assert_eq!(sizes(&ann, &id).await, [5]);
    assert_eq!(sums(&app, &ann).await, (8, 0));
    problem(ann.delete(&place).await, 404, "not_found").await;
}

#[actix_web::test]
async fn one_is_deleted_for_good() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let id = put(&ann, "/a.txt", b"one").await;
    put_as(&ann, "/a.txt", b"three", "replace").await;
    let old = version(&ann, &id, 0).await;
    let place = format!("/drive/entries/{id}/versions/{}", text(&old["id"]));
    assert_eq!(ann.delete(&place).await.status(), 204);
    assert!(sizes(&ann, &id).await.is_empty());
    assert_eq!(sums(&app, &ann).await, (5, 0));
}

#[actix_web::test]
async fn only_a_file_of_ones_own_has_any() {
    let app = TestApp::start().await;
    let (ann, ben) = (app.member("ann").await, app.member("ben").await);
    let folder = folder_id(&ann, "/f").await;
    let of_folder = ann.get(&format!("/drive/entries/{folder}/versions")).await;
    problem(of_folder, 409, "conflict").await;
    let id = put(&ann, "/a.txt", b"one").await;
    put_as(&ann, "/a.txt", b"three", "replace").await;
    let old = text(&version(&ann, &id, 0).await["id"]);
    let mine = put(&ben, "/b.txt", b"x").await;
    // Neither through the other's file nor through one of his own.
    for file in [&id, &mine] {
        let place = format!("/drive/entries/{file}/versions/{old}");
        problem(ben.delete(&place).await, 404, "not_found").await;
        let restored = ben.post(&format!("{place}/restore"), json!(null)).await;
        problem(restored, 404, "not_found").await;
    }
    for version in ["x", "0197a8c0-0000-7000-8000-000000000000"] {
        let place = format!("/drive/entries/{id}/versions/{version}");
        problem(ann.delete(&place).await, 404, "not_found").await;
    }
    assert_eq!(sizes(&ann, &id).await, [3]);
}
