//! Clears what no row knows: bytes and pictures whose film never came to be, because the server stopped in between.
//!
//! Runs once after a start, beside the requests. Every removal asks the database again under the lock on bytes, so a
//! film that is being published meanwhile keeps its own.

use std::io;
use std::path::{Path, PathBuf};

use super::model::Error;
use super::service::{Movies, Result};
use super::store;
use super::trash::remove_if_there;
use crate::storage::BlobHash;

impl Movies {
    /// Removes files of the storage that belong to no film, and says how many they were.
    ///
    /// # Errors
    /// When the storage or the database cannot be read.
    pub async fn reconcile(&self) -> Result<usize> {
        let mut removed = 0;
        for path in below(self.blobs.root().to_owned()).await? {
            removed += usize::from(self.clear_blob(&path).await?);
        }
        for path in below(self.posters.to_path_buf()).await? {
            removed += usize::from(self.clear_poster(path).await?);
        }
        if removed > 0 {
            tracing::info!(count = removed, "removed files that belong to no film");
        }
        Ok(removed)
    }

    async fn clear_blob(&self, path: &Path) -> Result<bool> {
        let Some(Ok(name)) = stem(path).map(str::parse::<BlobHash>) else {
            return Ok(false);
        };
        let _bytes = self.bytes.lock().await;
        self.remove_blob_without_row(&name).await
    }

    /// A picture that is being drawn ends with `.part`; its worker begins anew after a start.
    async fn clear_poster(&self, path: PathBuf) -> Result<bool> {
        let Some(key) = stem(&path).map(str::to_owned) else {
            return Ok(false);
        };
        let is_draft = path.extension().is_none_or(|it| it != "jpg");
        let film = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::find_by_poster(conn, &key)?))
            .await?;
        if is_draft || film.is_some() || !is_old(&path).await {
            return Ok(false);
        }
        remove_if_there(path).await?;
        Ok(true)
    }
}

fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}

/// A picture is in place a moment before its film knows of it.
async fn is_old(path: &Path) -> bool {
    let age = tokio::fs::metadata(path)
        .await
        .and_then(|it| it.modified())
        .map(|at| at.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age.as_secs() > 600)
}

/// Every file below a folder, which need not be there.
async fn below(folder: PathBuf) -> io::Result<Vec<PathBuf>> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                collect(&entry.path(), found)?;
            } else {
                found.push(entry.path());
            }
        }
        Ok(())
    }
    let listed = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        collect(&folder, &mut found).map(|()| found)
    });
    listed.await.map_err(io::Error::other)?
}
