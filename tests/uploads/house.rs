//! A house with a small drive for everybody, and looks behind its curtain.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use playhouse::accounts::Viewer;
use playhouse::config::Config;
use playhouse::db::{Conn, Db, Error};
use playhouse::ids::AccountId;
use playhouse_test_support::{Person, TestApp};
use reqwest::Method;

use super::wire::{account_id, metadata, tus};

/// Bytes that everybody has.
pub(crate) const QUOTA: i64 = 8 << 20;

/// The drive as its database says it is.
pub(crate) struct Drive {
    db: Db,
}

#[derive(QueryableByName)]
pub(crate) struct Entry {
    #[diesel(sql_type = Text)]
    pub(crate) id: String,
    #[diesel(sql_type = Text)]
    pub(crate) blake3: String,
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = BigInt)]
    reserved: i64,
}

pub(crate) async fn start(change: impl FnOnce(&mut Config)) -> (TestApp, Drive) {
    let app = TestApp::start_with(|config| {
        config.drive.quota_bytes = QUOTA;
        change(config);
    })
    .await;
    let db = app.app().db.clone();
    (app, Drive { db })
}

impl Drive {
    pub(crate) async fn find(&self, who: &Person, path: &str) -> Option<Entry> {
        let (owner, name) = (account_id(who), path.trim_start_matches('/').to_owned());
        let found = self.db.read::<_, Error, _>(move |conn| {
            let sql = "SELECT e.id, b.blake3 FROM drive_entries e JOIN blobs b ON b.id = e.blob_id \
                 WHERE e.account_id = $1 AND e.taken_name = $2";
            Ok(diesel::sql_query(sql)
                .bind::<Text, _>(owner.as_str())
                .bind::<Text, _>(&name)
                .get_result(conn)
                .optional()?)
        });
        found.await.unwrap()
    }

    /// An empty file takes the name.
    pub(crate) async fn take(&self, who: &Person, path: &str) {
        let said = metadata(&[("purpose", "drive"), ("path", path)]);
        let made = tus(who, Method::POST, "/uploads")
            .header("Upload-Length", 0)
            .header("Upload-Metadata", said);
        assert_eq!(made.send().await.unwrap().status(), 201);
    }

    /// The file goes to the trash, where it still takes up room.
    pub(crate) async fn free(&self, who: &Person, path: &str) {
        let id = self.find(who, path).await.unwrap().id;
        let gone = who.delete(&format!("/drive/entries/{id}")).await;
        assert!(gone.status().is_success());
    }
}

pub(crate) async fn viewer(app: &TestApp, who: &Person) -> Arc<Viewer> {
    let token = who.token.clone().unwrap();
    let address = std::net::Ipv4Addr::LOCALHOST.into();
    app.app().accounts.identify(&token, address).await.unwrap()
}

fn sums_in(conn: &mut Conn, sql: &str, owner: &AccountId) -> Result<(i64, i64), Error> {
    let found: Option<Sums> = diesel::sql_query(sql)
        .bind::<Text, _>(owner.as_str())
        .get_result(conn)
        .optional()?;
    Ok(found.map_or((0, 0), |it| (it.used, it.reserved)))
}

/// Used and reserved bytes of somebody, after checking that they are what the rows say.
pub(crate) async fn sums(app: &TestApp, who: &Person) -> (i64, i64) {
    let owner = account_id(who);
    let told = app.app().db.read::<_, Error, _>(move |conn| {
        let told = "SELECT used, reserved FROM drive_usage WHERE account_id = $1";
        let rows = "SELECT CAST(COALESCE((SELECT SUM(size) FROM drive_entries e WHERE e.account_id = a.id), 0) \
             + COALESCE((SELECT SUM(size) FROM drive_versions v WHERE v.account_id = a.id), 0) AS BIGINT) AS used, \
             CAST(COALESCE((SELECT SUM(reserved) FROM uploads u WHERE u.account_id = a.id \
             AND u.purpose = 'drive'), 0) AS BIGINT) AS reserved FROM accounts a WHERE a.id = $1";
        Ok((sums_in(conn, told, &owner)?, sums_in(conn, rows, &owner)?))
    });
    let (told, rows) = told.await.unwrap();
    assert_eq!(told, rows, "what is told is what the rows hold");
    told
}

/// How many rows there are.
pub(crate) async fn rows(app: &TestApp) -> i64 {
    use playhouse::db::schema::uploads;
    let counted = app
        .app()
        .db
        .read::<_, Error, _>(|conn| Ok(uploads::table.count().get_result(conn)?));
    counted.await.unwrap()
}
