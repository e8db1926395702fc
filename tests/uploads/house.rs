//! A drive that keeps names and sums, and nothing else.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use futures_util::future::BoxFuture;
use playhouse::accounts::Viewer;
use playhouse::db::{Conn, Db};
use playhouse::ids::AccountId;
use playhouse::transfers::uploads::{
    CompletedUpload, Destination, Placed, Target, UploadError, mark_placed_in,
};
use playhouse_test_support::{Person, TestApp};

use super::wire::account_id;

type Result<T> = std::result::Result<T, UploadError>;

/// Bytes that everybody has.
pub(crate) const QUOTA: i64 = 8 << 20;

pub(crate) struct TestDrive {
    db: Db,
}

#[derive(QueryableByName)]
pub(crate) struct TestEntry {
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

fn usage(conn: &mut Conn, owner: &AccountId) -> playhouse::db::Result<(i64, i64)> {
    let query = "SELECT used, reserved FROM drive_usage WHERE account_id = $1";
    let found: Option<Sums> = diesel::sql_query(query)
        .bind::<Text, _>(owner.as_str())
        .get_result(conn)
        .optional()?;
    Ok(found.map_or((0, 0), |it| (it.used, it.reserved)))
}

fn set_usage(
    conn: &mut Conn,
    owner: &AccountId,
    (used, reserved): (i64, i64),
) -> playhouse::db::Result<()> {
    let query = "INSERT INTO drive_usage (account_id, used, reserved) VALUES ($1, $2, $3) \
         ON CONFLICT (account_id) DO UPDATE SET used = $4, reserved = $5";
    diesel::sql_query(query)
        .bind::<Text, _>(owner.as_str())
        .bind::<BigInt, _>(used)
        .bind::<BigInt, _>(reserved)
        .bind::<BigInt, _>(used)
        .bind::<BigInt, _>(reserved)
        .execute(conn)?;
    Ok(())
}

fn entry(
    conn: &mut Conn,
    owner: &AccountId,
    path: &str,
) -> playhouse::db::Result<Option<TestEntry>> {
    let query = "SELECT id, blake3 FROM test_entries WHERE account_id = $1 AND path = $2";
    Ok(diesel::sql_query(query)
        .bind::<Text, _>(owner.as_str())
        .bind::<Text, _>(path)
        .get_result(conn)
        .optional()?)
}

fn insert(
    conn: &mut Conn,
    owner: &AccountId,
    path: &str,
    blake3: &str,
) -> playhouse::db::Result<uuid::Uuid> {
    let id = uuid::Uuid::now_v7();
    diesel::sql_query("INSERT INTO test_entries VALUES ($1, $2, $3, $4)")
        .bind::<Text, _>(id.to_string())
        .bind::<Text, _>(owner.as_str())
        .bind::<Text, _>(path)
        .bind::<Text, _>(blake3)
        .execute(conn)?;
    Ok(id)
}

impl Destination for TestDrive {
    fn begin_in(&self, conn: &mut Conn, owner: &AccountId, at: &Target, size: i64) -> Result<()> {
        if entry(conn, owner, &at.path)?.is_some() {
            return Err(UploadError::NameTaken(at.path.clone()));
        }
        self.reserve_in(conn, owner, size)
    }

    fn reserve_in(&self, conn: &mut Conn, owner: &AccountId, delta: i64) -> Result<()> {
        let (used, reserved) = usage(conn, owner)?;
        if delta > 0 && used + reserved + delta > QUOTA {
            return Err(UploadError::OverQuota);
        }
        Ok(set_usage(conn, owner, (used, reserved + delta))?)
    }

    fn finish<'a>(
        &'a self,
        upload: CompletedUpload,
        target: Target,
        owner: AccountId,
    ) -> BoxFuture<'a, Result<Placed>> {
        Box::pin(async move {
            let bytes = std::fs::read(&upload.path)?;
            assert_eq!(bytes.len() as i64, upload.size);
            assert_eq!(upload.blake3, blake3::hash(&bytes).to_hex().to_string());
            self.db
                .write(move |conn| {
                    if entry(conn, &owner, &target.path)?.is_some() {
                        return Err(UploadError::NameTaken(target.path.clone()));
                    }
                    let (used, reserved) = usage(conn, &owner)?;
                    let after = (used + upload.size, reserved - upload.size);
                    set_usage(conn, &owner, after)?;
                    let entry_id = insert(conn, &owner, &target.path, &upload.blake3)?;
                    mark_placed_in(conn, &upload.id, entry_id)?;
                    let is_new = true;
                    Ok(Placed { entry_id, is_new })
                })
                .await
        })
    }
}

impl TestDrive {
    pub(crate) async fn register(app: &TestApp) -> Arc<Self> {
        let db = app.app().db.clone();
        let table = "CREATE TABLE test_entries (id TEXT PRIMARY KEY, account_id TEXT NOT NULL, \
             path TEXT NOT NULL, blake3 TEXT NOT NULL, UNIQUE (account_id, path))";
        db.write::<_, playhouse::db::Error, _>(move |conn| {
            diesel::sql_query(table).execute(conn)?;
            Ok(())
        })
        .await
        .unwrap();
        let drive = Arc::new(Self { db });
        app.app().uploads.register(drive.clone());
        drive
    }

    pub(crate) async fn find(&self, _: &TestApp, who: &Person, path: &str) -> Option<TestEntry> {
        let (owner, path) = (account_id(who), path.to_owned());
        let found = self
            .db
            .read::<_, playhouse::db::Error, _>(move |conn| entry(conn, &owner, &path));
        found.await.unwrap()
    }

    /// Somebody else takes the name.
    pub(crate) async fn take(&self, _: &TestApp, who: &Person, path: &str) {
        let (owner, path) = (account_id(who), path.to_owned());
        let taken = self
            .db
            .write::<_, playhouse::db::Error, _>(move |conn| insert(conn, &owner, &path, ""));
        taken.await.unwrap();
    }

    pub(crate) async fn free(&self, _: &TestApp, who: &Person, path: &str) {
        let (owner, path) = (account_id(who), path.to_owned());
        let freed = self.db.write::<_, playhouse::db::Error, _>(move |conn| {
            diesel::sql_query("DELETE FROM test_entries WHERE account_id = $1 AND path = $2")
                .bind::<Text, _>(owner.as_str())
                .bind::<Text, _>(&path)
                .execute(conn)?;
            Ok(())
        });
        freed.await.unwrap();
    }

    pub(crate) async fn viewer(&self, app: &TestApp, who: &Person) -> Arc<Viewer> {
        let token = who.token.clone().unwrap();
        let address = "127.0.0.1".to_owned();
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
