//! `account` and `voucher`.

use playhouse_test_support::{TestApp, problem, text};
use serde_json::json;

use crate::program::Program;

#[actix_web::test]
async fn accounts_are_listed_in_a_table_and_in_json() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    for name in ["bob", "carla"] {
        app.member(name).await;
    }
    let table = program.ok(&["account", "list"]).await;
    assert!(table.starts_with("ID "), "{table}");
    assert_eq!(table.lines().count(), 4, "{table}");

    let found = program.json(&["account", "list", "carl"]).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let first = program.json(&["account", "list", "--limit", "2"]).await;
    let cursor = text(&first["next_cursor"]);
    let rest = program
        .json(&["account", "list", "--cursor", &cursor])
        .await;
    assert_eq!(
        first["items"].as_array().unwrap().len() + rest["items"].as_array().unwrap().len(),
        3
    );
}

#[actix_web::test]
async fn an_account_is_shown_with_its_balance() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    let shown = program.json(&["account", "show", "BOB"]).await;
    assert_eq!(text(&shown["id"]), bob.id);
    assert_eq!(shown["balance"], 0);
    let by_id = program.ok(&["account", "show", &bob.id]).await;
    assert!(by_id.contains("0.00 EUR"), "{by_id}");
    program.fails(&["account", "show", "nobody"], 4).await;
}

#[actix_web::test]
async fn a_locked_account_is_out_until_it_is_unlocked() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    program.ok(&["account", "lock", "bob"]).await;
    assert_eq!(bob.get("/sessions").await.status(), 401);
    program.ok(&["account", "unlock", "bob"]).await;
    app.sign_in("bob").await;
    program.fails(&["account", "lock", "nobody"], 4).await;
}

#[actix_web::test]
async fn sessions_are_shown_and_ended() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let (bob, elsewhere) = (app.member("bob").await, app.sign_in("bob").await);
    let listed = program.json(&["account", "sessions", "BOB"]).await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["connections"]), (2, &json!(0)));
    let id = text(&items[0]["id"]);
    let table = program.ok(&["account", "sessions", "bob"]).await;
    assert!(
        table.contains(&id) && table.contains("127.0.0.1"),
        "{table}"
    );
    program
        .ok(&["account", "sessions", "bob", "--end", &id])
        .await;
    assert_eq!(elsewhere.get("/sessions").await.status(), 401);
    assert_eq!(bob.get("/sessions").await.status(), 200);
    program
        .fails(&["account", "sessions", "bob", "--end", &id], 4)
        .await;
    program.fails(&["account", "sessions", "nobody"], 4).await;
}

#[actix_web::test]
async fn a_member_becomes_an_admin_and_the_last_admin_stays_one() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    program
        .fails(&["account", "role", "admin", "member"], 5)
        .await;
    let bob = app.member("bob").await;
    program.ok(&["account", "role", "bob", "admin"]).await;
    Program::of(&bob, &app).ok(&["account", "list"]).await;
    program.fails(&["account", "role", "bob", "king"], 2).await;
}

#[actix_web::test]
async fn vip_time_is_given_extended_and_taken() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    app.member("bob").await;
    let until = program
        .json(&["account", "vip", "bob", "--until", "2099-12-31"])
        .await;
    assert_eq!(until["is_vip"], true);
    assert!(text(&until["vip_until"]).starts_with("2099-12-31T00:00:00"));
    let longer = program
        .json(&["account", "vip", "bob", "--days", "1"])
        .await;
    assert!(text(&longer["vip_until"]).starts_with("2100-01-01T00:00:00"));
    let off = program.json(&["account", "vip", "bob", "--off"]).await;
    assert_eq!(
        (&off["is_vip"], &off["vip_until"]),
        (&json!(false), &json!(null))
    );

    program.fails(&["account", "vip", "bob"], 2).await;
    program
        .fails(&["account", "vip", "bob", "--off", "--days", "3"], 2)
        .await;
    program
        .fails(&["account", "vip", "bob", "--until", "soon"], 2)
        .await;
    program
        .fails(&["account", "vip", "bob", "--days", "0"], 2)
        .await;
}

#[actix_web::test]
async fn credit_arrives_once_for_a_key() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    let key = "01900000-0000-7000-8000-000000000001";
    let credit = [
        "account",
        "credit",
        "bob",
        "10.50",
        "--note",
        "for the projector",
        "--key",
        key,
    ];
    let entry = program.json(&credit).await;
    assert_eq!(
        (&entry["amount"], &entry["balance_after"]),
        (&json!(1050), &json!(1050))
    );
    program.ok(&credit).await;
    assert_eq!(bob.get_json("/me/wallet").await["balance"], 1050);
    let text = program
        .ok(&["account", "credit", "bob", "1", "--note", "more"])
        .await;
    assert!(text.contains("11.50 EUR"), "{text}");
}

#[actix_web::test]
async fn vouchers_are_listed_and_taken_back() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    let code = program.ok(&["voucher", "create", "2.50"]).await;
    program.ok(&["voucher", "create", "7"]).await;
    let use_it = json!({"code": code.trim()});
    assert_eq!(bob.post("/me/vouchers", use_it).await.status(), 201);
    let table = program.ok(&["voucher", "list"]).await;
    assert!(
        table.contains("2.50 EUR") && table.contains("bob") && !table.contains(code.trim()),
        "{table}"
    );
    let first = |page: &serde_json::Value| text(&page["items"][0]["id"]);
    let open = first(&program.json(&["voucher", "list", "--state", "open"]).await);
    let used = first(&program.json(&["voucher", "list", "--state", "used"]).await);
    program.ok(&["voucher", "revoke", &open]).await;
    program.fails(&["voucher", "revoke", &open], 4).await;
    program.fails(&["voucher", "revoke", &used], 5).await;
    program.fails(&["voucher", "revoke"], 2).await;
    let left = program.json(&["voucher", "list", "--all"]).await;
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn wrong_amounts_are_refused_before_any_call() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    for amount in ["-1", "0", "1.001", "1,50", "99999999999999999999", "ten"] {
        program
            .fails(&["account", "credit", "bob", amount, "--note", "x"], 2)
            .await;
        program.fails(&["voucher", "create", amount], 2).await;
    }
    assert_eq!(bob.get_json("/me/wallet").await["balance"], 0);
}

#[actix_web::test]
async fn vouchers_are_worth_what_they_say_once() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    let codes = program
        .ok(&[
            "voucher",
            "create",
            "5.00",
            "--count",
            "3",
            "--expires-at",
            "2099-01-01",
        ])
        .await;
    let codes: Vec<_> = codes.lines().collect();
    assert_eq!(codes.len(), 3);
    let redeem = async |code: &str| bob.post("/me/vouchers", json!({ "code": code })).await;
    assert!(redeem(codes[0]).await.status().is_success());
    problem(redeem(codes[0]).await, 409, "voucher_used").await;
    assert_eq!(bob.get_json("/me/wallet").await["balance"], 500);
    let made = program.json(&["voucher", "create", "1"]).await;
    assert_eq!(made["codes"].as_array().unwrap().len(), 1);
}
