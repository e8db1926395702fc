//! A database on PostgreSQL for each test, copied from one that has the schema already.

use std::path::Path;

use diesel::sql_types::{Bool, Text};
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use playhouse::db::{Target, migrate};

/// A database of its own for one test.
pub struct TestDatabase {
    server: String,
    name: String,
    pub url: String,
}

impl TestDatabase {
    pub fn create_if_asked() -> Option<Self> {
        let server = std::env::var("PLAYHOUSE_TEST_POSTGRES")
            .ok()
            .filter(|it| !it.is_empty())?;
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let mut conn = PgConnection::establish(&server).unwrap();
        let template = template(&mut conn, &server);
        sql_query(format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .execute(&mut conn)
            .unwrap();
        Some(Self {
            url: address(&server, &name),
            name,
            server,
        })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Ok(mut conn) = PgConnection::establish(&self.server) else {
            return;
        };
        // DROP with FORCE alone would wait for a tenth of a second at least.
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        while sql_query(end)
            .bind::<Text, _>(&self.name)
            .execute(&mut conn)
            .is_ok_and(|it| it > 0)
        {
            pause(&mut conn);
        }
        drop(sql_query(format!("DROP DATABASE {} WITH (FORCE)", self.name)).execute(&mut conn));
    }
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    exists: bool,
}

/// The name of the database with the schema of these migrations, which the first test of all makes.
fn template(conn: &mut PgConnection, server: &str) -> String {
    let name = format!("template_{}", schema());
    // Held until this connection ends, should anything below fail.
    sql_query("SELECT pg_advisory_lock(20261122)")
        .execute(conn)
        .unwrap();
    let found: Exists = sql_query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind::<Text, _>(&name)
        .get_result(conn)
        .unwrap();
    if !found.exists {
        // Under another name until it is whole: a test that is killed leaves no half of a schema.
        let half = format!("{name}_half");
        for statement in [
            format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)"),
            format!("CREATE DATABASE {half}"),
        ] {
            sql_query(statement).execute(conn).unwrap();
        }
        migrate::run(&Target::Postgres(address(server, &half))).unwrap();
        // The connection of the migrations may still be about to end.
        while sql_query(format!("ALTER DATABASE {half} RENAME TO {name}"))
            .execute(conn)
            .is_err()
        {
            pause(conn);
        }
    }
    sql_query("SELECT pg_advisory_unlock(20261122)")
        .execute(conn)
        .unwrap();
    name
}

fn pause(conn: &mut PgConnection) {
    drop(sql_query("SELECT pg_sleep(0.002)").execute(conn));
}

fn address(server: &str, database: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{database}")
}

/// Which migrations there are, and what they say.
fn schema() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path().join("up.sql"))
        .collect();
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        hasher.update(file.to_string_lossy().as_bytes());
        hasher.update(&std::fs::read(file).unwrap());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
