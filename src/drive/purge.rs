//! The end of entries: first out of the tree, then row by row, and the bytes when nobody else has them.
//!
//! An entry that is to be removed loses its folder at once, and with it every way to it. Its rows follow in batches,
//! so that no transaction is long however much is below it: right away, and by a durable job when that is cut short.
//! What is under construction (a copy of a folder) has no folder either, until it is whole; it is marked with the time
//! from which it counts as left behind.
//!
//! Something that was thrown away before the folder around it stays in the trash, in the root, when that folder goes.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::model::{Error, IfMatch, Kind, Row};
use super::service::{Act, Drive, Result};
use super::store::{self, RowChanges, bulk, versions};
use super::{quota, tree};
use crate::blobs;
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::{AccountId, BlobId, EntryId};
use crate::jobs::{Failure, Handlers, Jobs, NewJob, Outcome, Task};

/// Purges an entry whose time in the trash is over.
pub(super) const EXPIRE: &str = "drive_expire";

/// Removes what has left somebody's tree.
pub(super) const REMOVE: &str = "drive_remove";

/// Rows that one transaction removes.
const BATCH: usize = 256;

/// Batches that a request waits for; the job does the rest.
const BATCHES_AT_ONCE: usize = 40;

/// The subjects of the jobs say what they name, so that nobody takes it for a film.
const ENTRY: &str = "entry:";
const DRIVE: &str = "drive:";

pub(super) fn subject_of_entry(id: &EntryId) -> String {
    format!("{ENTRY}{id}")
}

impl Drive {
    /// What the workers do for drives.
    #[must_use]
    pub fn handlers(&self) -> Handlers {
        let (expire, remove) = (self.clone(), self.clone());
        Handlers::default()
            .on(EXPIRE, move |task| expire.clone().expire(task))
            .on(REMOVE, move |task| remove.clone().remove(task))
    }

    /// Removes an entry in the trash for good, with all that is below it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Changed`], [`Error::NotInTrash`].
    pub async fn purge(&self, owner: AccountId, id: EntryId, if_match: IfMatch) -> Result<()> {
        let act = self.act(owner.clone());
        self.write(act, move |conn, act| {
            let (node, _) = tree::seen_in(conn, &act.owner, &id)?;
            if_match.check(&node)?;
            if node.trashed_at.is_none() {
                return Err(Error::NotInTrash);
            }
            detach_in(conn, &node)?;
            enqueue_in(conn, &act.owner, act.now, act.now)
        })
        .await?;
        self.remove_now(owner).await;
        Ok(())
    }

    /// Removes everything in the trash for good.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn empty_trash(&self, owner: AccountId) -> Result<()> {
        let act = self.act(owner.clone());
        self.write(act, move |conn, act| {
            if bulk::detach_trash(conn, &act.owner)? > 0 {
                enqueue_in(conn, &act.owner, act.now, act.now)?;
            }
            Ok(())
        })
        .await?;
        self.remove_now(owner).await;
        Ok(())
    }

    /// Removes what has left the tree, so that its room is free when this returns. The job is for the rest.
    pub(super) async fn remove_now(&self, owner: AccountId) {
        for _ in 0..BATCHES_AT_ONCE {
            match self.remove_some(owner.clone()).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "could not remove purged entries at once; the job will");
                    break;
                }
            }
        }
        self.jobs.wake();
    }

    /// One batch; whether there may be more.
    async fn remove_some(&self, owner: AccountId) -> Result<bool> {
        let act = self.act(owner);
        self.write(act, remove_some_in).await
    }

    async fn expire(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let id = EntryId::from(subject(&task, ENTRY)?);
        let found = self
            .db
            .read::<_, Error, _>(move |conn| Ok(bulk::find_any(conn, &id)?))
            .await
            .map_err(Failure::passing)?;
        let Some((row, at)) = found.and_then(|row| Some((row.clone(), row.trashed_at?))) else {
            return Ok(Outcome::Done);
        };
        let due = at + TimeDelta::days(self.trash_days);
        if due > self.clock.now() {
            return Ok(Outcome::Again(due));
        }
        match self.purge(row.account_id, row.id, IfMatch::default()).await {
            Ok(()) | Err(Error::NotFound | Error::NotInTrash) => Ok(Outcome::Done),
            Err(error) => Err(Failure::passing(error)),
        }
    }

    async fn remove(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let owner = AccountId::from(subject(&task, DRIVE)?);
        while self
            .remove_some(owner.clone())
            .await
            .map_err(Failure::passing)?
        {}
        self.jobs.wake();
        Ok(Outcome::Done)
    }
}

