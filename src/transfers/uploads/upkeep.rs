//! What happens to uploads beside the requests: expiry, the comparison of rows and files at the start, the pause at
//! the end.

use std::collections::HashSet;

use super::Uploads;
use super::model::{Error, State};
use super::store;
use crate::ids::UploadId;

type Result<T> = std::result::Result<T, Error>;

/// Expired uploads that one sweep clears at a time.
const SWEEP: i64 = 500;

impl Uploads {
    /// Removes an upload, whoever owns it: its row, what is in flight, and its file.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn discard(&self, id: &UploadId) -> Result<()> {
        self.house.discard(id).await
    }

    /// Removes what has expired.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn sweep(&self) -> Result<()> {
        loop {
            let now = self.house.clock.now();
            let expired = self
                .house
                .db
                .write::<_, Error, _>(move |conn| Ok(store::delete_expired(conn, now, SWEEP)?))
                .await?;
            for id in &expired {
                self.house.clear(id).await?;
            }
            if expired.is_empty() {
                return Ok(());
            }
        }
    }

    /// Compares rows and files, once at the start: a file that no row knows is removed, and so is a row whose file has
    /// lost acknowledged bytes. A file that is longer than its row says is cut back when it is opened.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn reconcile(&self) -> Result<()> {
        let staging = self.house.staging.clone();
        // Files first: a row is always there before its file.
        let files = self.house.on_disk(move || staging.list()).await??;
        let rows = self
            .house
            .db
            .read::<_, Error, _>(|conn| Ok(store::list_all(conn)?))
            .await?;
        let known: HashSet<&str> = rows.iter().map(|(id, ..)| id.as_str()).collect();
        for name in files.iter().filter(|it| !known.contains(it.as_str())) {
            tracing::info!(file.name = %name, "removing a staged file that no upload knows");
            let (staging, name) = (self.house.staging.clone(), name.clone());
            self.house.on_disk(move || staging.remove(&name)).await??;
        }
        for (id, acknowledged, state) in rows {
            if state != State::Used && self.has_lost_bytes(&id, acknowledged).await? {
                tracing::error!(upload.id = %id, "the file of an upload has lost bytes");
                self.house.discard(&id).await?;
            }
        }
        Ok(())
    }

    async fn has_lost_bytes(&self, id: &UploadId, acknowledged: i64) -> Result<bool> {
        let (staging, name) = (self.house.staging.clone(), id.clone());
        let length = self
            .house
            .on_disk(move || staging.length(name.as_str()))
            .await??;
        let acknowledged = u64::try_from(acknowledged).unwrap_or(0);
        Ok(length.unwrap_or(0) < acknowledged)
    }

    /// Ends every upload in flight, with what arrived recorded, and takes nothing new.
    pub async fn pause_all(&self) {
        self.house.pause_all().await;
    }
}
