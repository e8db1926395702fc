//! The trash: what was thrown away, and the way back from it. What ends here for good is in [`purge`].
//!
//! Only what was thrown away itself is marked; what lies below it is out of reach with it, and comes back with it.

use chrono::TimeDelta;
use playhouse_api::page::Page;
use playhouse_api::uploads::OnConflict;

use super::model::{Entry, Error, IfMatch, Node, TrashKey};
use super::name::Name;
use super::purge;
use super::service::{Act, Drive, Result};
use super::store::{self, RowChanges};
use super::{listing, tree};
use crate::db::Conn;
use crate::ids::{AccountId, EntryId};
use crate::jobs::{Jobs, NewJob};
use crate::page::PageRequest;

impl Drive {
    /// Puts an entry into the trash, with all that is below it; one that is there stays there.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Changed`], [`Error::Root`].
    pub async fn trash(&self, owner: AccountId, id: EntryId, if_match: IfMatch) -> Result<()> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            let (node, _) = tree::seen_in(conn, &act.owner, &id)?;
            if_match.check(&node)?;
            match () {
                () if node.is_root() => Err(Error::Root),
                () if node.trashed_at.is_some() => Ok(()),
                () => put_in(conn, act, &node),
            }
        })
        .await
    }

    /// A page of what was thrown away, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_trash(
        &self,
        owner: AccountId,
        page: PageRequest<TrashKey>,
    ) -> Result<Page<Entry>> {
        self.db
            .read(move |conn| listing::trash(conn, &owner, &page))
            .await
    }

    /// Takes an entry out of the trash: to the folder that it was in, or to the root when that is not reachable any
    /// more. One that is not in the trash stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Changed`], [`Error::TooDeep`]; [`Error::NameTaken`] unless the conflict is to be
    /// solved.
    pub async fn restore(
        &self,
        owner: AccountId,
        id: EntryId,
        on_conflict: OnConflict,
        if_match: IfMatch,
    ) -> Result<Entry> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            restore_in(conn, act, &id, on_conflict, &if_match)
        })
        .await
    }
}

/// Puts an entry into the trash. Its name is free from then on, and its end is planned.
pub(super) fn put_in(conn: &mut Conn, act: &Act, node: &Node) -> Result<()> {
    let changes = RowChanges {
        taken_name: Some(None),
        trashed_at: Some(Some(act.now)),
        ..RowChanges::default()
    };
    store::update(conn, &node.id, &changes)?;
    let due = act.now + TimeDelta::days(act.trash_days);
    let job = NewJob::new(purge::EXPIRE, purge::subject_of_entry(&node.id), due);
    Ok(Jobs::enqueue_in(conn, act.now, job)?)
}

fn restore_in(
    conn: &mut Conn,
    act: &Act,
    id: &EntryId,
    on_conflict: OnConflict,
    if_match: &IfMatch,
) -> Result<Entry> {
    let (node, way) = tree::seen_in(conn, &act.owner, id)?;
    if_match.check(&node)?;
    if node.trashed_at.is_none() {
        let path = way.path();
        return Ok(Entry { node, path });
    }
    let home = node.parent_id.clone().filter(|_| way.is_open);
    let home = home.unwrap_or_else(|| tree::root_id(&act.owner));
    let (folder, into) = tree::folder_in(conn, &act.owner, &home, "parent_id")?;
    let name = Name::parse(&node.name).map_err(Error::name("name"))?;
    if node.is_folder() {
        tree::check_subtree_fits(conn, &node.id, &into, &name)?;
    }
    let taking = (&name, node.kind);
    let name = tree::take_name_in(conn, act, &folder.id, taking, on_conflict, Some(&node.id))?;
    let changes = RowChanges {
        parent_id: Some(Some(folder.id.clone())),
        name: Some(name.to_string()),
        taken_name: Some(Some(name.to_string())),
        sort_name: Some(name.sort_key()),
        trashed_at: Some(None),
        ..RowChanges::default()
    };
    store::update(conn, &node.id, &changes)?;
    Drive::get_in(conn, &act.owner, &node.id)
}
