//! The configuration folder: credentials, and uploads that are under way.
//!
//! `$PLAYHOUSE_CONFIG_DIR`, else `$XDG_CONFIG_HOME/playhouse`, else `~/.config/playhouse`. The
//! folder is for its owner only (0700), and so is every file in it (0600). A file is replaced
//! whole, so a crash leaves the old or the new one.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use playhouse_api::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const CREDENTIALS: &str = "credentials.json";

/// The configuration folder. It is made when something is first kept in it.
#[derive(Clone, Debug)]
pub struct ConfigDir(PathBuf);

/// Who is signed in where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Credentials {
    /// The server of the last login: the one that is meant when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_server: Option<String>,
    /// The last login at each server, by its address; for whichever program has none of its own.
    #[serde(default)]
    pub servers: BTreeMap<String, Credential>,
    /// The logins of each program, by its name, so that an admin may be a member next door.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub programs: BTreeMap<String, BTreeMap<String, Credential>>,
}

impl Credentials {
    /// What a program is to use at a server.
    pub fn of(&self, program: &str, server: &str) -> Option<&Credential> {
        let own = self.programs.get(program).and_then(|own| own.get(server));
        own.or_else(|| self.servers.get(server))
    }

    pub fn keep(&mut self, program: &str, server: &str, credential: Credential) {
        let own = self.programs.entry(program.to_owned()).or_default();
        own.insert(server.to_owned(), credential.clone());
        self.servers.insert(server.to_owned(), credential);
        self.last_server = Some(server.to_owned());
    }

    /// Forgets what a program used at a server, wherever it is kept.
    pub fn forget(&mut self, program: &str, server: &str) {
        let Some(token) = self.of(program, server).map(|it| it.token.clone()) else {
            return;
        };
        let is_other = |at: &String, it: &mut Credential| at != server || it.token != token;
        self.servers.retain(is_other);
        for own in self.programs.values_mut() {
            own.retain(is_other);
        }
        self.programs.retain(|_, own| !own.is_empty());
    }
}

/// One login.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Credential {
    pub username: String,
    pub token: Secret,
    pub expires_at: DateTime<Utc>,
}

impl ConfigDir {
    /// The folder that the environment says.
    pub fn from_environment() -> anyhow::Result<Self> {
        let set = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let under = |base: PathBuf| base.join("playhouse");
        set("PLAYHOUSE_CONFIG_DIR")
            .or_else(|| set("XDG_CONFIG_HOME").map(under))
            .or_else(|| set("HOME").map(|home| under(home.join(".config"))))
            .map(Self)
            .context("no configuration folder: set PLAYHOUSE_CONFIG_DIR or HOME")
    }

    /// A folder of the caller's choice.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes the folder, for files that are not written by [`write_json`].
    pub fn prepare(&self) -> io::Result<()> {
        make_folder(&self.0)
    }

    /// The credentials; none if nobody has signed in yet.
    pub fn credentials(&self) -> anyhow::Result<Credentials> {
        let path = self.path(CREDENTIALS);
        warn_if_others_may_read(&path);
        Ok(read_json(&path)?.unwrap_or_default())
    }

    pub fn keep_credentials(&self, credentials: &Credentials) -> anyhow::Result<()> {
        write_json(&self.path(CREDENTIALS), credentials)
    }
}

/// Reads a file; `None` if there is none.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let value = serde_json::from_slice(&text)
        .with_context(|| format!("{} is damaged; delete it and go on", path.display()))?;
    Ok(Some(value))
}

/// Replaces a file whole, for its owner only.
pub fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_vec_pretty(value)?;
    replace(path, &text).with_context(|| format!("cannot write {}", path.display()))
}

/// Deletes a file, if it is there.
pub fn delete(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let written = write_private(&draft, text).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    // A file left over from a crash keeps its old mode.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(text)?;
    file.sync_all()
}

fn warn_if_others_may_read(path: &Path) {
    let mode = fs::metadata(path).map_or(0, |it| it.permissions().mode());
    if mode & 0o077 != 0 {
        eprintln!(
            "warning: others may read {}; run chmod 600 on it",
            path.display()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(token: &str) -> Credentials {
        let credential = Credential {
            username: "admin".to_owned(),
            token: Secret::new(token),
            expires_at: DateTime::UNIX_EPOCH,
        };
        Credentials {
            last_server: Some("http://h/".to_owned()),
            servers: BTreeMap::from([("http://h/".to_owned(), credential)]),
            ..Credentials::default()
        }
    }

    #[test]
    fn each_program_keeps_its_own_login_and_borrows_the_last_one() {
        let login = |token: &str| credentials(token).servers["http://h/"].clone();
        let mut kept = credentials("from before");
        let token = |kept: &Credentials, program: &str| {
            kept.of(program, "http://h/").map(|it| it.token.clone())
        };
        assert_eq!(token(&kept, "admin"), Some(Secret::new("from before")));
        kept.keep("admin", "http://h/", login("a"));
        assert_eq!(token(&kept, "member"), Some(Secret::new("a")));
        kept.keep("member", "http://h/", login("m"));
        assert_eq!(token(&kept, "admin"), Some(Secret::new("a")));
        assert_eq!(token(&kept, "member"), Some(Secret::new("m")));
        assert_eq!(kept.of("admin", "http://other/"), None);

        kept.forget("member", "http://h/");
        assert_eq!(token(&kept, "member"), None);
        assert_eq!(token(&kept, "admin"), Some(Secret::new("a")));
        // What was borrowed is forgotten by its owner as well: it has ended.
        kept.keep("admin", "http://h/", login("b"));
        kept.forget("member", "http://h/");
        assert_eq!(token(&kept, "admin"), None);
        assert!(kept.programs.is_empty() && kept.servers.is_empty());
    }

    #[test]
    fn credentials_are_kept_for_their_owner_only() {
        let home = tempfile::tempdir().unwrap();
        let config = ConfigDir::at(&home.path().join("a/b"));
        assert_eq!(config.credentials().unwrap(), Credentials::default());

        config.keep_credentials(&credentials("one")).unwrap();
        config.keep_credentials(&credentials("two")).unwrap();
        assert_eq!(config.credentials().unwrap(), credentials("two"));

        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&config.path(CREDENTIALS)), 0o600);
        assert_eq!(mode(&home.path().join("a/b")), 0o700);
        assert_eq!(fs::read_dir(home.path().join("a/b")).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_file_is_named() {
        let home = tempfile::tempdir().unwrap();
        let config = ConfigDir::at(home.path());
        fs::write(config.path(CREDENTIALS), "{").unwrap();
        let error = config.credentials().unwrap_err();
        assert!(format!("{error:#}").contains(CREDENTIALS));
    }

    #[test]
    fn deleting_what_is_not_there_is_fine() {
        let home = tempfile::tempdir().unwrap();
        delete(&home.path().join("x")).unwrap();
    }
}
