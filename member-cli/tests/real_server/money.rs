//! `wallet`, `buy` and `vip`.

use playhouse_test_support::{Person, TestApp, text};
use serde_json::json;

use crate::program::Program;

async fn voucher(admin: &Person, amount: i64) -> String {
    let answer = admin
        .post("/admin/vouchers", json!({"amount": amount, "count": 1}))
        .await;
    let made: serde_json::Value = answer.json().await.unwrap();
    text(&made["codes"][0])
}

#[actix_web::test]
async fn a_voucher_fills_the_wallet_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let program = Program::of(&app.member("bob").await);
    assert_eq!(program.ok(&["wallet"]).await, "0.00 EUR\n");
    let code = voucher(&admin, 1000).await;
    let said = program.ok(&["wallet", "voucher", &code]).await;
    assert!(said.contains("10.00 EUR"), "{said}");
    program.fails(&["wallet", "voucher", &code], 5).await;
    program.fails(&["wallet", "voucher", "AAAA-BBBB"], 4).await;
    assert_eq!(program.json(&["wallet", "balance"]).await["balance"], 1000);

    let second = voucher(&admin, 50).await;
    let typed = program
        .run_with_stdin(&["wallet", "voucher"], &format!("{second}\n"))
        .await;
    assert_eq!(typed.code, 0, "{typed:?}");
    program.fails(&["wallet", "voucher"], 2).await;
    let ledger = program.json(&["wallet", "ledger"]).await;
    let amounts: Vec<_> = ledger["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["amount"].as_i64().unwrap())
        .collect();
    assert_eq!(amounts, [50, 1000]);
    let table = program.ok(&["wallet", "ledger"]).await;
    assert!(
        table.contains("voucher") && table.contains("10.50 EUR"),
        "{table}"
    );
}

#[actix_web::test]
async fn a_film_is_bought_once_and_only_with_enough_money() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.publish_film(&admin, "The Kid", 499).await;
    let program = Program::of(&app.member("bob").await);
    program.fails(&["buy", "The Kid"], 2).await;
    let poor = program.fails(&["buy", "The Kid", "--yes"], 7).await;
    assert!(!poor.is_empty());
    let code = voucher(&admin, 1000).await;
    program.ok(&["wallet", "voucher", &code]).await;
    let said = program.ok(&["buy", "The Kid", "--yes"]).await;
    assert!(said.contains("4.99 EUR"), "{said}");
    program.fails(&["buy", "The Kid", "--yes"], 5).await;
    assert_eq!(program.json(&["wallet"]).await["balance"], 501);
    assert!(program.ok(&["movie", "The Kid"]).await.contains("bought"));
}

#[actix_web::test]
async fn vip_time_is_bought_by_plan() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let program = Program::of(&app.member("bob").await);
    assert!(program.ok(&["vip", "status"]).await.contains("Not VIP"));
    let plans = program.json(&["vip", "plans"]).await;
    let plan = &plans["items"][0];
    let (id, price) = (text(&plan["id"]), plan["price"].as_i64().unwrap());
    program.fails(&["vip", "buy", &id, "--yes"], 7).await;
    program.fails(&["vip", "buy", "never", "--yes"], 4).await;
    let code = voucher(&admin, price * 2).await;
    program.ok(&["wallet", "voucher", &code]).await;
    let bought = program.json(&["vip", "buy", &id, "--yes"]).await;
    assert_eq!(bought["balance"], price);
    // Another call is another purchase, not the answer to the first one.
    let longer = program.json(&["vip", "buy", &id, "--yes"]).await;
    assert_eq!(longer["balance"], 0);
    assert!(text(&longer["vip_until"]) > text(&bought["vip_until"]));
    assert_eq!(program.json(&["vip", "status"]).await["is_vip"], true);
}

/// A purchase whose answer was lost is not paid twice, even by the next call.
#[actix_web::test]
async fn a_purchase_without_an_answer_is_finished_by_the_same_command() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let bob = app.member("bob").await;
    let program = Program::of(&bob);
    let plans = program.json(&["vip", "plans"]).await;
    let (id, price) = (
        text(&plans["items"][0]["id"]),
        plans["items"][0]["price"].as_i64().unwrap(),
    );
    let code = voucher(&admin, price * 3).await;
    program.ok(&["wallet", "voucher", &code]).await;
    program.ok(&["vip", "buy", &id, "--yes"]).await;
    // What a killed call leaves: the key, and a purchase on the server.
    let key = uuid::Uuid::now_v7();
    let answer = bob
        .request(reqwest::Method::POST, "/me/membership")
        .header("Idempotency-Key", key.to_string())
        .json(&json!({"plan": id}))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success());
    let folder = program.config().join("orders");
    let host: String = format!("{}/", app.url)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let file = folder.join(format!("vip-{id}-{host}.json"));
    let kept = json!({"server": format!("{}/", app.url), "key": key});
    std::fs::write(&file, kept.to_string()).unwrap();
    program.ok(&["vip", "buy", &id, "--yes"]).await;
    assert_eq!(program.json(&["wallet"]).await["balance"], price);
    assert!(!file.exists());
}