fn subject(task: &Task, prefix: &str) -> std::result::Result<uuid::Uuid, Failure> {
    let id = task.subject.strip_prefix(prefix).unwrap_or_default();
    uuid::Uuid::try_parse(id).map_err(Failure::lasting)
}

/// Takes an entry in the trash out of the tree.
pub(super) fn detach_in(conn: &mut Conn, row: &Row) -> db::Result<()> {
    let changes = RowChanges {
        parent_id: Some(None),
        ..RowChanges::default()
    };
    store::update(conn, &row.id, &changes)
}

/// Plans the removal of what has left the tree.
pub(super) fn enqueue_in(
    conn: &mut Conn,
    owner: &AccountId,
    now: Time,
    run_at: Time,
) -> Result<()> {
    let job = NewJob::new(REMOVE, format!("{DRIVE}{owner}"), run_at);
    Ok(Jobs::enqueue_in(conn, now, job)?)
}

pub(super) fn remove_some_in(conn: &mut Conn, act: &Act) -> Result<bool> {
    let mut budget = BATCH;
    let mut freed = 0;
    while budget > 0 {
        let Some(top) = bulk::next_detached(conn, &act.owner, act.now)? else {
            break;
        };
        let at = deepest_folder(conn, top)?;
        freed += remove_leaves(conn, act, &at, &mut budget)?;
    }
    quota::give_back_in(conn, &act.owner, freed)?;
    Ok(budget == 0)
}

/// A folder without folders in it, or the file itself.
fn deepest_folder(conn: &mut Conn, top: Row) -> Result<Row> {
    let mut at = top;
    while let Some(folder) = store::some_children(conn, &at.id, Kind::Folder, 1)?.pop() {
        at = folder;
    }
    Ok(at)
}

/// Removes files of a folder, and the folder when none is left. Answers the bytes that are free.
fn remove_leaves(conn: &mut Conn, act: &Act, at: &Row, budget: &mut usize) -> Result<i64> {
    if !at.is_folder() {
        *budget -= 1;
        return remove_files(conn, act, std::slice::from_ref(at));
    }
    let limit = i64::try_from(*budget).unwrap_or(i64::MAX);
    let files = store::some_children(conn, &at.id, Kind::File, limit)?;
    let freed = remove_files(conn, act, &files)?;
    *budget -= files.len();
    if *budget > 0 {
        if at.is_root() {
            // Its owner leaves: nothing is rescued.
            bulk::detach_trash(conn, &act.owner)?;
        } else {
            bulk::rescue_trash(conn, &at.id, &tree::root_id(&act.owner))?;
        }
        store::delete(conn, std::slice::from_ref(&at.id))?;
        *budget -= 1;
    }
    Ok(freed)
}

fn remove_files(conn: &mut Conn, act: &Act, files: &[Row]) -> Result<i64> {
    let ids: Vec<EntryId> = files.iter().map(|row| row.id.clone()).collect();
    let kept = versions::of_all(conn, &ids)?;
    let contents = files
        .iter()
        .filter_map(|row| Some((row.blob_id.clone()?, row.size)));
    let contents = contents.chain(kept.into_iter().map(|row| (row.blob_id, row.size)));
    let mut freed = 0;
    let mut held: BTreeMap<BlobId, i64> = BTreeMap::new();
    for (blob, size) in contents {
        freed += size;
        *held.entry(blob).or_default() += 1;
    }
    store::delete(conn, &ids)?;
    for (blob, count) in held {
        blobs::release_in(conn, act.now, &blob, count)?;
    }
    Ok(freed)
}
