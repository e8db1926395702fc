//! Copies: new entries over the same bytes. Only references are counted, and the room that the copy takes up.
//!
//! A folder is copied in batches, out of sight: the copy has no folder until it is whole, and then gets its place in
//! one step. A copy that is cut short is removed like anything else that has left the tree. It is not a picture of
//! one moment: what changes in the source meanwhile is copied before or after the change.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use playhouse_api::uploads::OnConflict;

use super::model::{Content, Entry, Error, IfMatch, Kind, Node, Row};
use super::name::Name;
use super::properties;
use super::purge;
use super::quota::{self, Delta};
use super::service::{Act, Drive, Result};
use super::store::{self, RowChanges};
use super::tree;
use crate::blobs;
use crate::db::Conn;
use crate::ids::{AccountId, BlobId, EntryId};

/// Entries that one transaction copies.
const BATCH: usize = 500;

/// Entries that one copy may have.
const MAX_ENTRIES: usize = 200_000;

/// After this a copy that is not whole counts as left behind.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// Where a copy goes.
#[derive(Clone, Debug)]
pub struct CopyTo {
    pub parent: EntryId,
    /// The name it has when None.
    pub name: Option<Name>,
    pub on_conflict: OnConflict,
}

/// How far the copy of a folder is.
#[derive(Clone, Debug)]
struct Copying {
    top: EntryId,
    name: Name,
    /// Folders whose children are still to be copied.
    pending: Vec<Pending>,
    made: usize,
}

#[derive(Clone, Debug)]
struct Pending {
    from: EntryId,
    to: EntryId,
    /// The name of the last child that has been copied.
    after: Option<String>,
}

/// What one transaction came to.
enum Step {
    Done(Box<Entry>),
    GoOn(Copying),
}

impl Drive {
    /// Copies a file, or a folder with all that is below it. What is in the trash is not copied, nor are versions.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFolder`], [`Error::Cycle`], [`Error::TooDeep`], [`Error::TooMany`],
    /// [`Error::OverQuota`], [`Error::Changed`]; [`Error::NameTaken`] unless the conflict is to be solved.
    pub async fn copy(
        &self,
        owner: AccountId,
        id: EntryId,
        to: CopyTo,
        if_match: IfMatch,
    ) -> Result<Entry> {
        let act = self.act(owner.clone());
        let target = to.clone();
        let mut step = self
            .write(act, move |conn, act| {
                begin_in(conn, act, &id, &target, &if_match)
            })
            .await?;
        loop {
            let copying = match step {
                Step::Done(entry) => return Ok(*entry),
                Step::GoOn(copying) => copying,
            };
            let (act, target) = (self.act(owner.clone()), to.clone());
            let top = copying.top.clone();
            let gone_on = self
                .write(act, move |conn, act| {
                    go_on_in(conn, act, copying.clone(), &target)
                })
                .await;
            step = match gone_on {
                Ok(step) => step,
                Err(error) => {
                    self.give_up(owner, top).await;
                    return Err(error);
                }
            };
        }
    }

    /// Removes a copy that will not become whole.
    async fn give_up(&self, owner: AccountId, top: EntryId) {
        let act = self.act(owner.clone());
        let left_behind = self.write(act, move |conn, act| {
            let changes = RowChanges {
                trashed_at: Some(Some(act.now)),
                ..RowChanges::default()
            };
            Ok(store::update(conn, &top, &changes)?)
        });
        if let Err(error) = left_behind.await {
            tracing::warn!(%error, "could not clear a broken copy away; the job will");
        }
        self.remove_now(owner).await;
    }
}

fn begin_in(
    conn: &mut Conn,
    act: &Act,
    id: &EntryId,
    to: &CopyTo,
    if_match: &IfMatch,
) -> Result<Step> {
    let (source, _) = tree::live_in(conn, &act.owner, id)?;
    if_match.check(&source)?;
    if source.is_root() {
        return Err(Error::Cycle);
    }
    let (folder, into) = tree::folder_in(conn, &act.owner, &to.parent, "parent_id")?;
    if folder.id == source.id || into.above.contains(&source.id) {
        return Err(Error::Cycle);
    }
    let name = match &to.name {
        Some(name) => name.clone(),
        None => Name::parse(&source.name).map_err(Error::name("name"))?,
    };
    check_target(conn, &source, &folder, &name, to.on_conflict)?;
    if source.is_folder() {
        begin_folder(conn, act, &source, name, to)
    } else {
        copy_file(conn, act, &source, &folder, &name, to.on_conflict)
    }
}

/// What is known before the work begins.
fn check_target(
    conn: &mut Conn,
    source: &Node,
    folder: &Node,
    name: &Name,
    on_conflict: OnConflict,
) -> Result<()> {
    let there = store::find_child(conn, &folder.id, name.as_str())?;
    match on_conflict {
        OnConflict::Fail if there.is_some() => Err(Error::NameTaken(name.to_string())),
        // Replacing something by its own copy would throw it away.
        OnConflict::Replace if there.is_some_and(|it| it.id == source.id) => {
            Err(Error::NameTaken(name.to_string()))
        }
        _ => Ok(()),
    }
}

