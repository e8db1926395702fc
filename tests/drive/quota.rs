//! The room of an account is never exceeded, however many uploads come at once.

use futures_util::future::join_all;
use playhouse_test_support::{Person, TestApp, problem, text};
use serde_json::{Value, json};

use super::wire::{at, begin, copy, names, put, put_as, sums, trash, try_put};

async fn told(who: &Person) -> (i64, i64) {
    let me = who.get_json("/me").await;
    let number = |key: &str| me["drive"][key].as_i64().unwrap();
    (number("used"), number("quota"))
}

async fn set_quota(admin: &Person, who: &Person, quota: Value) {
    let account = format!("/admin/accounts/{}", who.id);
    let answer = admin.patch(&account, json!({ "quota": quota })).await;
    assert_eq!(answer.status(), 200);
}

#[actix_web::test]
async fn the_last_byte_fits_and_the_next_does_not() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 10).await;
    let ann = app.member("ann").await;
    assert_eq!(told(&ann).await, (0, 10));
    put(&ann, "/a", b"1234567").await;
    assert_eq!(told(&ann).await, (7, 10));
    let over = begin(&ann, "/b", 4, "fail").send().await.unwrap();
    problem(over, 507, "over_quota").await;
    put(&ann, "/b", b"123").await;
    assert_eq!(told(&ann).await, (10, 10));
    let over = try_put(&ann, "/c", b"1", "fail").await;
    problem(over, 507, "over_quota").await;
    put(&ann, "/empty", b"").await;
    // A version counts, so to replace needs room, too.
    let over = try_put(&ann, "/b", b"abc", "replace").await;
    problem(over, 507, "over_quota").await;
    assert_eq!(names(&ann, "/").await, ["a", "b", "empty"]);
    assert_eq!(sums(&app, &ann).await, (10, 0));
}

#[actix_web::test]
async fn an_open_upload_holds_its_room_until_it_ends() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 10).await;
    let ann = app.member("ann").await;
    let begun = begin(&ann, "/a", 8, "fail").send().await.unwrap();
    assert_eq!(begun.status(), 201);
    assert_eq!(sums(&app, &ann).await, (0, 8));
    assert_eq!(told(&ann).await, (0, 10), "nothing is there yet");
    let over = begin(&ann, "/b", 3, "fail").send().await.unwrap();
    problem(over, 507, "over_quota").await;
    let place = begun.headers()["location"].to_str().unwrap();
    let ended = ann
        .request(
            reqwest::Method::DELETE,
            place.strip_prefix("/api/v1").unwrap(),
        )
        .header("Tus-Resumable", "1.0.0");
    assert_eq!(ended.send().await.unwrap().status(), 204);
    assert_eq!(sums(&app, &ann).await, (0, 0));
    put(&ann, "/b", b"1234567890").await;
}

#[actix_web::test]
async fn an_admins_change_counts_at_once() {
    let app = TestApp::start_with(|config| {
        config.drive.quota_bytes = 10;
        config.drive.vip_quota_bytes = 20;
    })
    .await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let file = put(&ann, "/a", b"12345678").await;
    set_quota(&admin, &ann, json!(16)).await;
    assert_eq!(told(&ann).await, (8, 16));
    put(&ann, "/b", b"12345678").await;
    set_quota(&admin, &ann, json!(4)).await;
    assert_eq!(told(&ann).await, (16, 4));
    let over = try_put(&ann, "/c", b"1", "fail").await;
    problem(over, 507, "over_quota").await;
    let over = copy(&ann, &file, json!({"parent_id": ann.id, "name": "c"})).await;
    problem(over, 507, "over_quota").await;
    trash(&ann, &file).await;
    assert_eq!(ann.delete("/drive/trash").await.status(), 204);
    assert_eq!(sums(&app, &ann).await, (8, 0), "to remove is allowed");
    set_quota(&admin, &ann, json!(null)).await;
    assert_eq!(told(&ann).await, (8, 10));
    let account = format!("/admin/accounts/{}", ann.id);
    let body = json!({"vip_until": "2999-01-01T00:00:00Z"});
    assert_eq!(admin.patch(&account, body).await.status(), 200);
    assert_eq!(told(&ann).await, (8, 20));
}

#[actix_web::test]
async fn it_is_looked_at_again_when_an_upload_ends() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 10).await;
    let (ann, admin) = (app.member("ann").await, app.admin().await);
    let begun = begin(&ann, "/a", 8, "fail").send().await.unwrap();
    let place = text(&json!(begun.headers()["location"].to_str().unwrap()));
    let place = place.strip_prefix("/api/v1").unwrap();
    set_quota(&admin, &ann, json!(5)).await;
    let patch = ann
        .request(reqwest::Method::PATCH, place)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Offset", 0)
        .header("Content-Type", "application/offset+octet-stream")
        .body("12345678");
    problem(patch.send().await.unwrap(), 507, "over_quota").await;
    assert_eq!(at(&ann, "/a").await, None);
    assert_eq!(sums(&app, &ann).await, (0, 8), "the bytes wait for room");
}

#[actix_web::test]
async fn sixty_four_uploads_at_once_do_not_go_past_it() {
    let app = TestApp::start_with(|config| config.drive.quota_bytes = 100_000).await;
    let ann = app.member("ann").await;
    let uploads = (0..64).map(|number| {
        let ann = ann.clone();
        async move {
            let path = format!("/n{number:02}");
            let answer = try_put(&ann, &path, &vec![number; 9_000], "fail").await;
            match answer.status().as_u16() {
                201 => 1,
                507 => 0,
                other => panic!("{other}: {:?}", answer.text().await),
            }
        }
    });
    let stored: i64 = join_all(uploads).await.into_iter().sum();
    assert_eq!(sums(&app, &ann).await, (stored * 9_000, 0));
    assert_eq!(stored, 11, "as many as fit");
    assert_eq!(names(&ann, "/").await.len(), 11);
}

#[actix_web::test]
async fn sixty_four_of_one_name_leave_one_file_and_true_sums() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let uploads = (0..64).map(|number| {
        let ann = ann.clone();
        async move {
            let rule = ["fail", "replace", "rename"][usize::from(number % 3)];
            let answer = try_put(&ann, "/d/same", &[number; 100], rule).await;
            let status = answer.status().as_u16();
            assert!(
                matches!(status, 201 | 409),
                "{status} {:?}",
                answer.text().await
            );
        }
    });
    join_all(uploads).await;
    let names = names(&ann, "/d").await;
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    assert!(names.len() <= 23, "those to be renamed, and one more");
    sums(&app, &ann).await;
    put_as(&ann, "/d/same", b"x", "replace").await;
}
