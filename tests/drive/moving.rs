//! Renaming and moving, and what must not come of it.

use playhouse_test_support::{TestApp, problem, text, wrong_fields};
use reqwest::Method;
use serde_json::json;

use super::wire::{at, change, entry, folder_id, in_trash, names, ok, path_of, put, sums};

#[actix_web::test]
async fn a_folder_moves_with_all_that_is_below_it() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let from = folder_id(&ann, "/a").await;
    let to = folder_id(&ann, "/b/c").await;
    let file = put(&ann, "/a/deep/x.txt", b"x").await;
    let moved = ok(change(&ann, &from, json!({"parent_id": to, "name": "z"})).await).await;
    assert_eq!(moved["path"], "/b/c/z");
    assert_eq!(moved["parent_id"], to);
    assert_eq!(path_of(&ann, &file).await, "/b/c/z/deep/x.txt");
    assert_eq!(names(&ann, "/").await, ["b"]);
    assert_eq!(at(&ann, "/a").await, None);
}

#[actix_web::test]
async fn onto_itself_is_no_change() {
    let app = TestApp::start().await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let file = put(&ann, "/a.txt", b"x").await;
    app.jobs_done(&admin).await;
    let before = entry(&ann, &file).await;
    for body in [
        json!({}),
        json!({"name": "a.txt"}),
        json!({"name": "a.txt", "parent_id": ann.id, "on_conflict": "replace"}),
    ] {
        assert_eq!(ok(change(&ann, &file, body).await).await, before);
    }
    assert!(in_trash(&ann).await.is_empty());
}

#[actix_web::test]
async fn a_folder_does_not_go_into_itself() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let top = folder_id(&ann, "/a").await;
    let below = folder_id(&ann, "/a/b/c").await;
    for (id, parent) in [(&top, &top), (&top, &below)] {
        let answer = change(&ann, id, json!({ "parent_id": parent })).await;
        problem(answer, 409, "conflict").await;
    }
    let root = change(&ann, &ann.id, json!({"parent_id": below})).await;
    problem(root, 409, "conflict").await;
    let root = change(&ann, &ann.id, json!({"name": "x"})).await;
    problem(root, 409, "conflict").await;
    let root = ann.delete(&format!("/drive/entries/{}", ann.id)).await;
    problem(root, 409, "conflict").await;
    assert_eq!(path_of(&ann, &below).await, "/a/b/c");
}

#[actix_web::test]
async fn a_name_that_is_taken_is_solved_as_asked() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let one = put(&ann, "/one.txt", b"1").await;
    let two = put(&ann, "/two.txt", b"22").await;
    let taken = change(&ann, &two, json!({"name": "one.txt"})).await;
    problem(taken, 409, "name_taken").await;
    let body = json!({"name": "one.txt", "on_conflict": "rename"});
    let renamed = ok(change(&ann, &two, body).await).await;
    assert_eq!(renamed["name"], "one (2).txt");
    let body = json!({"name": "one.txt", "on_conflict": "replace"});
    let replaced = ok(change(&ann, &two, body).await).await;
    assert_eq!(
        (&replaced["id"], &replaced["name"]),
        (&json!(two), &json!("one.txt"))
    );
    assert_eq!(names(&ann, "/").await, ["one.txt"]);
    assert_eq!(in_trash(&ann).await, ["one.txt"]);
    assert!(!entry(&ann, &one).await["deleted_at"].is_null());
    assert_eq!(sums(&app, &ann).await, (3, 0), "the trash counts");
}

#[actix_web::test]
async fn a_folder_may_take_the_place_of_one_above_it() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    folder_id(&ann, "/a").await;
    let inner = folder_id(&ann, "/a/a").await;
    put(&ann, "/a/a/x", b"x").await;
    let body = json!({"parent_id": ann.id, "on_conflict": "replace"});
    let moved = ok(change(&ann, &inner, body).await).await;
    assert_eq!(moved["path"], "/a");
    assert_eq!(names(&ann, "/a").await, ["x"]);
    assert_eq!(in_trash(&ann).await, ["a"]);
}

#[actix_web::test]
async fn a_target_must_be_a_folder_that_is_there() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a.txt", b"x").await;
    let other = put(&ann, "/b.txt", b"x").await;
    let into_file = change(&ann, &file, json!({ "parent_id": other })).await;
    assert_eq!(
        wrong_fields(&problem(into_file, 422, "invalid").await),
        ["parent_id"]
    );
    let gone = folder_id(&ann, "/gone/in").await;
    let top = text(&at(&ann, "/gone").await.unwrap()["id"]);
    super::wire::trash(&ann, &top).await;
    for nowhere in [gone, top, "0197a8c0-0000-7000-8000-000000000000".to_owned()] {
        let answer = change(&ann, &file, json!({ "parent_id": nowhere })).await;
        problem(answer, 404, "not_found").await;
    }
    assert_eq!(path_of(&ann, &file).await, "/a.txt");
}

#[actix_web::test]
async fn a_change_of_what_has_changed_is_refused() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let id = put(&ann, "/a.txt", b"x").await;
    let stale = text(&entry(&ann, &id).await["etag"]);
    ok(change(&ann, &id, json!({"name": "b.txt"})).await).await;
    let place = format!("/drive/entries/{id}");
    let seen = ann.get(&place).await;
    let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
    let fresh = text(&seen.json::<serde_json::Value>().await.unwrap()["etag"]);
    assert_eq!(tag, fresh, "the header is for If-Match as well");
    assert_ne!(stale, fresh);
    // The tag says nothing of the digests, so an answer is never left out because of it.
    let again = ann
        .request(Method::GET, &place)
        .header("If-None-Match", &tag);
    assert_eq!(again.send().await.unwrap().status(), 200);
    let calls = [
        (Method::PATCH, place.clone(), json!({"name": "c.txt"})),
        (Method::DELETE, place.clone(), json!(null)),
        (
            Method::POST,
            format!("{place}/copy"),
            json!({"parent_id": ann.id, "name": "d.txt"}),
        ),
        (Method::POST, format!("{place}/restore"), json!(null)),
        (Method::DELETE, format!("/drive/trash/{id}"), json!(null)),
    ];
    for (method, path, body) in &calls {
        for tag in [
            stale.clone(),
            format!("W/{fresh}"),
            "\"\"".to_owned(),
            "x".to_owned(),
        ] {
            let request = ann.request(method.clone(), path).header("If-Match", &tag);
            let answer = request.json(body).send().await.unwrap();
            problem(answer, 412, "precondition_failed").await;
        }
    }
    assert_eq!(names(&ann, "/").await, ["b.txt"]);
    for tag in [format!("\"no\", {fresh}"), "*".to_owned()] {
        let request = ann.request(Method::PATCH, &place).header("If-Match", tag);
        let answer = request
            .json(&json!({"name": "b.txt"}))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
}
