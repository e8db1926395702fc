//! Clears what no row knows: pictures whose film never came to have them, because the server stopped in between.
//!
//! Runs once after a start, beside the requests. The bytes of films are seen to where bytes are kept.

use std::io;
use std::path::{Path, PathBuf};

use super::model::Error;
use super::service::{Movies, Result};
use super::store;
use super::trash::remove_if_there;

impl Movies {
    /// Removes pictures that belong to no film, and says how many they were.
    ///
    /// # Errors
    /// When the folder or the database cannot be read.
    pub async fn reconcile(&self) -> Result<usize> {
        let mut removed = 0;
        for path in files_in(self.posters.to_path_buf()).await? {
            removed += usize::from(self.clear_poster(path).await?);
        }
        if removed > 0 {
            tracing::info!(count = removed, "removed pictures that belong to no film");
        }
        Ok(removed)
    }

    /// A picture that is being drawn ends with `.part`; its worker begins anew after a start.
    async fn clear_poster(&self, path: PathBuf) -> Result<bool> {
        let Some(key) = stem(&path).map(str::to_owned) else {
            return Ok(false);
        };
        let is_draft = path.extension().is_none_or(|it| it != "jpg");
        let row = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::posters::find(conn, &key)?))
            .await?;
        if is_draft || row.is_some() || !is_old(&path).await {
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

/// Every file in a folder, which need not be there.
async fn files_in(folder: PathBuf) -> io::Result<Vec<PathBuf>> {
    let mut entries = match tokio::fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_type().await?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
