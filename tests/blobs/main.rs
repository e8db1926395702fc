//! Bytes and their holders: what is counted, what is shared, what a crash leaves, and many at once.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod counts;
mod crash;
mod many;
mod sharing;

use std::path::PathBuf;
use std::sync::Arc;

use diesel::prelude::*;
use playhouse::blobs::{self, Blobs, NewBlob};
use playhouse::clock::Clock;
use playhouse::config::DatabaseConfig;
use playhouse::db::schema::{blobs as rows, settings};
use playhouse::db::{self, Conn, Db, Target, migrate};
use playhouse::events::Events;
use playhouse::ids::BlobId;
use playhouse::jobs::{Jobs, Workers};
use playhouse::storage::{BlobHash, LocalBlobs};
use playhouse_test_support::postgres::TestDatabase;

/// The bytes of a house with nothing around them. A row of `settings` stands for what has some bytes.
struct House {
    db: Db,
    clock: Clock,
    jobs: Jobs,
    blobs: Blobs,
    folder: Arc<tempfile::TempDir>,
    _database: Option<TestDatabase>,
}

#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("no")]
    No,
    #[error("bytes")]
    Blobs(#[from] blobs::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<diesel::result::Error> for Refusal {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

fn house() -> House {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let database = TestDatabase::create_if_asked();
    let target = match &database {
        Some(database) => Target::Postgres(database.url.clone()),
        None => Target::Sqlite(folder.path().join("blobs.db")),
    };
    migrate::run(&target).unwrap();
    let db = Db::open(&target, &DatabaseConfig::default()).unwrap();
    let clock = Clock::default();
    let jobs = Jobs::new(db.clone(), clock.clone(), Events::default());
    let storage = Arc::new(LocalBlobs::new(folder.path().join("blobs")));
    House {
        blobs: Blobs::new(db.clone(), clock.clone(), jobs.clone(), storage),
        jobs,
        clock,
        db,
        folder,
        _database: database,
    }
}

fn hash(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}

impl House {
    /// A finished file with this content.
    fn staged(&self, content: &[u8]) -> NewBlob {
        let path = self.folder.path().join(uuid::Uuid::now_v7().to_string());
        std::fs::write(&path, content).unwrap();
        NewBlob {
            path,
            blake3: hash(content),
            size: i64::try_from(content.len()).unwrap(),
        }
    }

    /// Keeps a content for a holder with this name.
    async fn keep(&self, holder: &str, content: &[u8]) -> Result<BlobId, Refusal> {
        let (holder, file) = (holder.to_owned(), self.staged(content));
        self.blobs
            .keep(file, move |conn, id| hold_as(conn, &holder, id))
            .await
    }

    /// The holder goes, and its hold on the bytes.
    async fn release(&self, holder: &str, count: i64) -> Result<(), Refusal> {
        let (holder, now) = (holder.to_owned(), self.clock.now());
        let released = self.db.write(move |conn| {
            let id: String = diesel::delete(settings::table.find(&holder))
                .returning(settings::value)
                .get_result(conn)?;
            let id = BlobId::from(uuid::Uuid::parse_str(&id).unwrap());
            Ok::<_, Refusal>(blobs::release_in(conn, now, &id, count)?)
        });
        released.await?;
        self.jobs.wake();
        Ok(())
    }

    /// How many hold a content; None when there is no row.
    async fn refs(&self, content: &[u8]) -> Option<i64> {
        let name = hash(content);
        let found = self.db.read::<_, db::Error, _>(move |conn| {
            Ok(rows::table
                .filter(rows::blake3.eq(name))
                .select(rows::refs)
                .first(conn)
                .optional()?)
        });
        found.await.unwrap()
    }

    fn path(&self, content: &[u8]) -> PathBuf {
        let name = BlobHash::from(blake3::hash(content));
        LocalBlobs::new(self.folder.path().join("blobs")).path(&name)
    }

    /// What the storage has of a content.
    fn stored(&self, content: &[u8]) -> Option<Vec<u8>> {
        std::fs::read(self.path(content)).ok()
    }

    fn workers(&self) -> Workers {
        self.jobs.start(self.blobs.handlers(), 2, 0)
    }
}

fn hold_as(conn: &mut Conn, holder: &str, id: &BlobId) -> Result<BlobId, Refusal> {
    diesel::insert_into(settings::table)
        .values((settings::key.eq(holder), settings::value.eq(id.as_str())))
        .execute(conn)?;
    Ok(id.clone())
}

/// Waits until something holds.
async fn until(what: impl Fn() -> bool) {
    for _ in 0..1000 {
        if what() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it did not come about in ten seconds");
}
