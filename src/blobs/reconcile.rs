//! Compares the storage with the rows: bytes without a row are removed, rows without bytes are reported.
//!
//! Runs once after a start, beside the requests. Every finding is looked at again under the lock on its bytes, so what
//! is being kept meanwhile keeps its bytes. One part of the names at a time bounds the memory.

use std::io;

use super::model::{Error, Result};
use super::service::Blobs;
use super::store;
use crate::storage::BlobHash;

/// Rows without bytes that are named in the log; the others are counted.
const NAMED: usize = 10;

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Contents that no row had; they are removed.
    pub removed: usize,
    /// Rows whose bytes are not in the storage, and the names of the first few.
    pub missing: usize,
    pub first_missing: Vec<String>,
}

impl Blobs {
    /// Removes what no row knows from the storage, and reports what a row misses.
    ///
    /// # Errors
    /// When the storage or the database cannot be read.
    pub async fn reconcile(&self) -> Result<Reconciled> {
        self.house.storage.tidy().await?;
        let mut report = Reconciled::default();
        for first in 0..=u8::MAX {
            self.reconcile_part(first, &mut report).await?;
        }
        if report.removed > 0 {
            tracing::info!(count = report.removed, "removed bytes that nobody has");
        }
        if report.missing > 0 {
            tracing::error!(
                count = report.missing,
                first = ?report.first_missing,
                "bytes of films or files are not in the storage; look for them in a backup"
            );
        }
        Ok(report)
    }

    async fn reconcile_part(&self, first: u8, report: &mut Reconciled) -> Result<()> {
        let mut stored = self.house.storage.list(first).await?;
        let rows = self
            .house
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(store::standing_below(conn, &format!("{first:02x}"))?)
            })
            .await?;
        for row in rows {
            let name: BlobHash = row.blake3.parse()?;
            if stored.remove(&name).is_none() && self.is_missing(&name).await? {
                report.missing += 1;
                if report.first_missing.len() < NAMED {
                    report.first_missing.push(row.blake3);
                }
            }
        }
        for name in stored.into_keys() {
            report.removed += usize::from(self.remove_unheld(name.as_str()).await?);
        }
        Ok(())
    }

    /// Whether there is a row and no bytes, now.
    async fn is_missing(&self, name: &BlobHash) -> Result<bool> {
        let _turn = self.house.locks.lock(name).await;
        match self.house.storage.open(name).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(false),
        }
        let hash = name.as_str().to_owned();
        self.house
            .db
            .read::<_, Error, _>(move |conn| Ok(store::standing_by_hash(conn, &hash)?.is_some()))
            .await
    }
}
