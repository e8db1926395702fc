//! Folders: made, moved, copied and thrown away as one.

use playhouse_test_support::TestApp;
use serde_json::json;

use crate::wire::client;

#[actix_web::test]
async fn a_folder_moves_and_is_copied_without_its_bytes() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    for folder in ["/a", "/a/b", "/other"] {
        assert_eq!(ann.status("MKCOL", folder).await, 201);
    }
    assert_eq!(ann.status("MKCOL", "/a").await, 405);
    assert_eq!(ann.status("MKCOL", "/x/y").await, 409);
    ann.put("/a/b/file", "12345").await;
    assert_eq!(ann.transfer("COPY", "/a", "/copy", "F").await, 201);
    assert_eq!(ann.transfer("COPY", "/a", "/copy", "F").await, 412);
    assert_eq!(ann.transfer("COPY", "/a", "/x/y", "T").await, 409);
    assert_eq!(ann.transfer("COPY", "/a", "/a", "T").await, 403);
    assert_eq!(ann.transfer("COPY", "/a", "/a/b/c", "T").await, 409);
    assert_eq!(ann.transfer("MOVE", "/a", "/a/b/c", "T").await, 409);
    assert_eq!(ann.transfer("MOVE", "/a", "/moved", "maybe").await, 400);
    assert_eq!(ann.transfer("MOVE", "/a", "/moved", "T").await, 201);
    assert_eq!(ann.content("/copy/b/file").await, "12345");
    assert_eq!(ann.content("/moved/b/file").await, "12345");
    assert_eq!(ann.status("GET", "/a/b/file").await, 404);
    assert_eq!(ann.usage().await, (10, 0));
    // One content, however often it is in the tree.
    assert!(app.blob_path(b"12345").exists());
    let flat = ann.ask("COPY", "/moved").header("Depth", "0");
    let flat = flat
        .header("Destination", "/dav/flat")
        .send()
        .await
        .unwrap();
    assert_eq!(flat.status(), 201);
    assert_eq!(
        ann.find("/flat", "1", "")
            .await
            .matches("<D:response>")
            .count(),
        1
    );
}

#[actix_web::test]
async fn what_is_replaced_or_deleted_goes_to_the_trash_as_one() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    assert_eq!(ann.status("MKCOL", "/a").await, 201);
    for name in ["/a/1", "/a/2", "/b"] {
        ann.put(name, name).await;
    }
    assert_eq!(ann.transfer("MOVE", "/b", "/a", "T").await, 204);
    assert_eq!(ann.content("/a").await, "/b");
    assert_eq!(ann.status("DELETE", "/a").await, 204);
    assert_eq!(ann.status("DELETE", "/a").await, 404);
    assert_eq!(ann.status("DELETE", "/").await, 409);
    let person = app.sign_in("ann").await;
    let trash = person.get_json("/drive/trash").await;
    let names: Vec<_> = trash["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["kind"])
        .collect();
    assert_eq!(names, [&json!("file"), &json!("folder")]);
    let folder = trash["items"][1]["id"].as_str().unwrap();
    let restored = person
        .post(&format!("/drive/entries/{folder}/restore"), json!({}))
        .await;
    assert_eq!(restored.status(), 200);
    assert_eq!(ann.content("/a/2").await, "/a/2");
}
