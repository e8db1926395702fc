//! Who may: the owner, as far as they are let in, and nobody else.

use playhouse::accounts::Role;
use playhouse_test_support::{Person, TestApp, problem, text};
use reqwest::Method;
use serde_json::{Value, json};

use super::wire::{at, folder_id, names, put, put_as, trash, try_put};

/// Every call that names an entry or changes the tree.
fn calls(id: &str, to: &str) -> Vec<(Method, String, Value)> {
    let place = format!("/drive/entries/{id}");
    vec![
        (Method::GET, place.clone(), json!(null)),
        (
            Method::GET,
            format!("/drive/entries?parent_id={id}"),
            json!(null),
        ),
        (Method::GET, format!("{place}/versions"), json!(null)),
        (Method::PATCH, place.clone(), json!({"name": "mine"})),
        (Method::PATCH, place.clone(), json!({"parent_id": to})),
        (
            Method::POST,
            format!("{place}/copy"),
            json!({"parent_id": to}),
        ),
        (Method::POST, format!("{place}/restore"), json!(null)),
        (Method::DELETE, format!("/drive/trash/{id}"), json!(null)),
        (Method::DELETE, place, json!(null)),
    ]
}

async fn refused_everywhere(who: &Person, id: &str, status: u16, code: &str) {
    for (method, path, body) in calls(id, &who.id) {
        let request = who.request(method.clone(), &path).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        problem(answer, status, code).await;
    }
}

#[actix_web::test]
async fn nobody_sees_the_drive_of_another() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let ben = app.newcomer(Role::Member).await;
    let admin = app.newcomer(Role::Admin).await;
    let file = put(&ann, "/secret/plan.txt", b"x").await;
    let folder = text(&at(&ann, "/secret").await.unwrap()["id"]);
    let thrown = put(&ann, "/thrown", b"y").await;
    trash(&ann, &thrown).await;
    for other in [&ben, &admin] {
        put(other, "/mine", b"z").await;
        for id in [&file, &folder, &thrown, &ann.id] {
            refused_everywhere(other, id, 404, "not_found").await;
        }
        let mine = at(other, "/mine").await.unwrap();
        // Nor does anything of theirs go to where it is not theirs.
        for to in [&folder, &ann.id] {
            let place = format!("/drive/entries/{}", text(&mine["id"]));
            let moved = other.patch(&place, json!({ "parent_id": to })).await;
            problem(moved, 404, "not_found").await;
            let body = json!({ "parent_id": to });
            let copied = other.post(&format!("{place}/copy"), body).await;
            problem(copied, 404, "not_found").await;
        }
        assert_eq!(at(other, "/secret").await, None);
        assert_eq!(other.delete("/drive/trash").await.status(), 204);
    }
    assert_eq!(names(&ann, "/").await, ["secret"]);
    assert_eq!(super::wire::in_trash(&ann).await, ["thrown"]);
}

#[actix_web::test]
async fn nobody_has_no_drive() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a", b"x").await;
    refused_everywhere(&app.nobody(), &file, 401, "not_signed_in").await;
    let listed = app.nobody().get("/drive/entries").await;
    problem(listed, 401, "not_signed_in").await;
}

#[actix_web::test]
async fn a_token_reads_or_changes_as_its_scopes_say() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let file = put(&ann, "/a.txt", b"one").await;
    put_as(&ann, "/a.txt", b"three", "replace").await;
    let folder = folder_id(&ann, "/f").await;
    let mut tokens = Vec::new();
    for scope in ["read", "write"] {
        let body = json!({"name": scope, "scopes": [scope]});
        let made: Value = ann.post("/me/tokens", body).await.json().await.unwrap();
        tokens.push(app.with_token(&text(&made["secret"])));
    }
    let (reader, writer) = (&tokens[0], &tokens[1]);
    for (method, path, body) in calls(&file, &folder) {
        let (fits, lacks) = if method == Method::GET {
            (reader, writer)
        } else {
            (writer, reader)
        };
        let refused = lacks.request(method.clone(), &path).json(&body);
        problem(refused.send().await.unwrap(), 403, "missing_scope").await;
        let answer = fits
            .request(method, &path)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(!matches!(answer.status().as_u16(), 401 | 403), "{path}");
    }
    let uploaded = try_put(reader, "/b.txt", b"x", "fail").await;
    problem(uploaded, 403, "missing_scope").await;
    put(writer, "/b.txt", b"x").await;
}

#[actix_web::test]
async fn whoever_is_locked_out_has_nothing() {
    let app = TestApp::start().await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let file = put(&ann, "/a.txt", b"x").await;
    let account = format!("/admin/accounts/{}", ann.id);
    let locked = admin.patch(&account, json!({"is_locked": true})).await;
    assert_eq!(locked.status(), 200);
    for (method, path, body) in calls(&file, &ann.id) {
        let answer = ann.request(method, &path).json(&body).send().await.unwrap();
        assert!(matches!(answer.status().as_u16(), 401 | 403), "{path}");
    }
    assert!(matches!(
        try_put(&ann, "/b", b"x", "fail").await.status().as_u16(),
        401 | 403
    ));
    admin.patch(&account, json!({"is_locked": false})).await;
    let ann = app.sign_in("ann").await;
    assert_eq!(names(&ann, "/").await, ["a.txt"]);
}
