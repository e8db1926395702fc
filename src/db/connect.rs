//! Where the database is, and how a connection to it is opened.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use super::{Conn, Error, Result};

/// The database that an address names. The scheme decides, never a guess.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Target {
    /// Reads `sqlite:PATH`, `postgres://...` or `postgresql://...`. A relative path is below the data folder.
    ///
    /// # Errors
    /// A sentence for the operator when the scheme is none of these.
    pub fn parse(url: &str, data: &Path) -> std::result::Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(
                data.join(path.strip_prefix("//").unwrap_or(path)),
            )),
            _ => {
                Err("database.url must begin with sqlite:, postgres:// or postgresql://".to_owned())
            }
        }
    }
}

/// Pages of SQLite's log, 16 MB, before they are copied into the database file. Every copy costs two flushes of the disk,
/// and what changes often is copied once for all of its changes.
const LOG_PAGES: u32 = 4096;

/// Opens one connection, ready for use.
///
/// # Errors
/// When the server refuses, or the file cannot be opened.
pub fn connect(target: &Target) -> Result<Conn> {
    let opened = match target {
        Target::Postgres(url) => PgConnection::establish(url).map(Conn::Pg),
        Target::Sqlite(path) => {
            SqliteConnection::establish(&path.to_string_lossy()).map(Conn::Sqlite)
        }
    };
    let mut conn = opened.map_err(|error| Error::Unavailable(error.to_string()))?;
    match &mut conn {
        // The time-out comes first: the statements after it may already meet a lock.
        Conn::Sqlite(c) => c.batch_execute(&format!(
            "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = {LOG_PAGES};",
        ))?,
        Conn::Pg(c) => c.batch_execute("SET TIME ZONE 'UTC'; SET statement_timeout = '30s'")?,
    }
    Ok(conn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides() {
        let data = Path::new("/srv/house");
        let parse = |url| Target::parse(url, data);
        assert!(parse("sqlite:house.db") == Ok(Target::Sqlite("/srv/house/house.db".into())));
        assert!(parse("sqlite:///tmp/x.db") == Ok(Target::Sqlite("/tmp/x.db".into())));
        assert!(matches!(parse("postgres://u@h/d"), Ok(Target::Postgres(_))));
        assert!(parse("mysql://h/d").is_err());
        assert!(parse("house.db").is_err());
        assert!(parse("sqlite:").is_err());
    }
}
