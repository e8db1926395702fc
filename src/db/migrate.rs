//! Brings the schema up to date. An embedded database is copied aside first.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::{RunQueryDsl, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, Target, connect};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What [`run`] did.
#[derive(Debug, Default)]
pub struct Report {
    /// The migrations that ran, in order.
    pub applied: Vec<String>,
    /// Where the copy of the earlier database is.
    pub copy: Option<PathBuf>,
}

/// Runs what is pending. With an embedded database that has a schema already, a copy is made beside it before.
///
/// # Errors
/// When the database cannot be opened or copied, or a migration fails; a failed migration leaves the schema as it was.
pub fn run(target: &Target) -> Result<Report, Fault> {
    if let Target::Sqlite(path) = target
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder)?;
    }
    let mut conn = connect(target)?;
    match (&mut conn, target) {
        (Conn::Sqlite(c), Target::Sqlite(path)) => {
            c.batch_execute("PRAGMA journal_mode = WAL")?;
            let is_new = c.applied_migrations()?.is_empty();
            let is_current = !c.has_pending_migration(SQLITE)?;
            let copy = if is_new || is_current {
                None
            } else {
                Some(copy_aside(c, path)?)
            };
            Ok(Report {
                applied: apply(c, SQLITE)?,
                copy,
            })
        }
        (Conn::Pg(c), _) => {
            // Nodes that start together take turns.
            sql_query("SELECT pg_advisory_lock(20261121)").execute(c)?;
            Ok(Report {
                applied: apply(c, POSTGRES)?,
                copy: None,
            })
        }
        (Conn::Sqlite(_), Target::Postgres(_)) => {
            Err("the connection is not to the database that was asked for".into())
        }
    }
}

fn apply<DB, C>(conn: &mut C, source: impl MigrationSource<DB>) -> Result<Vec<String>, Fault>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let versions = conn.run_pending_migrations(source)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// `VACUUM INTO` gives a consistent copy, whatever is in the write-ahead log.
fn copy_aside(conn: &mut SqliteConnection, path: &Path) -> Result<PathBuf, Fault> {
    let last = conn
        .applied_migrations()?
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    let copy = path.with_extension(format!("before-migration-from-{last}.db"));
    if copy.exists() {
        std::fs::remove_file(&copy)?;
    }
    sql_query("VACUUM INTO $1")
        .bind::<diesel::sql_types::Text, _>(copy.to_string_lossy().as_ref())
        .execute(conn)?;
    Ok(copy)
}
