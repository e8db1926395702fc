//! What is known of objects that are on their way in parts: one file of lines for each, on this machine.
//!
//! The first line names the upload, each further one a part that the service has. A line that a crash cut off is left
//! out: its part is sent again. A file that makes no sense counts as none.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::super::BlobHash;

/// The folder of these files.
#[derive(Clone, Debug)]
pub(super) struct Journals {
    folder: PathBuf,
}

/// What is known of one object.
#[derive(Debug)]
pub(super) struct Journal {
    /// The service's name for it.
    pub upload: String,
    pub part_bytes: u64,
    /// What the service called each part that it has, from the first on.
    pub parts: Vec<String>,
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Head {
    upload: String,
    size: u64,
    part_bytes: u64,
}

impl Journals {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, id: &BlobHash) -> PathBuf {
        self.folder.join(id.as_str())
    }

    /// What was begun for an object of this size, if anything was.
    pub(super) async fn open(&self, id: &BlobHash, size: u64) -> io::Result<Option<Journal>> {
        let path = self.path(id);
        let text = match tokio::fs::read_to_string(&path).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let Some(known) = parse(&text).filter(|known| known.head.size == size) else {
            return Ok(None);
        };
        let file = File::options().append(true).open(&path).await?;
        file.set_len(known.length).await?;
        Ok(Some(Journal {
            upload: known.head.upload,
            part_bytes: known.head.part_bytes,
            parts: known.parts,
            file,
        }))
    }

    /// Writes down that an object has been begun.
    pub(super) async fn begin(
        &self,
        id: &BlobHash,
        size: u64,
        part_bytes: u64,
        upload: String,
    ) -> io::Result<Journal> {
        tokio::fs::create_dir_all(&self.folder).await?;
        let head = Head {
            upload,
            size,
            part_bytes,
        };
        let mut line = serde_json::to_vec(&head)?;
        line.push(b'\n');
        let mut file = File::create(self.path(id)).await?;
        file.write_all(&line).await?;
        file.sync_all().await?;
        File::open(&self.folder).await?.sync_all().await?;
        Ok(Journal {
            upload: head.upload,
            part_bytes,
            parts: Vec::new(),
            file,
        })
    }

    /// The service's name for an object that was begun.
    pub(super) async fn upload(&self, id: &BlobHash) -> io::Result<Option<String>> {
        match tokio::fs::read_to_string(self.path(id)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            text => Ok(parse(&text?).map(|known| known.head.upload)),
        }
    }

    pub(super) async fn remove(&self, id: &BlobHash) -> io::Result<()> {
        remove_if_there(&self.path(id)).await
    }

    /// The objects of which nothing was heard for so long.
    pub(super) async fn idle_for(&self, idle: Duration) -> io::Result<Vec<BlobHash>> {
        let mut entries = match tokio::fs::read_dir(&self.folder).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            let age = entry.metadata().await?.modified()?.elapsed();
            let name = entry.file_name();
            if age.unwrap_or_default() >= idle
                && let Some(Ok(id)) = name.to_str().map(str::parse::<BlobHash>)
            {
                found.push(id);
            }
        }
        Ok(found)
    }
}

impl Journal {
    /// Writes down that the service has the next part.
    pub(super) async fn add(&mut self, part: String) -> io::Result<()> {
        let mut line = serde_json::to_vec(&part)?;
        line.push(b'\n');
        self.file.write_all(&line).await?;
        self.file.sync_data().await?;
        self.parts.push(part);
        Ok(())
    }
}

/// What the whole lines of a file say.
struct Known {
    head: Head,
    parts: Vec<String>,
    /// Bytes of these lines.
    length: u64,
}

fn parse(text: &str) -> Option<Known> {
    let mut lines = text
        .split_inclusive('\n')
        .take_while(|it| it.ends_with('\n'));
    let first = lines.next()?;
    let head: Head = serde_json::from_str(first).ok()?;
    let mut known = Known {
        length: first.len() as u64,
        head,
        parts: Vec::new(),
    };
    for line in lines {
        let Ok(part) = serde_json::from_str(line) else {
            break;
        };
        known.parts.push(part);
        known.length += line.len() as u64;
    }
    (known.head.part_bytes > 0).then_some(known)
}

async fn remove_if_there(path: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> BlobHash {
        BlobHash::from(blake3::hash(b"film"))
    }

    #[tokio::test]
    async fn what_was_written_down_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let journals = Journals::new(folder.path().join("adoptions"));
        assert!(journals.open(&id(), 30).await.unwrap().is_none());
        assert_eq!(journals.idle_for(Duration::ZERO).await.unwrap(), []);
        let mut journal = journals.begin(&id(), 30, 10, "up 1".into()).await.unwrap();
        journal.add("\"a\"".to_owned()).await.unwrap();
        journal.add("b".to_owned()).await.unwrap();
        drop(journal);
        let journal = journals.open(&id(), 30).await.unwrap().unwrap();
        assert_eq!((&*journal.upload, journal.part_bytes), ("up 1", 10));
        assert_eq!(journal.parts, ["\"a\"", "b"]);
        assert_eq!(journals.idle_for(Duration::ZERO).await.unwrap(), [id()]);
        let hour = Duration::from_secs(3600);
        assert_eq!(journals.idle_for(hour).await.unwrap(), []);
        assert!(journals.open(&id(), 31).await.unwrap().is_none());
        journals.remove(&id()).await.unwrap();
        journals.remove(&id()).await.unwrap();
        assert_eq!(journals.upload(&id()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_line_that_was_cut_off_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let journals = Journals::new(folder.path().to_owned());
        let mut journal = journals.begin(&id(), 30, 10, "up".into()).await.unwrap();
        journal.add("a".to_owned()).await.unwrap();
        let path = journals.path(&id());
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\"b")).unwrap();
        let mut journal = journals.open(&id(), 30).await.unwrap().unwrap();
        assert_eq!(journal.parts, ["a"]);
        journal.add("c".to_owned()).await.unwrap();
        drop(journal);
        let journal = journals.open(&id(), 30).await.unwrap().unwrap();
        assert_eq!(journal.parts, ["a", "c"]);
        std::fs::write(&path, "{").unwrap();
        assert!(journals.open(&id(), 30).await.unwrap().is_none());
    }
}
