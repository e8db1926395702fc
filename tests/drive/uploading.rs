//! What arrives by upload, as the tree sees it.

use playhouse_test_support::{TestApp, problem, text};
use serde_json::json;

use super::wire::{at, begin, entry, folder_id, in_trash, names, put, put_as, sums, trash};

#[actix_web::test]
async fn a_name_that_is_taken_is_refused_before_a_byte_is_sent() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    put(&ann, "/a.txt", b"old").await;
    folder_id(&ann, "/f").await;
    for (path, rule) in [
        ("/a.txt", "fail"),
        ("/f", "fail"),
        ("/f", "replace"),
        ("/a.txt/b", "replace"),
        ("/", "replace"),
    ] {
        let answer = begin(&ann, path, 5, rule).send().await.unwrap();
        problem(answer, 409, "name_taken").await;
    }
    assert_eq!(sums(&app, &ann).await, (3, 0));
}

#[actix_web::test]
async fn an_upload_takes_another_name_or_the_place_if_asked() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let first = put(&ann, "/x/a.txt", b"1").await;
    let second = put_as(&ann, "/x/a.txt", b"22", "rename").await;
    assert_eq!(entry(&ann, &second).await["path"], "/x/a (2).txt");
    assert_eq!(put_as(&ann, "/x/a.txt", b"333", "replace").await, first);
    assert_eq!(entry(&ann, &first).await["size"], 3);
    folder_id(&ann, "/x/f").await;
    let beside = put_as(&ann, "/x/f", b"4", "rename").await;
    assert_eq!(entry(&ann, &beside).await["name"], "f (2)");
    assert!(in_trash(&ann).await.is_empty());
    assert_eq!(sums(&app, &ann).await, (1 + 2 + 3 + 1, 0));
}

#[actix_web::test]
async fn an_empty_file_is_a_file() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let id = put(&ann, "/empty", b"").await;
    assert_eq!(entry(&ann, &id).await["size"], 0);
    assert_eq!(sums(&app, &ann).await, (0, 0));
}

#[actix_web::test]
async fn what_was_free_at_the_beginning_may_be_taken_at_the_end() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let begun = begin(&ann, "/d/a.txt", 3, "fail").send().await.unwrap();
    let place = begun.headers()["location"].to_str().unwrap().to_owned();
    let place = place.strip_prefix("/api/v1").unwrap();
    put(&ann, "/d/a.txt", b"x").await;
    let patch = || {
        ann.request(reqwest::Method::PATCH, place)
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Offset", 0)
            .header("Content-Type", "application/offset+octet-stream")
            .body("abc")
    };
    problem(patch().send().await.unwrap(), 409, "name_taken").await;
    assert_eq!(sums(&app, &ann).await, (1, 3), "the bytes wait");
    assert_eq!(names(&ann, "/d").await, ["a.txt"]);
    let ended = ann
        .request(reqwest::Method::DELETE, place)
        .header("Tus-Resumable", "1.0.0");
    assert_eq!(ended.send().await.unwrap().status(), 204);
    assert_eq!(sums(&app, &ann).await, (1, 0));
}

#[actix_web::test]
async fn a_folder_that_was_thrown_away_is_made_anew() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let folder = folder_id(&ann, "/d").await;
    put(&ann, "/d/a", b"1").await;
    trash(&ann, &folder).await;
    put(&ann, "/d/b", b"2").await;
    assert_eq!(names(&ann, "/d").await, ["b"]);
    assert_ne!(text(&at(&ann, "/d").await.unwrap()["id"]), folder);
    let restore = format!("/drive/entries/{folder}/restore");
    let back = ann.post(&restore, json!(null)).await;
    problem(back, 409, "name_taken").await;
}

#[actix_web::test]
async fn equal_bytes_of_two_members_are_kept_once_and_count_for_both() {
    let app = TestApp::start().await;
    let (ann, ben) = (app.member("ann").await, app.member("ben").await);
    let id = put(&ann, "/a", b"shared").await;
    put(&ben, "/b", b"shared").await;
    trash(&ann, &id).await;
    ann.delete("/drive/trash").await;
    assert_eq!(sums(&app, &ann).await, (0, 0));
    assert_eq!(sums(&app, &ben).await, (6, 0));
    let hash = blake3::hash(b"shared").to_hex();
    assert!(app.app().blobs.open(&hash, 6).await.is_ok());
}

#[actix_web::test]
async fn a_type_that_is_no_type_does_not_reach_a_header() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let said = format!(
        "purpose {},path {},filetype {}",
        encode("drive"),
        encode("/a.bin"),
        encode("text/html\r\nX-Injected: 1")
    );
    let request = begin(&ann, "/unused", 0, "fail");
    let request = request.build().map(|mut it| {
        it.headers_mut()
            .insert("upload-metadata", said.parse().unwrap());
        it
    });
    let answer = app.client.execute(request.unwrap()).await.unwrap();
    if answer.status() == 201 {
        let kind = text(&at(&ann, "/a.bin").await.unwrap()["content_type"]);
        assert!(!kind.contains(['\r', '\n']), "{kind:?}");
    } else {
        assert_eq!(answer.status(), 422);
    }
}
