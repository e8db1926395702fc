//! Profiles and the figures of the house over HTTP.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use chrono::TimeDelta;
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use reqwest::Method;
use serde_json::{Value, json};

async fn credit(admin: &Person, to: &Person, amount: i64) {
    let path = format!("/admin/accounts/{}/credit", to.id);
    let request = admin
        .request(Method::POST, &path)
        .header("idempotency-key", uuid::Uuid::now_v7().to_string())
        .json(&json!({"amount": amount, "note": ""}));
    assert_eq!(request.send().await.unwrap().status(), 201);
}

#[actix_web::test]
async fn one_sees_oneself_with_balance_notices_and_room() {
    let app = TestApp::start_with(|config| {
        (config.drive.quota_bytes, config.drive.vip_quota_bytes) = (1000, 2000);
    })
    .await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let me = ann.get_json("/me").await;
    assert_eq!(
        (&me["username"], &me["role"]),
        (&json!("ann"), &json!("member"))
    );
    assert_eq!(
        (&me["balance"], &me["unread_notices"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(me["drive"], json!({"used": 0, "quota": 1000}));
    assert_eq!((&me["phone"], &me["is_vip"]), (&Value::Null, &json!(false)));

    credit(&admin, &ann, 900).await;
    let mut ids = Vec::new();
    for title in ["one", "two", "three"] {
        let made = admin
            .post("/notices", json!({"title": title, "body": "b"}))
            .await;
        ids.push(text(&made.json::<Value>().await.unwrap()["id"]));
    }
    let me = ann.get_json("/me").await;
    assert_eq!(
        (&me["balance"], &me["unread_notices"]),
        (&json!(900), &json!(3))
    );
    ann.put("/notices/read", json!({"up_to": ids[1]})).await;
    assert_eq!(ann.get_json("/me").await["unread_notices"], 1);
    admin.delete(&format!("/notices/{}", ids[2])).await;
    assert_eq!(ann.get_json("/me").await["unread_notices"], 0);

    let buying = ann
        .request(Method::POST, "/me/membership")
        .header("idempotency-key", "k");
    let bought = buying.json(&json!({"plan": "month"})).send().await.unwrap();
    assert_eq!(bought.status(), 201);
    let me = ann.get_json("/me").await;
    assert_eq!((&me["balance"], &me["is_vip"]), (&json!(0), &json!(true)));
    assert_eq!(me["drive"]["quota"], 2000);
    let path = format!("/admin/accounts/{}", ann.id);
    assert_eq!(admin.patch(&path, json!({"quota": 5})).await.status(), 200);
    assert_eq!(ann.get_json("/me").await["drive"]["quota"], 5);
    problem(app.nobody().get("/me").await, 401, "not_signed_in").await;
}

#[actix_web::test]
async fn one_changes_clears_and_keeps_ones_own_fields() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let all = json!({"real_name": "Ann Lee", "phone": "123", "address": "Here 1", "email": "ann@example.org", "locale": "zh-Hans"});
    let answer = ann.patch("/me", all.clone()).await;
    assert_eq!(answer.status(), 200);
    let me: Value = answer.json().await.unwrap();
    for (field, value) in all.as_object().unwrap() {
        assert_eq!(&me[field], value);
    }
    assert_eq!(
        ann.patch("/me", json!({"phone": null, "address": "There 2"}))
            .await
            .status(),
        200
    );
    let me = ann.get_json("/me").await;
    assert_eq!(
        (&me["phone"], &me["address"], &me["real_name"]),
        (&Value::Null, &json!("There 2"), &json!("Ann Lee"))
    );
    assert_eq!(ann.patch("/me", json!({})).await.status(), 200);
    let refused = problem(
        ann.patch("/me", json!({"email": "nowhere", "phone": "1\n2"}))
            .await,
        422,
        "invalid",
    )
    .await;
    assert_eq!(wrong_fields(&refused), ["phone", "email"]);
    for forbidden in ["role", "balance", "username", "vip_until"] {
        let refused = problem(
            ann.patch("/me", json!({forbidden: "admin"})).await,
            422,
            "invalid",
        )
        .await;
        assert_eq!(wrong_fields(&refused), [forbidden]);
    }
    assert_eq!(ann.get_json("/me").await, me);
}

#[actix_web::test]
async fn admins_see_an_account_whole() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    ann.patch("/me", json!({"phone": "123"})).await;
    credit(&admin, &ann, 5).await;
    let path = format!("/admin/accounts/{}", ann.id);
    let detail = admin.get_json(&path).await;
    assert_eq!(
        (&detail["id"], &detail["phone"], &detail["balance"]),
        (&json!(ann.id), &json!("123"), &json!(5))
    );
    assert_eq!(detail["drive"]["quota"], 5_i64 << 30);
    assert_eq!(detail["is_locked"], false);
    problem(ann.get(&path).await, 403, "forbidden").await;
    let nobody = format!("/admin/accounts/{}", uuid::Uuid::nil());
    problem(admin.get(&nobody).await, 404, "not_found").await;
}

#[actix_web::test]
async fn the_figures_count_what_is_there() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let empty = admin.get_json("/admin/stats").await;
    let flat = |stats: &Value| -> serde_json::Map<String, Value> {
        let all = stats.as_object().unwrap().clone();
        all.into_iter().filter(|(_, it)| it.is_number()).collect()
    };
    let empty = flat(&empty);
    assert!(empty.len() > 15, "{empty:?}");
    for (name, value) in &empty {
        assert_eq!(value, i64::from(name == "accounts"), "{name}");
    }
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    credit(&admin, &ann, 1000).await;
    credit(&admin, &bob, 10).await;
    let buying = ann
        .request(Method::POST, "/me/membership")
        .header("idempotency-key", "k");
    buying.json(&json!({"plan": "month"})).send().await.unwrap();
    admin
        .post("/notices", json!({"title": "t", "body": "b"}))
        .await;
    admin
        .patch(
            &format!("/admin/accounts/{}", bob.id),
            json!({"is_locked": true}),
        )
        .await;
    assert_eq!(
        flat(&admin.get_json("/admin/stats").await),
        empty,
        "counted a moment ago"
    );
    app.advance(TimeDelta::seconds(5));
    let stats = admin.get_json("/admin/stats").await;
    for (name, value) in [
        ("accounts", 3),
        ("vip_accounts", 1),
        ("locked_accounts", 1),
        ("revenue", 900),
        ("wallet_total", 110),
        ("notices", 1),
        ("orders", 0),
        ("movies", 0),
    ] {
        assert_eq!(stats[name], value, "{name}");
    }
    problem(ann.get("/admin/stats").await, 403, "forbidden").await;
}
