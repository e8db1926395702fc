//! Money over HTTP: wallet and ledger, idempotency, vouchers, orders, VIP plans; also many at once.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use chrono::TimeDelta;
use diesel::prelude::*;
use futures_util::future::join_all;
use playhouse::db::{self, schema};
use playhouse_test_support::{Person, TestApp, problem, text, wrong_fields};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const MAX: i64 = (1 << 53) - 1;

async fn send(who: &Person, path: &str, key: &str, body: Value) -> Response {
    let request = who.request(Method::POST, path).json(&body);
    request.header("Idempotency-Key", key).send().await.unwrap()
}

/// A key that was never used.
fn fresh() -> String {
    uuid::Uuid::now_v7().to_string()
}

async fn credit(admin: &Person, to: &Person, amount: i64) -> Response {
    let path = format!("/admin/accounts/{}/credit", to.id);
    send(
        admin,
        &path,
        &fresh(),
        json!({"amount": amount, "note": "a gift"}),
    )
    .await
}

async fn order(who: &Person, movie: &str, key: &str) -> Response {
    send(who, &format!("/movies/{movie}/orders"), key, json!({})).await
}

async fn buy_vip(who: &Person, plan: &str, key: &str) -> Response {
    send(who, "/me/membership", key, json!({"plan": plan})).await
}

async fn redeem(who: &Person, code: &str) -> Response {
    who.post("/me/vouchers", json!({"code": code})).await
}

async fn vouchers(admin: &Person, amount: i64, count: u32) -> Vec<String> {
    let answer = admin
        .post("/admin/vouchers", json!({"amount": amount, "count": count}))
        .await;
    assert_eq!(answer.status(), 201);
    let made: Value = answer.json().await.unwrap();
    made["codes"].as_array().unwrap().iter().map(text).collect()
}

async fn balance(who: &Person) -> i64 {
    who.get_json("/me/wallet").await["balance"]
        .as_i64()
        .unwrap()
}

async fn json_of(answer: Response, status: u16) -> Value {
    assert_eq!(answer.status(), status);
    answer.json().await.unwrap()
}

/// Every entry, the oldest first; checks that each follows from the one before.
async fn ledger(who: &Person) -> Vec<Value> {
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = who.get_json(&format!("/me/ledger?limit=3{cursor}")).await;
        entries.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    entries.reverse();
    let mut sum = 0;
    for entry in &entries {
        sum += entry["amount"].as_i64().unwrap();
        assert_eq!(entry["balance_after"], sum);
        assert!(sum >= 0);
    }
    assert_eq!(
        balance(who).await,
        sum,
        "the balance is the sum of the ledger"
    );
    entries
}

/// The numbers of an account's entries in the database: 1, 2, 3, ... without a gap.
async fn assert_no_gap(app: &TestApp, who: &Person) {
    let account = who.id.clone();
    let seqs = app.app().db.read(move |conn| -> db::Result<Vec<i64>> {
        use schema::ledger_entries as entries;
        let own = entries::table.filter(entries::account_id.eq(account));
        Ok(own.order(entries::seq).select(entries::seq).load(conn)?)
    });
    let seqs = seqs.await.unwrap();
    let wanted: Vec<_> = (1..).take(seqs.len()).collect();
    assert_eq!(seqs, wanted);
}

