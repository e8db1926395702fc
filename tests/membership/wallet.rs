//! The wallet and its ledger.

use super::*;

#[actix_web::test]
async fn credits_add_up_and_the_ledger_tells_how() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let wallet = ann.get_json("/me/wallet").await;
    assert_eq!(
        wallet,
        json!({"balance": 0, "currency": "EUR", "currency_digits": 2})
    );
    for amount in [500, 250, 700, 1, 1, 1, 1] {
        let entry = json_of(credit(&admin, &ann, amount).await, 201).await;
        assert_eq!(entry["kind"], "credit");
        assert_eq!(entry["note"], "a gift");
        assert_eq!(entry["order_id"], Value::Null);
    }
    let entries = ledger(&ann).await;
    assert_eq!(entries.len(), 7);
    assert_eq!(entries[2]["balance_after"], 1450);
    assert_no_gap(&app, &ann).await;
    assert!(ledger(&admin).await.is_empty(), "each sees their own");
    let audit = admin.get_json("/admin/audit?action=account.credit").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 7);
    assert_eq!(audit["items"][6]["detail"]["amount"], 500);
    assert_eq!(audit["items"][6]["target_id"], ann.id.as_str());
}

#[actix_web::test]
async fn a_wallet_falls_not_below_zero_and_holds_not_more_than_json_can_say() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    assert_eq!(credit(&admin, &ann, 1).await.status(), 201);
    for amount in [0, -1, -MAX, MAX + 1, i64::MAX, i64::MIN] {
        let refused = problem(credit(&admin, &ann, amount).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["amount"], "{amount}");
    }
    assert_eq!(credit(&admin, &ann, MAX - 1).await.status(), 201);
    problem(credit(&admin, &ann, 1).await, 409, "conflict").await;
    problem(credit(&admin, &ann, MAX).await, 409, "conflict").await;
    assert_eq!(ledger(&ann).await.len(), 2);
    let path = format!("/admin/accounts/{}/credit", ann.id);
    let long = send(
        &admin,
        &path,
        "k",
        json!({"amount": 1, "note": "n".repeat(201)}),
    )
    .await;
    assert_eq!(wrong_fields(&problem(long, 422, "invalid").await), ["note"]);
    let overflowing = r#"{"amount": 99999999999999999999, "note": ""}"#;
    let request = admin
        .request(Method::POST, &path)
        .header("content-type", "application/json");
    let answer = request
        .header("idempotency-key", "k")
        .body(overflowing)
        .send()
        .await
        .unwrap();
    problem(answer, 422, "invalid").await;
    let nobody = format!("/admin/accounts/{}/credit", uuid::Uuid::nil());
    problem(
        send(&admin, &nobody, "k", json!({"amount": 1, "note": ""})).await,
        404,
        "not_found",
    )
    .await;
    problem(
        send(&ann, &path, "k", json!({"amount": 1, "note": ""})).await,
        403,
        "forbidden",
    )
    .await;
}

#[actix_web::test]
async fn the_database_refuses_to_change_the_ledger() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    credit(&admin, &ann, 5).await;
    for statement in [
        "UPDATE ledger_entries SET amount = 6",
        "DELETE FROM ledger_entries",
    ] {
        let done = app.app().db.write(move |conn| -> db::Result<usize> {
            Ok(diesel::sql_query(statement).execute(conn)?)
        });
        let error = done.await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("append-only"), "{cause}");
    }
    assert_eq!(ledger(&ann).await.len(), 1);
}

#[actix_web::test]
async fn credits_at_once_all_count() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let answers = join_all((1..=20).map(|amount| credit(&admin, &ann, amount))).await;
    assert!(answers.iter().all(|it| it.status() == 201));
    assert_eq!(balance(&ann).await, 210);
    assert_eq!(ledger(&ann).await.len(), 20);
    assert_no_gap(&app, &ann).await;
}
