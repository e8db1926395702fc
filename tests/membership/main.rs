//! Money over HTTP: wallet and ledger, idempotency, vouchers, orders, VIP plans; also many at once.
//!
//! This file holds what the tests share: people who pay, films that cost something, and checks of a whole ledger.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod idempotency;
mod purchases;
mod sums;
mod vouchers;
mod wallet;

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
                movies::place.eq(now.and_utc().timestamp_micros()),
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