/// A film in the catalogue, without bytes: orders do not look at them.
async fn film(app: &TestApp, price: i64) -> String {
    let id = fresh();
    let (movie, now) = (id.clone(), app.clock.now());
    let inserted = app.app().db.write(move |conn| -> db::Result<()> {
        use schema::{blobs, movies};
        diesel::insert_into(blobs::table)
            .values((
                blobs::id.eq(&movie),
                blobs::blake3.eq(&movie),
                blobs::size.eq(1),
                blobs::created_at.eq(now),
            ))
            .execute(conn)?;
        diesel::insert_into(movies::table)
            .values((
                movies::id.eq(&movie),
                movies::title.eq("A film"),
                movies::sort_title.eq("a film"),
                movies::description.eq(""),
                movies::category.eq(""),
                movies::tags.eq(""),
                movies::price.eq(price),
                movies::state.eq("published"),
                movies::listed_at.eq(now),
                (
                    movies::duration_ms.eq(1),
                    movies::width.eq(1),
                    movies::height.eq(1),
                    movies::video_codec.eq("h264"),
                    movies::content_type.eq("video/mp4"),
                    movies::file_name.eq("film.mp4"),
                    movies::blob_id.eq(&movie),
                    movies::fingerprint.eq(&movie),
                    movies::popularity.eq(0),
                    movies::created_by.eq("admin"),
                    movies::created_at.eq(now),
                    movies::updated_at.eq(now),
                ),
            ))
            .execute(conn)?;
        Ok(())
    });
    inserted.await.unwrap();
    id
}

/// Takes a film out of the catalogue, or lets it enter later.
async fn change_film(app: &TestApp, movie: &str, deleted: bool, listed_in: TimeDelta) {
    let (movie, now) = (movie.to_owned(), app.clock.now());
    let changed = app.app().db.write(move |conn| -> db::Result<usize> {
        use schema::movies;
        Ok(diesel::update(movies::table.find(&movie))
            .set((
                movies::deleted_at.eq(deleted.then_some(now)),
                movies::listed_at.eq(now + listed_in),
            ))
            .execute(conn)?)
    });
    assert_eq!(changed.await.unwrap(), 1);
}

#[actix_web::test]
async fn credits_add_up_and_the_ledger_tells_how() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let wallet = ann.get_json("/me/wallet").await;
    assert_eq!(
        wallet,
        json!({"balance": 0, "currency": "EUR", "currency_digits": 2})
    );
    for amount in [500, 250, -700, 1, 1, 1, 1] {
        let entry = json_of(credit(&admin, &ann, amount).await, 201).await;
        assert_eq!(
            entry["kind"],
            if amount > 0 { "credit" } else { "adjustment" }
        );
        assert_eq!(entry["note"], "a gift");
        assert_eq!(entry["order_id"], Value::Null);
    }
    let entries = ledger(&ann).await;
    assert_eq!(entries.len(), 7);
    assert_eq!(entries[2]["balance_after"], 50);
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
    problem(credit(&admin, &ann, -1).await, 409, "conflict").await;
    for amount in [0, MAX + 1, -MAX - 1, i64::MAX, i64::MIN] {
        let refused = problem(credit(&admin, &ann, amount).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["amount"], "{amount}");
    }
    assert_eq!(credit(&admin, &ann, MAX).await.status(), 201);
    problem(credit(&admin, &ann, 1).await, 409, "conflict").await;
    problem(credit(&admin, &ann, MAX).await, 409, "conflict").await;
    assert_eq!(credit(&admin, &ann, -MAX).await.status(), 201);
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

#[actix_web::test]
async fn a_voucher_is_used_once_however_it_is_typed() {
    let app = TestApp::start().await;
    let (admin, ann, bob) = (
        app.admin().await,
        app.member("ann").await,
        app.member("bob").await,
    );
    let codes = vouchers(&admin, 250, 2).await;
    let typed = format!(
        " {} ",
        codes[0]
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l")
    );
    let entry = json_of(redeem(&ann, &typed).await, 201).await;
    assert_eq!(
        (&entry["kind"], &entry["amount"]),
        (&json!("voucher"), &json!(250))
    );
    problem(redeem(&ann, &codes[0]).await, 409, "voucher_used").await;
    problem(redeem(&bob, &codes[0]).await, 409, "voucher_used").await;
    assert_eq!(balance(&ann).await, 250);
    assert_eq!(ledger(&bob).await.len(), 0);

    let kept = app.app().db.read(|conn| -> db::Result<Vec<String>> {
        Ok(schema::vouchers::table
            .select(schema::vouchers::code_hash)
            .load(conn)?)
    });
    for hash in kept.await.unwrap() {
        let bare = codes
            .iter()
            .map(|it| it.replace('-', ""))
            .collect::<Vec<_>>();
        assert!(!bare.contains(&hash) && !codes.contains(&hash));
    }
    let audit = admin
        .get_json("/admin/audit?action=voucher.create")
        .await
        .to_string();
    assert!(
        codes.iter().all(|code| !audit.contains(code)),
        "no code in the log"
    );
}