fn copy_file(
    conn: &mut Conn,
    act: &Act,
    source: &Node,
    folder: &Node,
    name: &Name,
    on_conflict: OnConflict,
) -> Result<Step> {
    let Some(blob_id) = source.blob_id.clone() else {
        return Err(Error::NotFound);
    };
    quota::change_in(conn, act, Delta::used(source.size))?;
    let taking = (name, Kind::File);
    let name = tree::take_name_in(conn, act, &folder.id, taking, on_conflict, None)?;
    blobs::hold_in(conn, &blob_id, 1)?;
    let content = Content {
        blob_id,
        size: source.size,
        content_type: source.content_type.clone(),
        modified_at: source.modified_at,
    };
    let node = tree::insert_in(conn, act, &folder.id, &name, Some(&content))?;
    properties::copy_in(conn, &[(source.id.clone(), node.id.clone())])?;
    done(conn, act, &node.id)
}

fn done(conn: &mut Conn, act: &Act, id: &EntryId) -> Result<Step> {
    let entry = Drive::get_in(conn, &act.owner, id)?;
    Ok(Step::Done(Box::new(entry)))
}

fn begin_folder(
    conn: &mut Conn,
    act: &Act,
    source: &Node,
    name: Name,
    to: &CopyTo,
) -> Result<Step> {
    let until = act.now + PATIENCE;
    let top = Row {
        id: EntryId::generate(),
        parent_id: None,
        name: name.to_string(),
        sort_name: name.sort_key(),
        trashed_at: Some(until),
        ..copy_of(act, source, None)
    };
    store::insert(conn, std::slice::from_ref(&top))?;
    properties::copy_in(conn, &[(source.id.clone(), top.id.clone())])?;
    purge::enqueue_in(conn, &act.owner, act.now, until)?;
    let pending = vec![Pending {
        from: source.id.clone(),
        to: top.id.clone(),
        after: None,
    }];
    let copying = Copying {
        top: top.id,
        name,
        pending,
        made: 1,
    };
    go_on_in(conn, act, copying, to)
}

/// One batch; with the last one the copy gets its place.
fn go_on_in(conn: &mut Conn, act: &Act, mut copying: Copying, to: &CopyTo) -> Result<Step> {
    let mut budget = BATCH;
    let mut rows = Vec::new();
    let mut copies = Vec::new();
    while budget > 0 {
        let Some(mut at) = copying.pending.pop() else {
            break;
        };
        let limit = i64::try_from(budget).unwrap_or(i64::MAX);
        let children = store::children_after(conn, &at.from, at.after.as_deref(), limit)?;
        budget -= children.len();
        if budget == 0 {
            at.after = children.last().map(|row| row.name.clone());
            copying.pending.push(at.clone());
        }
        for child in children {
            let copy = copy_of(act, &child, Some(&at.to));
            copies.push((child.id.clone(), copy.id.clone()));
            if child.is_folder() {
                copying.pending.push(Pending {
                    from: child.id,
                    to: copy.id.clone(),
                    after: None,
                });
            }
            rows.push(copy);
        }
    }
    copying.made += rows.len();
    if copying.made > MAX_ENTRIES {
        return Err(Error::TooMany { max: MAX_ENTRIES });
    }
    insert_copies(conn, act, &rows)?;
    properties::copy_in(conn, &copies)?;
    if copying.pending.is_empty() {
        attach_in(conn, act, &copying, to)
    } else {
        Ok(Step::GoOn(copying))
    }
}

fn copy_of(act: &Act, source: &Row, parent: Option<&EntryId>) -> Row {
    Row {
        id: EntryId::generate(),
        parent_id: parent.cloned(),
        taken_name: parent.map(|_| source.name.clone()),
        revision: 1,
        created_at: act.now,
        trashed_at: None,
        ..source.clone()
    }
}

fn insert_copies(conn: &mut Conn, act: &Act, rows: &[Row]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut held: BTreeMap<&BlobId, i64> = BTreeMap::new();
    for blob in rows.iter().filter_map(|row| row.blob_id.as_ref()) {
        *held.entry(blob).or_default() += 1;
    }
    quota::change_in(
        conn,
        act,
        Delta::used(rows.iter().map(|row| row.size).sum()),
    )?;
    for (blob, count) in held {
        blobs::hold_in(conn, blob, count)?;
    }
    Ok(store::insert(conn, rows)?)
}

/// Gives a whole copy its place, which is looked at again: it may have changed since the beginning.
fn attach_in(conn: &mut Conn, act: &Act, copying: &Copying, to: &CopyTo) -> Result<Step> {
    let top = store::find(conn, &act.owner, &copying.top)?;
    let is_ours = top.is_some_and(|it| it.trashed_at.is_some_and(|until| until > act.now));
    if !is_ours {
        return Err(Error::NotFound);
    }
    let (folder, into) = tree::folder_in(conn, &act.owner, &to.parent, "parent_id")?;
    tree::check_subtree_fits(conn, &copying.top, &into, &copying.name)?;
    let taking = (&copying.name, Kind::Folder);
    let name = tree::take_name_in(conn, act, &folder.id, taking, to.on_conflict, None)?;
    let changes = RowChanges {
        parent_id: Some(Some(folder.id.clone())),
        name: Some(name.to_string()),
        taken_name: Some(Some(name.to_string())),
        sort_name: Some(name.sort_key()),
        trashed_at: Some(None),
        ..RowChanges::default()
    };
    store::update(conn, &copying.top, &changes)?;
    done(conn, act, &copying.top)
}
