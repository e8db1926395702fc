//! Uploads that are under way, so that the same command goes on after a kill.
//!
//! One file in the folder `uploads` of the configuration for each server and fingerprint: the name
//! of the local file may change, its content may not. The file is written as soon as the server
//! has given the upload an id, and deleted when the film is published or cannot be.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::{self, ConfigDir};

/// An upload under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Unfinished {
    /// For people who look into the folder.
    pub(super) path: PathBuf,
    pub(super) size: u64,
    pub(super) upload_id: Uuid,
    /// The server was told to publish it; whether it heard that is not known.
    pub(super) publishing: bool,
}

/// What is in the file. The server stands inside too, because names that differ only in special
/// characters share a file name.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    server: String,
    #[serde(flatten)]
    upload: Unfinished,
}

/// Where one of them is kept.
#[derive(Clone, Debug)]
pub(super) struct UnfinishedFile {
    path: PathBuf,
    server: String,
}

impl Unfinished {
    pub(super) fn new(path: &Path, size: u64, upload_id: Uuid) -> Self {
        Self {
            path: path.to_owned(),
            size,
            upload_id,
            publishing: false,
        }
    }
}

impl UnfinishedFile {
    pub(super) fn new(config: &ConfigDir, server: &str, fingerprint: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let host: String = server.chars().map(plain).collect();
        let path = config
            .path("uploads")
            .join(format!("{fingerprint}-{host}.json"));
        Self {
            path,
            server: server.to_owned(),
        }
    }

    /// What is kept, if it is for this server and a file of this size.
    pub(super) fn read(&self, size: u64) -> anyhow::Result<Option<Unfinished>> {
        let content: Option<Content> = config::read_json(&self.path)?;
        let fits = |it: &Content| it.server == self.server && it.upload.size == size;
        Ok(content.filter(fits).map(|it| it.upload))
    }

    pub(super) fn write(&self, upload: &Unfinished) -> anyhow::Result<()> {
        let content = Content {
            server: self.server.clone(),
            upload: upload.clone(),
        };
        config::write_json(&self.path, &content)
    }

    pub(super) fn forget(&self) -> anyhow::Result<()> {
        config::delete(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINGERPRINT: &str = "7dea362b3fac8e00956a4952a3d4f474";

    fn upload() -> Unfinished {
        Unfinished::new(Path::new("/films/a.mp4"), 10, Uuid::from_u128(7))
    }

    #[test]
    fn it_is_kept_until_it_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let config = ConfigDir::at(home.path());
        let file = UnfinishedFile::new(&config, "http://h/", FINGERPRINT);
        assert_eq!(file.read(10).unwrap(), None);
        file.write(&upload()).unwrap();
        assert_eq!(file.read(10).unwrap(), Some(upload()));
        let publishing = Unfinished {
            publishing: true,
            ..upload()
        };
        file.write(&publishing).unwrap();
        assert_eq!(file.read(10).unwrap(), Some(publishing));
        file.forget().unwrap();
        assert_eq!(file.read(10).unwrap(), None);
        file.forget().unwrap();
    }

    #[test]
    fn another_server_and_another_size_are_other_uploads() {
        let home = tempfile::tempdir().unwrap();
        let config = ConfigDir::at(home.path());
        UnfinishedFile::new(&config, "http://a.b/", FINGERPRINT)
            .write(&upload())
            .unwrap();
        for server in ["http://a_b/", "http://c/"] {
            let other = UnfinishedFile::new(&config, server, FINGERPRINT);
            assert_eq!(other.read(10).unwrap(), None, "{server}");
        }
        let other = UnfinishedFile::new(&config, "http://a.b/", &FINGERPRINT.replace('7', "8"));
        assert_eq!(other.read(10).unwrap(), None);
        let same = UnfinishedFile::new(&config, "http://a.b/", FINGERPRINT);
        assert_eq!(same.read(11).unwrap(), None);
    }
}
