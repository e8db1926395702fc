//! Transfers that are under way, so that the same command goes on after a kill.
//!
//! One file for each server and key, in a folder of the configuration, written before the first
//! byte moves and deleted when the transfer is done or cannot be. The key names what is moved, for
//! example by the fingerprint of its content.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::{self, ConfigDir};

/// What is in the file. The server stands inside too, because names that differ only in special
/// characters share a file name.
#[derive(Debug, Serialize, Deserialize)]
struct Content<T> {
    server: String,
    #[serde(flatten)]
    state: T,
}

/// Where the state of one transfer is kept.
#[derive(Clone, Debug)]
pub struct StateFile {
    path: PathBuf,
    server: String,
}

impl StateFile {
    /// The file of `key` (letters, digits and dashes) in `folder`.
    pub fn new(config: &ConfigDir, folder: &str, server: &str, key: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let host: String = server.chars().map(plain).take(120).collect();
        Self {
            path: config.path(folder).join(format!("{key}-{host}.json")),
            server: server.to_owned(),
        }
    }

    /// What is kept, if it is for this server.
    pub fn read<T: DeserializeOwned>(&self) -> anyhow::Result<Option<T>> {
        let content: Option<Content<T>> = config::read_json(&self.path)?;
        let ours = content.filter(|it| it.server == self.server);
        Ok(ours.map(|it| it.state))
    }

    /// Replaces what is kept.
    pub fn write<T: Serialize>(&self, state: &T) -> anyhow::Result<()> {
        let content = Content {
            server: self.server.clone(),
            state,
        };
        config::write_json(&self.path, &content)
    }

    /// Deletes it, if it is there.
    pub fn forget(&self) -> anyhow::Result<()> {
        config::delete(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct State {
        at: u64,
    }

    #[test]
    fn it_is_kept_until_it_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let config = ConfigDir::at(home.path());
        let file = StateFile::new(&config, "uploads", "http://h/", "k");
        assert_eq!(file.read::<State>().unwrap(), None);
        for at in [1, 2] {
            file.write(&State { at }).unwrap();
            assert_eq!(file.read().unwrap(), Some(State { at }));
        }
        file.forget().unwrap();
        assert_eq!(file.read::<State>().unwrap(), None);
        file.forget().unwrap();
    }

    #[test]
    fn another_server_and_another_key_are_other_transfers() {
        let home = tempfile::tempdir().unwrap();
        let config = ConfigDir::at(home.path());
        let file = |server: &str, key: &str| StateFile::new(&config, "uploads", server, key);
        file("http://a.b/", "k").write(&State { at: 1 }).unwrap();
        for (server, key) in [
            ("http://a_b/", "k"),
            ("http://c/", "k"),
            ("http://a.b/", "l"),
        ] {
            let other = file(server, key).read::<State>().unwrap();
            assert_eq!(other, None, "{server} {key}");
        }
    }
}
