//! Renaming and moving: one change, because a client may ask for both.

use super::model::{Changes, Entry, Error, IfMatch};
use super::name::{DrivePath, Name};
use super::service::{Act, Drive, Result};
use super::store::{self, RowChanges};
use super::tree;
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, EntryId};

impl Drive {
    /// Gives an entry another name, puts it into another folder, or both. Onto itself is no change.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Changed`], [`Error::Root`], [`Error::Cycle`], [`Error::TooDeep`],
    /// [`Error::NotAFolder`]; [`Error::NameTaken`] unless the conflict is to be solved.
    pub async fn change(
        &self,
        owner: AccountId,
        id: EntryId,
        changes: Changes,
        if_match: IfMatch,
    ) -> Result<Entry> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            change_in(conn, act, &id, &changes, &if_match)
        })
        .await
    }

    /// Says when the content of what a path names has changed, as far as its owner knows.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn set_modified(&self, owner: AccountId, path: DrivePath, at: Time) -> Result<()> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            let node = tree::resolve_in(conn, &act.owner, &path)?.ok_or(Error::NotFound)?;
            let changes = RowChanges {
                modified_at: Some(at),
                ..RowChanges::default()
            };
            Ok(store::update(conn, &node.id, &changes)?)
        })
        .await
    }
}

fn change_in(
    conn: &mut Conn,
    act: &Act,
    id: &EntryId,
    changes: &Changes,
    if_match: &IfMatch,
) -> Result<Entry> {
    let (node, way) = tree::live_in(conn, &act.owner, id)?;
    if_match.check(&node)?;
    let Some(parent_id) = node.parent_id.clone() else {
        return Err(Error::Root);
    };
    let to = changes.parent.clone().unwrap_or_else(|| parent_id.clone());
    let name = match &changes.name {
        Some(name) => name.clone(),
        None => Name::parse(&node.name).map_err(Error::name("name"))?,
    };
    if to == parent_id && name.as_str() == node.name {
        let path = way.path();
        return Ok(Entry { node, path });
    }
    let (folder, into) = tree::folder_in(conn, &act.owner, &to, "parent_id")?;
    if folder.id == node.id || into.above.contains(&node.id) {
        return Err(Error::Cycle);
    }
    if node.is_folder() {
        tree::check_subtree_fits(conn, &node.id, &into, &name)?;
    }
    let taking = (&name, node.kind);
    let name = tree::take_name_in(
        conn,
        act,
        &folder.id,
        taking,
        changes.on_conflict,
        Some(&node.id),
    )?;
    let changes = RowChanges {
        parent_id: Some(Some(folder.id.clone())),
        name: Some(name.to_string()),
        taken_name: Some(Some(name.to_string())),
        sort_name: Some(name.sort_key()),
        ..RowChanges::default()
    };
    store::update(conn, &node.id, &changes)?;
    Drive::get_in(conn, &act.owner, &node.id)
}
