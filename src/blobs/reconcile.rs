//! Compares the storage with the rows: bytes without a row are removed, rows without bytes are reported.
//!
//! Runs once after a start, beside the requests. Every finding is looked at again under the lock on its bytes, so what
//! is being kept meanwhile keeps its bytes. One part of the names at a time bounds the memory.

use std::collections::VecDeque;
use std::io;

use super::model::{Error, Result};
use super::service::Blobs;
use super::store::{self, Standing};
use crate::storage::BlobHash;

/// Rows that are read in one go.
const PAGE: i64 = 1000;

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
        let mut rows = Rows::default();
        for first in 0..=u8::MAX {
            let known = rows.below(self, first).await?;
            self.reconcile_part(first, known, &mut report).await?;
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

    async fn reconcile_part(
        &self,
        first: u8,
        known: Vec<Standing>,
        report: &mut Reconciled,
    ) -> Result<()> {
        let mut stored = self.house.storage.list(first).await?;
        for row in known {
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

/// The rows in the order of their names, part by part, read in pages: a small house is read in one go.
#[derive(Default)]
struct Rows {
    waiting: VecDeque<Standing>,
    /// The last name that was read.
    last: String,
    is_whole: bool,
}

impl Rows {
    /// The rows whose names begin with this byte. Every part must be asked for, in order.
    async fn below(&mut self, blobs: &Blobs, first: u8) -> Result<Vec<Standing>> {
        // Behind every digit that may follow.
        let end = format!("{first:02x}g");
        let mut part = Vec::new();
        loop {
            while let Some(row) = self.waiting.pop_front_if(|it| it.blake3 < end) {
                part.push(row);
            }
            if self.is_whole || !self.waiting.is_empty() {
                return Ok(part);
            }
            self.read_on(blobs).await?;
        }
    }

    async fn read_on(&mut self, blobs: &Blobs) -> Result<()> {
        let after = self.last.clone();
        let page = blobs
            .house
            .db
            .read::<_, Error, _>(move |conn| Ok(store::standing_after(conn, &after, PAGE)?))
            .await?;
        self.is_whole = i64::try_from(page.len()).unwrap_or(0) < PAGE;
        if let Some(row) = page.last() {
            self.last.clone_from(&row.blake3);
        }
        self.waiting = page.into();
        Ok(())
    }
}