#[actix_web::test]
async fn a_voucher_expires_and_one_that_does_not_fit_stays() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let end = (app.clock.now() + TimeDelta::hours(1)).and_utc();
    let body = json!({"amount": 5, "count": 1, "expires_at": end});
    let made = json_of(admin.post("/admin/vouchers", body).await, 201).await;
    let code = text(&made["codes"][0]);
    credit(&admin, &ann, MAX).await;
    problem(redeem(&ann, &code).await, 409, "conflict").await;
    credit(&admin, &ann, -MAX).await;
    app.advance(TimeDelta::hours(1));
    problem(redeem(&ann, &code).await, 410, "voucher_expired").await;
    assert_eq!(balance(&ann).await, 0);
}

#[actix_web::test]
async fn vouchers_are_made_within_bounds_by_admins() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let past = "2001-01-01T00:00:00Z";
    for (body, fields) in [
        (json!({"amount": 0, "count": 1}), vec!["amount"]),
        (
            json!({"amount": MAX + 1, "count": 1001}),
            vec!["amount", "count"],
        ),
        (
            json!({"amount": -1, "count": 0, "expires_at": past}),
            vec!["amount", "count", "expires_at"],
        ),
    ] {
        let refused = problem(admin.post("/admin/vouchers", body).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), fields);
    }
    problem(
        ann.post("/admin/vouchers", json!({"amount": 1, "count": 1}))
            .await,
        403,
        "forbidden",
    )
    .await;
    let many: std::collections::HashSet<_> = vouchers(&admin, 1, 1000).await.into_iter().collect();
    assert_eq!(many.len(), 1000);
}

#[actix_web::test]
async fn guessing_voucher_codes_is_slowed() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let code = vouchers(&admin, 1, 1).await.remove(0);
    for number in 0..10 {
        let guess = format!("AAAA-AAAA-AAAA-AAA{number}");
        problem(redeem(&ann, &guess).await, 404, "voucher_unknown").await;
    }
    let refused = redeem(&ann, &code).await;
    assert!(refused.headers().contains_key("retry-after"));
    problem(refused, 429, "too_many_requests").await;
    app.advance(TimeDelta::seconds(2));
    assert_eq!(redeem(&ann, &code).await.status(), 201);
    problem(redeem(&ann, "not a code").await, 404, "voucher_unknown").await;
}

#[actix_web::test]
async fn one_voucher_used_by_many_at_once_pays_one_of_them() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(app.member(&format!("member{number}")).await);
    }
    for _ in 0..3 {
        let before: i64 = join_all(people.iter().map(balance)).await.iter().sum();
        let code = vouchers(&admin, 100, 1).await.remove(0);
        let tries = people.iter().chain(&people).map(|who| redeem(who, &code));
        let mut statuses: Vec<_> = join_all(tries)
            .await
            .iter()
            .map(|it| it.status().as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses[0], 201);
        assert!(statuses[1..].iter().all(|it| *it == 409), "{statuses:?}");
        let after: i64 = join_all(people.iter().map(balance)).await.iter().sum();
        assert_eq!(after, before + 100);
    }
    for who in &people {
        ledger(who).await;
        assert_no_gap(&app, who).await;
    }
}

