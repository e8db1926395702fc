//! The look itself: one part of the names after the other, one content at a time.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::model::{Damage, Error, Event, Summary};
use super::store::{self, Content};
use crate::db::Db;
use crate::storage::{BlobHash, Storage};

type Result<T> = std::result::Result<T, Error>;

/// Looks at everything.
#[derive(Debug)]
pub struct Verify {
    db: Db,
    storage: Arc<dyn Storage>,
    patience: Duration,
}

/// What one run has found so far.
struct Run<F> {
    summary: Summary,
    /// Bytes without a row: they may be about to have one.
    strays: HashMap<BlobHash, u64>,
    tell: F,
}

impl<F: FnMut(Event<'_>)> Run<F> {
    fn found(&mut self, damage: &Damage) {
        self.summary.damage += 1;
        (self.tell)(Event::Found(damage));
    }
}

impl Verify {
    /// Bytes without a row count as damage when they still have none after `patience`.
    #[must_use]
    pub fn new(db: Db, storage: Arc<dyn Storage>, patience: Duration) -> Self {
        Self {
            db,
            storage,
            patience,
        }
    }

    /// Reads and counts everything, and tells what it finds as it finds it.
    ///
    /// # Errors
    /// When the database cannot be read, or the storage does not say what is in it. Bytes that cannot be read are a
    /// finding.
    pub async fn run(&self, tell: impl FnMut(Event<'_>)) -> Result<Summary> {
        let mut run = Run {
            summary: Summary::default(),
            strays: HashMap::new(),
            tell,
        };
        let (contents, bytes) = self.read(store::totals).await?;
        run.summary.of_contents = contents.unsigned_abs();
        run.summary.of_bytes = bytes.unsigned_abs();
        for first in 0..=u8::MAX {
            self.look_at_part(first, &mut run).await?;
        }
        self.look_at_strays(&mut run).await?;
        self.look_at_sums(&mut run).await?;
        (run.tell)(Event::Progress(run.summary));
        Ok(run.summary)
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut crate::db::Conn) -> crate::db::Result<T> + Send + 'static,
    ) -> Result<T> {
        Ok(self.db.read(look).await?)
    }

    async fn look_at_part<F: FnMut(Event<'_>)>(&self, first: u8, run: &mut Run<F>) -> Result<()> {
        let digits = format!("{first:02x}");
        // In this order: bytes come before their row, and go after it.
        let rows = self
            .read(move |conn| store::contents_below(conn, &digits))
            .await?;
        let mut stored = self.storage.list(first).await?;
        for row in rows {
            if row.refs != row.holders {
                run.found(&Damage::WrongCount {
                    blake3: row.blake3.clone(),
                    refs: row.refs,
                    holders: row.holders,
                });
            }
            if let Ok(name) = row.blake3.parse::<BlobHash>() {
                stored.remove(&name);
                self.look_at_content(&row, &name, run).await?;
            } else {
                // Nothing in the storage can have this name.
                run.found(&missing(&row));
            }
            run.summary.contents += 1;
            (run.tell)(Event::Progress(run.summary));
        }
        run.strays.extend(stored);
        Ok(())
    }

    async fn look_at_content<F: FnMut(Event<'_>)>(
        &self,
        row: &Content,
        name: &BlobHash,
        run: &mut Run<F>,
    ) -> Result<()> {
        let read = match self.storage.open(name).await {
            Ok(blob) => blob.content.hash(blob.size).await,
            Err(error) => Err(error),
        };
        let damage = match read {
            Ok((hash, length)) => {
                run.summary.bytes += length;
                compare(row, hash, length)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(missing(row)),
            Err(error) => Some(Damage::Unreadable {
                blake3: row.blake3.clone(),
                error: error.to_string(),
            }),
        };
        if let Some(damage) = damage
            && self.has_row(name).await?
        {
            run.found(&damage);
        }
        Ok(())
    }

    async fn has_row(&self, name: &BlobHash) -> Result<bool> {
        let digits = name.as_str().to_owned();
        let found = self
            .read(move |conn| store::contents_below(conn, &digits))
            .await?;
        Ok(!found.is_empty())
    }

    /// Looks again at bytes that had no row, after what was on its way has arrived.
    async fn look_at_strays<F: FnMut(Event<'_>)>(&self, run: &mut Run<F>) -> Result<()> {
        let strays = std::mem::take(&mut run.strays);
        let mut without = Vec::new();
        for (name, size) in strays {
            if !self.has_row(&name).await? {
                without.push((name, size));
            }
        }
        if without.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(self.patience).await;
        without.sort();
        for (name, size) in without {
            let is_there = match self.storage.open(&name).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                opened => opened.map(|_| true)?,
            };
            if is_there && !self.has_row(&name).await? {
                run.found(&Damage::NoRow {
                    blake3: name.to_string(),
                    size,
                });
            }
        }
        Ok(())
    }

    async fn look_at_sums<F: FnMut(Event<'_>)>(&self, run: &mut Run<F>) -> Result<()> {
        for sums in self.read(store::wrong_sums).await? {
            run.found(&Damage::WrongQuota {
                account_id: sums.account_id,
                used: sums.used,
                actual_used: sums.actual_used,
                reserved: sums.reserved,
                actual_reserved: sums.actual_reserved,
            });
        }
        for sums in self.read(store::wrong_ratings).await? {
            run.found(&Damage::WrongRating {
                movie_id: sums.movie_id,
                stars: sums.stars,
                actual_stars: sums.actual_stars,
                votes: sums.votes,
                actual_votes: sums.actual_votes,
            });
        }
        Ok(())
    }
}

fn missing(row: &Content) -> Damage {
    Damage::Missing {
        blake3: row.blake3.clone(),
        size: row.size,
    }
}

fn compare(row: &Content, hash: blake3::Hash, length: u64) -> Option<Damage> {
    if i64::try_from(length) != Ok(row.size) {
        return Some(Damage::WrongLength {
            blake3: row.blake3.clone(),
            size: row.size,
            actual: length,
        });
    }
    let actual = hash.to_hex().to_string();
    (actual != row.blake3).then(|| Damage::WrongHash {
        blake3: row.blake3.clone(),
        actual,
    })
}
