//! What a file may be called, whichever way the name comes in.

use playhouse_test_support::{TestApp, problem, wrong_fields};
use serde_json::json;

use super::wire::{at, change, copy, folder_id, names, put, put_as, sums, try_put};

const HOSTILE: &[&str] = &[
    "",
    ".",
    "..",
    "a/b",
    "../a",
    "a\\b",
    "a\r\nSet-Cookie: x=1",
    "a\u{7f}",
    "a\u{2028}b",
    "a\u{202e}fdp.exe",
    "a\u{2066}b",
    "\u{feff}a",
    " a",
    "a ",
    "a\u{3000}",
];

#[actix_web::test]
async fn hostile_names_are_refused_everywhere() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a.txt", b"x").await;
    let root = ann.id.clone();
    let long = "a".repeat(256);
    for name in HOSTILE.iter().copied().chain([long.as_str()]) {
        let renamed = change(&ann, &file, json!({ "name": name })).await;
        let said = problem(renamed, 422, "invalid").await;
        assert_eq!(wrong_fields(&said), ["name"], "{name:?}");
        let copied = copy(&ann, &file, json!({"parent_id": root, "name": name})).await;
        assert_eq!(
            wrong_fields(&problem(copied, 422, "invalid").await),
            ["name"]
        );
    }
    for path in [
        "a", "//a", "/a//b", "/a/", "/a/../b", "/./a", "/a\\b", "/a\r\nb", "",
    ] {
        let made = ann.post("/drive/folders", json!({ "path": path })).await;
        assert_eq!(wrong_fields(&problem(made, 422, "invalid").await), ["path"]);
        let uploaded = try_put(&ann, path, b"x", "fail").await;
        assert!(matches!(uploaded.status().as_u16(), 400 | 422), "{path:?}");
    }
    let nul = ann.post("/drive/folders", json!({"path": "/a\0b"})).await;
    problem(nul, 422, "invalid").await;
    let nul = ann.get("/drive/entry?path=/a%00b").await;
    problem(nul, 422, "invalid").await;
    let uploaded = try_put(&ann, "/a\0b", b"x", "fail").await;
    assert!(matches!(uploaded.status().as_u16(), 400 | 422));
    assert_eq!(names(&ann, "/").await, ["a.txt"]);
    assert_eq!(sums(&app, &ann).await, (1, 0));
}

#[actix_web::test]
async fn two_spellings_of_the_same_letters_are_one_name() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let (composed, decomposed) = ("/Caf\u{e9}.txt", "/Cafe\u{301}.txt");
    let id = put(&ann, decomposed, b"x").await;
    assert_eq!(names(&ann, "/").await, ["Caf\u{e9}.txt"]);
    for path in [composed, decomposed] {
        assert_eq!(at(&ann, path).await.unwrap()["id"], id);
        let again = try_put(&ann, path, b"y", "fail").await;
        problem(again, 409, "name_taken").await;
    }
    assert_eq!(put_as(&ann, composed, b"y", "replace").await, id);
    assert_eq!(at(&ann, "/CAF\u{e9}.txt").await, None, "case counts");
}

#[actix_web::test]
async fn what_is_encoded_twice_stays_what_it_is() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    put(&ann, "/a/b", b"x").await;
    put(&ann, "/..%2f..%2fetc", b"y").await;
    put(&ann, "/a%2fb", b"z").await;
    assert_eq!(names(&ann, "/").await, ["a", "..%2f..%2fetc", "a%2fb"]);
    let twice = ann.get("/drive/entry?path=%2Fa%252fb").await;
    let twice: serde_json::Value = twice.json().await.unwrap();
    assert_eq!(twice["name"], "a%2fb");
    let once = ann.get_json("/drive/entry?path=%2Fa%2fb").await;
    assert_eq!(once["path"], "/a/b");
    problem(
        ann.get("/drive/entry?path=/a/%2e%2e/a").await,
        422,
        "invalid",
    )
    .await;
    for id in ["..%2f..", "%2e%2e", "a%00b", "0", "..%5c.."] {
        let answer = ann.get(&format!("/drive/entries/{id}")).await;
        assert_eq!(answer.status(), 404, "{id}");
    }
}

#[actix_web::test]
async fn a_prefix_is_not_a_folder() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let inner = folder_id(&ann, "/ab").await;
    let short = folder_id(&ann, "/a").await;
    // The path of one begins with the other's, and it is not inside it.
    let moved = change(&ann, &short, json!({ "parent_id": inner })).await;
    assert_eq!(moved.status(), 200);
    assert_eq!(names(&ann, "/ab").await, ["a"]);
    let back = change(&ann, &short, json!({"parent_id": ann.id})).await;
    assert_eq!(back.status(), 200);
    put(&ann, "/ab/x", b"x").await;
    assert_eq!(at(&ann, "/a/x").await, None);
}

#[actix_web::test]
async fn names_of_all_scripts_are_kept() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    for name in [
        "文档.txt",
        "отчёт.pdf",
        "👩‍👩‍👧.png",
        "a\"b'c;.txt",
        "%",
        "CON",
        "-rf",
        "...",
        "~",
    ] {
        let id = put(&ann, &format!("/{name}"), b"x").await;
        let found = at(&ann, &format!("/{name}")).await.unwrap();
        assert_eq!((&found["id"], &found["name"]), (&json!(id), &json!(name)));
    }
}
