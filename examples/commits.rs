//! Measures how many changes a second become durable on SQLite, for 1, 8 and 64 askers at once: each in a commit of its own,
//! and as the writer commits what waits together.
//!
//! `cargo run --release --example commits [FOLDER]`, with a folder on a real disk.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use diesel::connection::SimpleConnection as _;
use playhouse::config::DatabaseConfig;
use playhouse::db::{Conn, Db, Error, Target, connect};
use tokio::sync::Mutex;

const SECONDS: u64 = 3;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "/var/tmp".to_owned());
    let folder = tempfile::tempdir_in(folder)?;
    let db = open(folder.path())?;
    println!("| askers | one by one | together |");
    println!("|---|---|---|");
    for askers in [1, 8, 64] {
        let alone = rate(&db, askers, true).await?;
        let together = rate(&db, askers, false).await?;
        println!("| {askers} | {alone} | {together} |");
    }
    Ok(())
}

fn open(folder: &Path) -> anyhow::Result<Db> {
    let target = Target::Sqlite(folder.join("commits.db"));
    let mut conn = connect(&target)?;
    execute(
        &mut conn,
        "PRAGMA journal_mode = WAL; CREATE TABLE counts (id INTEGER PRIMARY KEY, n BIGINT)",
    )?;
    Ok(Db::open(&target, &DatabaseConfig::default())?)
}

fn execute(conn: &mut Conn, sql: &str) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute(sql)?,
        Conn::Pg(c) => c.batch_execute(sql)?,
    }
    Ok(())
}

/// Changes a second.
async fn rate(db: &Db, askers: u64, is_alone: bool) -> anyhow::Result<u64> {
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let turn = Arc::new(Mutex::new(()));
    let asking = (0..askers).map(|asker| {
        let (db, turn) = (db.clone(), Arc::clone(&turn));
        tokio::spawn(async move {
            let mut count = 0_u64;
            while Instant::now() < until {
                let _turn = match is_alone {
                    true => Some(turn.lock().await),
                    false => None,
                };
                let sql = format!("INSERT OR REPLACE INTO counts VALUES ({asker}, {count})");
                db.write::<_, Error, _>(move |conn| execute(conn, &sql))
                    .await?;
                count += 1;
            }
            Ok::<_, Error>(count)
        })
    });
    let mut sum = 0;
    for asked in futures_util::future::join_all(asking).await {
        sum += asked.context("a task ended early")??;
    }
    Ok(sum / SECONDS)
}
