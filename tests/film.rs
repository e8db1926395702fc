//! One film, as nobody, a member, a VIP, its owner and an admin see it.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use playhouse_test_support::{Person, TestApp, problem, text};
use serde_json::{Value, json};
use uuid::Uuid;

const PRICE: i64 = 499;

async fn house_with_a_film() -> (TestApp, Person, String) {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = app.publish_film(&admin, "The Kid", PRICE).await;
    let path = format!("/movies/{}", text(&film["id"]));
    (app, admin, path)
}

async fn buy(app: &TestApp, admin: &Person, member: &Person, film: &str) {
    let credit = admin.request(
        reqwest::Method::POST,
        &format!("/admin/accounts/{}/credit", member.id),
    );
    let credit = credit.header("Idempotency-Key", Uuid::now_v7().to_string());
    let answer = credit
        .json(&json!({"amount": PRICE, "note": "a gift"}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let order = member.request(reqwest::Method::POST, &format!("{film}/orders"));
    let order = order.header("Idempotency-Key", Uuid::now_v7().to_string());
    assert_eq!(order.send().await.unwrap().status(), 201);
    assert_eq!(app.nobody().get(film).await.status(), 401);
}

#[actix_web::test]
async fn it_is_the_film_of_the_catalogue_and_what_it_is_to_the_caller() {
    let (app, admin, path) = house_with_a_film().await;
    // The hashes of the background would come between the two answers.
    app.jobs_done(&admin).await;
    let member = app.member("ann").await;
    let film = member.get_json(&path).await;
    let listed = member.get_json("/movies").await["items"][0].clone();
    for (field, value) in listed.as_object().unwrap() {
        assert_eq!(&film[field], value, "{field}");
    }
    assert_eq!(film["your_price"], PRICE);
    assert_eq!(
        (&film["owned"], &film["position"]),
        (&json!(false), &json!(0.0))
    );
    let original = &film["renditions"][0];
    assert_eq!(original["name"], "original");
    assert_eq!(
        (&original["size"], &original["width"]),
        (&film["size"], &film["width"])
    );
}

#[actix_web::test]
async fn a_vip_pays_half_rounded_up() {
    let (app, admin, path) = house_with_a_film().await;
    let vip = app.member("ann").await;
    let changes = json!({"vip_until": "2099-01-01T00:00:00Z"});
    let answer = admin
        .patch(&format!("/admin/accounts/{}", vip.id), changes)
        .await;
    assert_eq!(answer.status(), 200);
    let film = vip.get_json(&path).await;
    assert_eq!(
        (&film["price"], &film["your_price"]),
        (&json!(499), &json!(250))
    );
}

#[actix_web::test]
async fn the_owner_goes_on_where_they_stopped() {
    let (app, admin, path) = house_with_a_film().await;
    let (owner, other) = (app.member("ann").await, app.member("bob").await);
    buy(&app, &admin, &owner, &path).await;
    let stopped = owner
        .put(&format!("{path}/position"), json!({"seconds": 0.25}))
        .await;
    assert_eq!(stopped.status(), 204);
    let film = owner.get_json(&path).await;
    assert_eq!(
        (&film["owned"], &film["position"]),
        (&json!(true), &json!(0.25))
    );
    let film = other.get_json(&path).await;
    assert_eq!(
        (&film["owned"], &film["position"]),
        (&json!(false), &json!(0.0))
    );
}

#[actix_web::test]
async fn what_has_left_the_catalogue_is_there_for_its_owner_and_admins_only() {
    let (app, admin, path) = house_with_a_film().await;
    let (owner, other) = (app.member("ann").await, app.member("bob").await);
    buy(&app, &admin, &owner, &path).await;
    assert_eq!(admin.delete(&path).await.status(), 204);
    problem(other.get(&path).await, 404, "not_found").await;
    assert_eq!(owner.get_json(&path).await["owned"], true);
    assert_ne!(admin.get_json(&path).await["deleted_at"], Value::Null);
}

#[actix_web::test]
async fn a_film_for_later_is_there_for_admins_only() {
    let (app, admin, path) = house_with_a_film().await;
    let member = app.member("ann").await;
    let later = json!({"publish_at": "2099-01-01T00:00:00Z"});
    assert_eq!(admin.patch(&path, later).await.status(), 200);
    problem(member.get(&path).await, 404, "not_found").await;
    assert_eq!(admin.get(&path).await.status(), 200);
}

#[actix_web::test]
async fn an_unknown_film_is_not_found() {
    let app = TestApp::start().await;
    let member = app.member("ann").await;
    for id in [Uuid::now_v7().to_string(), "kid".to_owned()] {
        problem(member.get(&format!("/movies/{id}")).await, 404, "not_found").await;
    }
}
