//! Which processes on this data folder are alive, so that a start need not wait for the leases of one that was killed.
//!
//! Each process keeps a file in `DIR/nodes`, named by its own id, and holds its lock for as long as it lives: the kernel
//! lets go of it whatever happens. Whoever gets the lock of another's file knows that it has died. A file says, too, in
//! which run of which machine it was written: locks that reach another machine cannot be relied on, so what was
//! written elsewhere is left to its leases.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Between the process and the taking in the owner of a lease.
const BETWEEN: char = '.';

/// This process, as the leases name it.
#[derive(Debug)]
pub struct Node {
    id: Uuid,
    place: Option<Place>,
}

/// Where this process says that it is alive.
#[derive(Debug)]
struct Place {
    folder: PathBuf,
    run: String,
    /// Its lock is what counts.
    _file: File,
}

/// A process that has died, and whose file nobody else can take meanwhile.
#[derive(Debug)]
pub(super) struct Dead {
    pub id: Uuid,
    path: PathBuf,
    _file: File,
}

impl Node {
    /// A process of which no other one knows: its leases run out when it dies.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            id: Uuid::now_v7(),
            place: None,
        }
    }

    /// A process that says on this data folder that it is alive. Where that cannot be done it is unknown.
    #[must_use]
    pub fn on(data_dir: &Path) -> Self {
        let id = Uuid::now_v7();
        let place = run_of_machine().and_then(|run| settle(&data_dir.join("nodes"), id, run));
        match place {
            Ok(place) => Self {
                id,
                place: Some(place),
            },
            Err(error) => {
                tracing::info!(%error, "jobs of a killed server will wait for their leases");
                Self { id, place: None }
            }
        }
    }

    /// The owner of one more lease.
    pub(super) fn owner(&self) -> String {
        format!("{}{BETWEEN}{}", self.id, Uuid::now_v7())
    }

    /// The processes that died here since this machine was started. The files of those that died before are removed.
    pub(super) fn dead(&self) -> Vec<Dead> {
        let Some(place) = &self.place else {
            return Vec::new();
        };
        let entries = std::fs::read_dir(&place.folder).into_iter().flatten();
        let mut dead = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(id) = name.and_then(|name| Uuid::try_parse(name).ok()) else {
                continue;
            };
            match died(&path) {
                Ok(Some((file, run))) if run == place.run => dead.push(Dead {
                    id,
                    path,
                    _file: file,
                }),
                Ok(Some(_)) => remove(&path),
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(path = %path.display(), %error, "could not look at a node");
                }
            }
        }
        dead
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            remove(&place.folder.join(self.id.to_string()));
        }
    }
}

impl Dead {
    /// What the owner of every lease of this process begins with.
    pub(super) fn prefix(&self) -> String {
        format!("{}{BETWEEN}", self.id)
    }

    /// Nothing is left to be done about it.
    pub(super) fn forget(self) {
        remove(&self.path);
    }
}

/// Writes and locks the file under another name first: from the moment when it can be seen it is locked.
fn settle(folder: &Path, id: Uuid, run: String) -> io::Result<Place> {
    std::fs::create_dir_all(folder)?;
    let draft = folder.join(format!("{id}.part"));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&draft)?;
    file.write_all(run.as_bytes())?;
    file.try_lock()?;
    std::fs::rename(&draft, folder.join(id.to_string()))?;
    Ok(Place {
        folder: folder.to_owned(),
        run,
        _file: file,
    })
}

/// The file and what it says, if whoever wrote it is not alive.
fn died(path: &Path) -> io::Result<Option<(File, String)>> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    if file.try_lock().is_err() {
        return Ok(None);
    }
    let mut run = String::new();
    io::Read::by_ref(&mut file)
        .take(1000)
        .read_to_string(&mut run)?;
    Ok(Some((file, run)))
}

/// Names the time since this machine was started.
fn run_of_machine() -> io::Result<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned())
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(path = %path.display(), %error, "could not remove the file of a node");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_by_a_dead_one(folder: &Path, run: &str) -> Uuid {
        let id = Uuid::now_v7();
        let place = settle(&folder.join("nodes"), id, run.to_owned()).unwrap();
        drop(place);
        id
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder.join("nodes")).unwrap().flatten();
        entries
            .map(|it| it.file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn the_living_are_left_alone_and_the_dead_are_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (Node::on(folder.path()), Node::on(folder.path()));
        assert!(one.dead().is_empty() && other.dead().is_empty());
        let gone = left_by_a_dead_one(folder.path(), &run_of_machine().unwrap());
        let found = one.dead();
        assert_eq!(found.iter().map(|it| it.id).collect::<Vec<_>>(), [gone]);
        assert!(other.dead().is_empty(), "somebody is looking after it");
        found.into_iter().for_each(Dead::forget);
        assert!(one.dead().is_empty());
        let name = other.id.to_string();
        drop(one);
        assert_eq!(
            names(folder.path()),
            [name],
            "an orderly end leaves nothing"
        );
    }

    #[test]
    fn what_was_written_elsewhere_or_before_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::on(folder.path());
        left_by_a_dead_one(folder.path(), "another machine");
        assert!(node.dead().is_empty());
        assert_eq!(names(folder.path()), [node.id.to_string()]);
        std::fs::write(folder.path().join("nodes/notes"), "mine").unwrap();
        assert!(node.dead().is_empty() && names(folder.path()).len() == 2);
    }

    #[test]
    fn owners_begin_with_their_process() {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::on(folder.path());
        let gone = left_by_a_dead_one(folder.path(), &run_of_machine().unwrap());
        let dead = node.dead();
        assert!(dead[0].prefix().starts_with(&gone.to_string()));
        assert!(!node.owner().starts_with(&dead[0].prefix()));
        assert_ne!(node.owner(), node.owner());
    }
}
