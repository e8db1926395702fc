//! A request with a key acts once.

use super::*;

#[actix_web::test]
async fn the_same_key_acts_once_and_answers_the_same() {
    let app = TestApp::start().await;
    let (admin, ann, bob) = (
        app.admin().await,
        app.member("ann").await,
        app.member("bob").await,
    );
    let path = format!("/admin/accounts/{}/credit", ann.id);
    let body = json!({"amount": 5, "note": "x"});
    let first = send(&admin, &path, "key-1", body.clone()).await;
    assert_eq!(first.status(), 201);
    assert!(first.headers().get("idempotency-replayed").is_none());
    assert_eq!(first.headers()["content-type"], "application/json");
    let first = first.text().await.unwrap();
    let spaced = r#"{ "note": "x",   "amount": 5 }"#;
    let again = admin
        .request(Method::POST, &path)
        .header("content-type", "application/json");
    let again = again
        .header("idempotency-key", "key-1")
        .body(spaced)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 201);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.text().await.unwrap(), first);
    assert_eq!(balance(&ann).await, 5);

    let other = json!({"amount": 6, "note": "x"});
    problem(
        send(&admin, &path, "key-1", other).await,
        422,
        "idempotency_mismatch",
    )
    .await;
    let elsewhere = format!("/admin/accounts/{}/credit", bob.id);
    problem(
        send(&admin, &elsewhere, "key-1", body.clone()).await,
        422,
        "idempotency_mismatch",
    )
    .await;
    problem(
        buy_vip(&admin, "month", "key-1").await,
        422,
        "idempotency_mismatch",
    )
    .await;
    problem(
        buy_vip(&ann, "month", "key-1").await,
        402,
        "insufficient_balance",
    )
    .await;

    app.advance(TimeDelta::days(7) - TimeDelta::minutes(1));
    assert_eq!(
        send(&admin, &path, "key-1", body.clone()).await.headers()["idempotency-replayed"],
        "true"
    );
    app.advance(TimeDelta::minutes(1));
    assert_eq!(
        send(&admin, &path, "key-1", body.clone()).await.status(),
        201
    );
    assert_eq!(balance(&ann).await, 10, "after a week the key is forgotten");
    app.advance(TimeDelta::days(7));
    assert_eq!(app.app().membership.sweep().await.unwrap(), 1);
}

#[actix_web::test]
async fn a_key_is_required_and_has_a_form() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    let movie = film(&app, 100).await;
    for (path, body) in [
        (format!("/movies/{movie}/orders"), json!({})),
        ("/me/membership".to_owned(), json!({"plan": "month"})),
    ] {
        let refused = problem(ann.post(&path, body.clone()).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["Idempotency-Key"]);
        assert_eq!(refused["errors"][0]["code"], "required");
        for key in ["", "two words", "é", &"k".repeat(256)] {
            let refused = problem(send(&ann, &path, key, body.clone()).await, 422, "invalid").await;
            assert_eq!(wrong_fields(&refused), ["Idempotency-Key"], "{key}");
        }
    }
    problem(
        order(&app.nobody(), &movie, "k").await,
        401,
        "not_signed_in",
    )
    .await;
}

#[actix_web::test]
async fn a_refusal_is_not_kept_so_the_same_key_may_try_again() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let movie = film(&app, 100).await;
    problem(order(&ann, &movie, "k").await, 402, "insufficient_balance").await;
    credit(&admin, &ann, 100).await;
    assert_eq!(order(&ann, &movie, "k").await.status(), 201);
    let again = order(&ann, &movie, "k").await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(balance(&ann).await, 0);
}
