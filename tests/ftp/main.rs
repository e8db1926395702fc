//! The drives over FTP: by hand, and with the programs that people use.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod bounds;
mod ends;
mod programs;
mod resuming;
mod tls;
mod tools;
mod tree;

use diesel::RunQueryDsl as _;
use diesel::sql_types::BigInt;
use playhouse_test_support::{Person, TestApp, ftp};

/// Bytes that differ from place to place.
fn bytes(size: usize) -> Vec<u8> {
    (0..size as u64)
        .map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

/// A house with a door for FTP.
async fn house() -> TestApp {
    TestApp::start_with(ftp::plain).await
}

/// The bytes of a file as the web API has them; none when there is no such file.
async fn content(who: &Person, path: &str) -> Option<Vec<u8>> {
    let answer = who.get(&format!("/drive/entry?path={path}")).await;
    if answer.status() == 404 {
        return None;
    }
    let entry: serde_json::Value = answer.json().await.unwrap();
    let address = format!("/drive/entries/{}/content", entry["id"].as_str().unwrap());
    let answer = who.get(&address).await;
    assert_eq!(answer.status(), 200);
    Some(answer.bytes().await.unwrap().to_vec())
}

#[derive(diesel::QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    sum: i64,
}

async fn sum(app: &TestApp, query: &'static str) -> i64 {
    let read = app
        .app()
        .db
        .read::<_, playhouse::db::Error, _>(move |conn| {
            let rows: Vec<Sum> = diesel::sql_query(query).load(conn)?;
            Ok(rows.first().map_or(0, |it| it.sum))
        });
    read.await.unwrap()
}

/// Uploads that are not used, and whether what they hold of the quota is what is written down.
async fn waiting(app: &TestApp) -> i64 {
    const HELD: &str = "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) AS sum FROM uploads";
    const WRITTEN: &str =
        "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) AS sum FROM drive_usage";
    assert_eq!(sum(app, HELD).await, sum(app, WRITTEN).await);
    sum(
        app,
        "SELECT COUNT(*) AS sum FROM uploads WHERE state <> 'used'",
    )
    .await
}
