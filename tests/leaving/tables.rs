//! Every table of the schema, looked through for somebody who has left.

use std::collections::BTreeSet;

use diesel::RunQueryDsl as _;
use diesel::sql_types::Text;
use playhouse::accounts::Role;
use playhouse_test_support::TestApp;
use serde_json::json;

use super::house::{MARKS, Scene, WORD, body, count, forgotten, leave};

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
}

/// `table.column` of all tables but the pages of the full-text index.
const SQLITE: &str = "SELECT m.name || '.' || c.name AS place FROM sqlite_master m, pragma_table_xinfo(m.name) c \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'message_words%' \
    AND m.name NOT LIKE 'movies_search%' ORDER BY place";
const POSTGRES: &str = "SELECT c.table_name || '.' || c.column_name AS place FROM information_schema.columns c \
    WHERE c.table_schema = 'public' ORDER BY place";

async fn columns(app: &TestApp) -> Vec<String> {
    let sql = if app.app().db.is_sqlite() {
        SQLITE
    } else {
        POSTGRES
    };
    let read = app
        .app()
        .db
        .read::<_, playhouse::db::Error, _>(move |conn| {
            let rows: Vec<Column> = diesel::sql_query(sql).load(conn)?;
            Ok(rows.into_iter().map(|it| it.place).collect())
        });
    read.await.unwrap()
}

/// Where in the database a text is part of something.
async fn places_of(app: &TestApp, needle: &str) -> BTreeSet<String> {
    let needle = needle.to_lowercase().replace('\'', "''");
    let mut found = BTreeSet::new();
    for place in columns(app).await {
        let (table, column) = place.split_once('.').unwrap();
        let sql = format!(
            "SELECT COUNT(*) AS count FROM {table} WHERE lower(CAST({column} AS TEXT)) LIKE '%{needle}%'"
        );
        if count(app, sql).await > 0 {
            found.insert(place);
        }
    }
    found
}

fn set(places: &[&str]) -> BTreeSet<String> {
    places.iter().map(|it| (*it).to_owned()).collect()
}

/// Where the bare id may stay: docs/LEAVING.md says why.
const IDS: &[&str] = &[
    "accounts.id",
    "accounts.username_key",
    "audit_log.actor_id",
    "audit_log.detail",
    "audit_log.target_id",
    "jobs.subject_id",
    "ledger_entries.account_id",
    "messages.account_id",
    "messages.named",
    "orders.account_id",
    "reactions.account_id",
    "room_events.account_id",
    "room_events.by_id",
    "room_events.detail",
    "rooms.pair_key",
    "vouchers.redeemed_by",
    "wallets.account_id",
];

/// Where others have written the name: their words are theirs.
const WORDS_OF_OTHERS: &[&str] = &["message_texts.words", "messages.body", "room_events.body"];

async fn assert_gone(app: &TestApp, id: &str, name: &str) {
    for mark in MARKS {
        assert_eq!(places_of(app, mark).await, set(&[]), "{mark}");
    }
    let named = places_of(app, name).await;
    let left: Vec<_> = named.difference(&set(WORDS_OF_OTHERS)).cloned().collect();
    assert!(left.is_empty(), "the name is in {left:?}");
    let known = places_of(app, id).await;
    let left: Vec<_> = known.difference(&set(IDS)).cloned().collect();
    assert!(left.is_empty(), "the id is in {left:?}");
    if app.app().db.is_sqlite() {
        let index = format!(
            "SELECT COUNT(*) AS count FROM message_words WHERE message_words MATCH '\"{WORD}\"'"
        );
        assert_eq!(count(app, index).await, 0);
    }
}

#[actix_web::test]
async fn nothing_of_who_left_is_in_any_table() {
    let scene = Scene::set().await;
    let (app, anna) = (&scene.app, &scene.anna);
    let before = columns(app).await;
    assert!(before.len() > 200, "only {} columns", before.len());
    for mark in MARKS {
        assert!(
            !places_of(app, mark).await.is_empty(),
            "{mark} was never there"
        );
    }
    let known = places_of(app, &anna.id).await;
    assert!(known.len() > 25, "only in {known:?}");
    body(leave(anna).await, 204).await;
    forgotten(app).await;
    assert_gone(app, &anna.id, &anna.name).await;
    // What the house keeps by law is still there, and adds up.
    let entries = format!(
        "SELECT COUNT(*) AS count FROM ledger_entries WHERE account_id = '{}' AND note <> 'A film'",
        anna.id
    );
    assert_eq!(count(app, entries).await, 2);
    let sum = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS count FROM ledger_entries";
    assert_eq!(count(app, sum).await, 0);
    assert_eq!(count(app, "SELECT COUNT(*) AS count FROM orders").await, 1);
    // What others have said is as it was, without hers.
    let path = format!("/movies/{}/rating", scene.film);
    assert_eq!(
        scene.ben.get_json(&path).await,
        json!({"average": 2.0, "count": 1, "stars": 2})
    );
    let comments = scene.admin.get_json("/admin/comments?state=all").await;
    let comments = comments["items"].as_array().unwrap();
    assert_eq!(comments.len(), 1);
    assert_eq!(
        (&comments[0]["text"], &comments[0]["reports"]),
        (&json!("a good film"), &json!(0))
    );
}

#[actix_web::test]
async fn an_admin_leaves_their_work_without_their_name() {
    let scene = Scene::set().await;
    let (app, anna, admin) = (&scene.app, &scene.anna, &scene.admin);
    let promote = json!({"role": "admin"});
    let path = format!("/admin/accounts/{}", anna.id);
    body(admin.patch(&path, promote).await, 200).await;
    let anna = app.sign_in(&anna.name).await;
    let notice = json!({"title": "By anna", "body": "A notice"});
    body(anna.post("/notices", notice).await, 201).await;
    let vouchers = json!({"amount": 5, "count": 2});
    body(anna.post("/admin/vouchers", vouchers).await, 201).await;
    app.publish_film(&anna, "Another film", 0).await;
    let carl = app.newcomer(Role::Member).await;
    super::house::credit(&anna, &carl, 5, "for carl").await;
    assert!(places_of(app, &anna.name).await.len() >= 5);
    body(leave(&anna).await, 204).await;
    forgotten(app).await;
    let by_id = places_of(app, &anna.id).await;
    assert!(by_id.contains("ledger_entries.actor_id"));
    let named = places_of(app, &anna.name).await;
    let left: Vec<_> = named.difference(&set(WORDS_OF_OTHERS)).cloned().collect();
    assert!(left.is_empty(), "the name is in {left:?}");
    let notices = admin.get_json("/notices").await;
    assert_eq!(notices["items"][0]["author"], "deleted account");
    let log = admin.get_json("/admin/audit?limit=200").await;
    let deeds = log["items"].as_array().unwrap();
    let deed = deeds
        .iter()
        .find(|it| it["action"] == "account.delete")
        .unwrap();
    assert_eq!(
        (&deed["actor"], &deed["target_id"]),
        (&json!("deleted account"), &json!(anna.id))
    );
    assert!(deed["address"].is_null());
}
