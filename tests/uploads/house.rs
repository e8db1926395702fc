//! The drive beneath the uploads, with little room, and its sums.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use playhouse::accounts::Viewer;
use playhouse::db::Conn;
use playhouse::drive::{Drive, DrivePath, IfMatch};
use playhouse::ids::AccountId;
use playhouse_test_support::{Person, TestApp};

use super::wire::account_id;

/// Bytes that everybody has.
pub(crate) const QUOTA: i64 = 8 << 20;

pub(crate) struct TestDrive {
    drive: Drive,
}

pub(crate) struct TestEntry {
    pub(crate) id: String,
    pub(crate) blake3: String,
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = BigInt)]
    reserved: i64,
}

fn usage(conn: &mut Conn, owner: &AccountId) -> playhouse::db::Result<(i64, i64)> {
    let query = "SELECT used, reserved FROM drive_usage WHERE account_id = $1";
    let found: Option<Sums> = diesel::sql_query(query)
        .bind::<Text, _>(owner.as_str())
        .get_result(conn)
        .optional()?;
    Ok(found.map_or((0, 0), |it| (it.used, it.reserved)))
}

fn parsed(path: &str) -> DrivePath {
    DrivePath::parse(path).unwrap()
}

impl TestDrive {
    pub(crate) fn of(app: &TestApp) -> Self {
        Self {
            drive: app.app().drive.clone(),
        }
    }

    pub(crate) async fn find(&self, _: &TestApp, who: &Person, path: &str) -> Option<TestEntry> {
        let found = self.drive.resolve(account_id(who), parsed(path)).await;
        let entry = found.unwrap()?.view();
        Some(TestEntry {
            id: entry.id.to_string(),
            blake3: entry.blake3.unwrap_or_default(),
        })
    }

    /// Something else takes the name.
    pub(crate) async fn take(&self, _: &TestApp, who: &Person, path: &str) {
        let made = self.drive.make_folder(account_id(who), parsed(path), false);
        made.await.unwrap();
    }

    pub(crate) async fn free(&self, _: &TestApp, who: &Person, path: &str) {
        let owner = account_id(who);
        let found = self.drive.resolve(owner.clone(), parsed(path)).await;
        let id = found.unwrap().unwrap().id.clone();
        self.drive
            .trash(owner, id, IfMatch::default())
            .await
            .unwrap();
    }

    pub(crate) async fn viewer(&self, app: &TestApp, who: &Person) -> Arc<Viewer> {
        let token = who.token.clone().unwrap();
        let address = std::net::Ipv4Addr::LOCALHOST.into();
        app.app().accounts.identify(&token, address).await.unwrap()
    }
}

/// Used and reserved bytes of somebody, after checking that they are what the rows say.
pub(crate) async fn sums(app: &TestApp, who: &Person) -> (i64, i64) {
    let owner = account_id(who);
    let told = app
        .app()
        .db
        .read::<_, playhouse::db::Error, _>(move |conn| {
            let query = "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) AS reserved, \
             CAST(0 AS BIGINT) AS used FROM uploads WHERE account_id = $1 AND purpose = 'drive'";
            let rows: Sums = diesel::sql_query(query)
                .bind::<Text, _>(owner.as_str())
                .get_result(conn)?;
            Ok((usage(conn, &owner)?, rows.reserved))
        });
    let (usage, reserved) = told.await.unwrap();
    assert_eq!(usage.1, reserved, "what is reserved is what the rows hold");
    usage
}

/// How many rows there are.
pub(crate) async fn rows(app: &TestApp) -> i64 {
    use playhouse::db::schema::uploads;
    let counted = app
        .app()
        .db
        .read::<_, playhouse::db::Error, _>(|conn| Ok(uploads::table.count().get_result(conn)?));
    counted.await.unwrap()
}