#[actix_web::test]
async fn an_order_keeps_the_price_of_its_moment() {
    let app = TestApp::start().await;
    let (admin, ann, bob) = (
        app.admin().await,
        app.member("ann").await,
        app.member("bob").await,
    );
    let movie = film(&app, 999).await;
    credit(&admin, &ann, 2000).await;
    credit(&admin, &bob, 999).await;
    let missing = problem(
        order(&app.member("cat").await, &movie, "k").await,
        402,
        "insufficient_balance",
    )
    .await;
    assert!(text(&missing["detail"]).contains("9.99 EUR"), "{missing}");
    assert_eq!(buy_vip(&ann, "month", "vip").await.status(), 201);
    let bought = json_of(order(&ann, &movie, "k").await, 201).await;
    assert_eq!(bought["price"], 500, "half, rounded up");
    assert_eq!(bought["movie_id"], movie.as_str());
    let entry = ledger(&ann).await.pop().unwrap();
    assert_eq!(
        (&entry["kind"], &entry["amount"]),
        (&json!("order"), &json!(-500))
    );
    assert_eq!(
        (&entry["order_id"], &entry["note"]),
        (&bought["id"], &json!("A film"))
    );
    problem(order(&ann, &movie, "k2").await, 409, "already_owned").await;
    assert_eq!(
        json_of(order(&bob, &movie, "k").await, 201).await["price"],
        999
    );
    assert_eq!(balance(&bob).await, 0);

    let membership = &app.app().membership;
    let ids = |who: &Person, movie: &str| {
        let account = uuid::Uuid::parse_str(&who.id).unwrap().into();
        (account, uuid::Uuid::parse_str(movie).unwrap().into())
    };
    for (who, paid) in [(&ann, Some(500)), (&bob, Some(999)), (&admin, None)] {
        let (account, film) = ids(who, &movie);
        assert_eq!(membership.price_paid(account, film).await.unwrap(), paid);
        let (account, film) = ids(who, &movie);
        assert_eq!(
            membership.owns(account, film).await.unwrap(),
            paid.is_some()
        );
    }
}

#[actix_web::test]
async fn what_is_free_or_not_in_the_catalogue_is_not_sold() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    credit(&admin, &ann, 1000).await;
    let free = film(&app, 0).await;
    let refused = problem(order(&ann, &free, "k").await, 422, "invalid").await;
    assert!(text(&refused["detail"]).contains("free"), "{refused}");
    let movie = film(&app, 100).await;
    change_film(&app, &movie, true, TimeDelta::zero()).await;
    problem(order(&ann, &movie, "k").await, 404, "not_found").await;
    change_film(&app, &movie, false, TimeDelta::hours(1)).await;
    problem(order(&ann, &movie, "k").await, 404, "not_found").await;
    app.advance(TimeDelta::hours(1));
    assert_eq!(order(&ann, &movie, "k").await.status(), 201);
    problem(order(&ann, &fresh(), "k2").await, 404, "not_found").await;
    problem(order(&ann, "film", "k2").await, 404, "not_found").await;
}

#[actix_web::test]
async fn a_film_that_costs_a_vip_nothing_is_still_an_order() {
    let app = TestApp::start_with(|config| config.membership.vip_price_percent = 0).await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let movie = film(&app, 100).await;
    credit(&admin, &ann, 900).await;
    buy_vip(&ann, "month", "vip").await;
    assert_eq!(
        json_of(order(&ann, &movie, "k").await, 201).await["price"],
        0
    );
    assert_eq!(
        ledger(&ann).await.len(),
        2,
        "nothing moved, so there is no entry"
    );
    problem(order(&ann, &movie, "k2").await, 409, "already_owned").await;
}

#[actix_web::test]
async fn two_orders_at_once_with_a_balance_for_one() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    for _ in 0..5 {
        let (one, two) = (film(&app, 100).await, film(&app, 100).await);
        credit(&admin, &ann, 100).await;
        let (key_one, key_two) = (fresh(), fresh());
        let answers = tokio::join!(order(&ann, &one, &key_one), order(&ann, &two, &key_two));
        let mut statuses = [answers.0.status().as_u16(), answers.1.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 402]);
        assert_eq!(balance(&ann).await, 0);
    }
    ledger(&ann).await;
    assert_no_gap(&app, &ann).await;
}

