//! What the demo has made so far, and the passwords that it invented: `demo.json` in the data folder, mode 0600.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rand::seq::IndexedRandom as _;
use serde::{Deserialize, Serialize};

const FILE: &str = "demo.json";

/// Signs that are not taken for one another.
const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A way into the demo house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub username: String,
    pub password: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notebook {
    pub sign_ins: Vec<SignIn>,
    /// The accounts have been made.
    pub is_peopled: bool,
    /// Names of the other things that have been made.
    pub done: Vec<String>,
}

impl Notebook {
    /// A new one, with a password for each name.
    pub(super) fn new(usernames: &[&str]) -> Self {
        let sign_in = |name: &&str| SignIn {
            username: (*name).to_owned(),
            password: invent_password(),
        };
        Self {
            sign_ins: usernames.iter().map(sign_in).collect(),
            is_peopled: false,
            done: Vec::new(),
        }
    }

    pub(super) fn load(data_dir: &Path) -> io::Result<Option<Self>> {
        match fs::read(place(data_dir)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file as a whole.
    pub(super) fn save(&self, data_dir: &Path) -> io::Result<()> {
        let fresh = data_dir.join("demo.json.new");
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        fs::rename(&fresh, place(data_dir))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.done.iter().any(|it| it == name)
    }

    pub(super) fn note(&mut self, name: &str, data_dir: &Path) -> io::Result<()> {
        self.done.push(name.to_owned());
        self.save(data_dir)
    }
}

fn place(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

/// `kx7m-9prt-2hvw`: 59 bits.
fn invent_password() -> String {
    let mut random = rand::rng();
    let mut group = || -> String {
        let signs = (0..4).filter_map(|_| SIGNS.choose(&mut random));
        signs.map(|sign| char::from(*sign)).collect()
    };
    [group(), group(), group()].join("-")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_was_noted_is_read_back_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Notebook::load(folder.path()).unwrap(), None);
        let mut notebook = Notebook::new(&["admin", "vip"]);
        notebook.note("film 1", folder.path()).unwrap();
        let read = Notebook::load(folder.path()).unwrap().unwrap();
        assert_eq!(read, notebook);
        assert!(read.has("film 1") && !read.has("film 2"));
        let mode = fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(Notebook::load(folder.path()).is_err());
    }

    #[test]
    fn passwords_are_long_enough_and_differ() {
        let (one, other) = (invent_password(), invent_password());
        assert_eq!(one.len(), 14);
        assert_ne!(one, other);
    }
}