#[actix_web::test]
async fn one_film_ordered_many_times_at_once_is_paid_once() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    credit(&admin, &ann, 1000).await;
    let movie = film(&app, 100).await;
    let keys: Vec<_> = (0..8).map(|_| fresh()).collect();
    let answers = join_all(keys.iter().map(|key| order(&ann, &movie, key))).await;
    let count = |status: u16| answers.iter().filter(|it| it.status() == status).count();
    assert_eq!((count(201), count(409)), (1, 7));
    assert_eq!(balance(&ann).await, 900);

    let movie = film(&app, 100).await;
    let answers = join_all((0..8).map(|_| order(&ann, &movie, "one-key"))).await;
    let statuses: Vec<_> = answers.iter().map(|it| it.status().as_u16()).collect();
    assert_eq!(statuses, [201; 8]);
    let replays = answers
        .iter()
        .filter(|it| it.headers().contains_key("idempotency-replayed"));
    assert_eq!(replays.count(), 7);
    let bodies = join_all(answers.into_iter().map(Response::text)).await;
    let bodies: std::collections::HashSet<_> = bodies.into_iter().map(Result::unwrap).collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(balance(&ann).await, 800);
    assert_no_gap(&app, &ann).await;
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

#[actix_web::test]
async fn vip_time_is_bought_from_now_or_from_its_end() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let plans = ann.get_json("/plans").await;
    assert_eq!(
        plans["items"][0],
        json!({"id": "month", "title": "One month", "days": 30, "price": 900})
    );
    credit(&admin, &ann, 2000).await;
    let until = |answer: &Value| {
        let text = text(&answer["vip_until"]);
        chrono::DateTime::parse_from_rfc3339(&text)
            .unwrap()
            .naive_utc()
    };
    let first = json_of(buy_vip(&ann, "month", "a").await, 201).await;
    assert!(until(&first) - app.clock.now() > TimeDelta::days(30) - TimeDelta::minutes(1));
    assert_eq!(
        (&first["price"], &first["balance"], &first["is_vip"]),
        (&json!(900), &json!(1100), &json!(true))
    );
    let again = json_of(buy_vip(&ann, "month", "a").await, 201).await;
    assert_eq!(again, first, "a retry buys nothing");
    let second = json_of(buy_vip(&ann, "month", "b").await, 201).await;
    assert_eq!(until(&second) - until(&first), TimeDelta::days(30));
    let refused = problem(
        buy_vip(&ann, "month", "c").await,
        402,
        "insufficient_balance",
    )
    .await;
    assert!(text(&refused["detail"]).contains("7.00 EUR"), "{refused}");
    let refused = problem(buy_vip(&ann, "decade", "d").await, 422, "invalid").await;
    assert_eq!(wrong_fields(&refused), ["plan"]);
    credit(&admin, &ann, 700).await;
    app.advance(TimeDelta::days(100));
    let ann = app.sign_in("ann").await;
    let third = json_of(buy_vip(&ann, "month", "e").await, 201).await;
    assert!(
        until(&third) - app.clock.now() <= TimeDelta::days(30),
        "what has run out does not count"
    );
    assert_eq!(ledger(&ann).await.len(), 5);
}

#[actix_web::test]
async fn nobody_buys_vip_time_for_more_than_a_century() {
    let app = TestApp::start_with(|config| {
        let plan = config.membership.plans.first_mut().unwrap();
        (plan.days, plan.price) = (36_500, 0);
    })
    .await;
    let ann = app.member("ann").await;
    assert_eq!(buy_vip(&ann, "month", "a").await.status(), 201);
    problem(buy_vip(&ann, "month", "b").await, 409, "conflict").await;
}
