//! Properties that WebDAV clients keep with an entry: XML that means nothing here.
//!
//! They belong to the entry: they stay when it is renamed, moved, replaced or thrown away, are copied with it, and are
//! gone with its row. What an entry may have of them is bounded, so they do not count for the quota.

use std::collections::HashMap;

use playhouse_api::drive::EntrySort;
use playhouse_api::page::Page;

use super::model::{Entry, EntryKey, Error};
use super::service::{Drive, Result};
use super::store::properties::{self, PropertyRow};
use super::{listing, tree};
use crate::db::Conn;
use crate::ids::{AccountId, EntryId};
use crate::page::PageRequest;

/// Properties of one entry, and the bytes of all of them.
const MAX_COUNT: usize = 64;
const MAX_BYTES: usize = 16 << 10;

/// A property of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Empty when it has none.
    pub namespace: String,
    pub name: String,
    /// The element itself, as XML.
    pub value: String,
}

impl Drive {
    /// Sets properties (`true`) and removes them, one after the other; all or none. To remove what is not there is no
    /// error.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooManyProperties`].
    pub async fn change_properties(
        &self,
        owner: AccountId,
        id: EntryId,
        changes: Vec<(bool, Property)>,
    ) -> Result<()> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            if id == tree::root_id(&act.owner) {
                tree::ensure_root_in(conn, &act.owner)?;
            }
            let (node, _) = tree::live_in(conn, &act.owner, &id)?;
            change_in(conn, &node.id, &changes)
        })
        .await
    }

    /// Gives one entry the properties of another; what it has besides stays.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooManyProperties`].
    pub async fn copy_properties(
        &self,
        owner: AccountId,
        from: EntryId,
        to: EntryId,
    ) -> Result<()> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            let (from, _) = tree::live_in(conn, &act.owner, &from)?;
            let (to, _) = tree::live_in(conn, &act.owner, &to)?;
            let rows = properties::of_all(conn, std::slice::from_ref(&from.id))?;
            let changes: Vec<_> = rows.into_iter().map(|row| (true, row.into())).collect();
            change_in(conn, &to.id, &changes)
        })
        .await
    }

    /// A page of a folder's children by name, and their properties if they are wanted.
    ///
    /// # Errors
    /// As for [`Drive::list`].
    pub async fn list_with_properties(
        &self,
        owner: AccountId,
        folder: EntryId,
        page: PageRequest<EntryKey>,
        with_properties: bool,
    ) -> Result<(Page<Entry>, HashMap<EntryId, Vec<Property>>)> {
        self.db
            .read(move |conn| {
                let (node, way) = tree::live_in(conn, &owner, &folder)?;
                let page = listing::children(conn, &node, &way.path(), EntrySort::Name, &page)?;
                let ids: Vec<EntryId> = page.items.iter().map(|it| it.id.clone()).collect();
                let properties = match with_properties {
                    true => Self::properties_in(conn, &ids)?,
                    false => HashMap::new(),
                };
                Ok((page, properties))
            })
            .await
    }

    /// The properties of entries of one drive; those without any are not in it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn properties_in(
        conn: &mut Conn,
        entries: &[EntryId],
    ) -> Result<HashMap<EntryId, Vec<Property>>> {
        let mut by_entry: HashMap<EntryId, Vec<Property>> = HashMap::new();
        for row in properties::of_all(conn, entries)? {
            by_entry
                .entry(row.entry_id.clone())
                .or_default()
                .push(row.into());
        }
        Ok(by_entry)
    }
}

fn change_in(conn: &mut Conn, id: &EntryId, changes: &[(bool, Property)]) -> Result<()> {
    for (is_set, property) in changes {
        properties::delete(conn, id, &property.namespace, &property.name)?;
        if *is_set {
            let row = PropertyRow {
                entry_id: id.clone(),
                namespace: property.namespace.clone(),
                name: property.name.clone(),
                value: property.value.clone(),
            };
            properties::insert(conn, std::slice::from_ref(&row))?;
        }
    }
    let all = properties::of_all(conn, std::slice::from_ref(id))?;
    let bytes = |row: &PropertyRow| row.namespace.len() + row.name.len() + row.value.len();
    if all.len() > MAX_COUNT || all.iter().map(bytes).sum::<usize>() > MAX_BYTES {
        return Err(Error::TooManyProperties);
    }
    Ok(())
}

/// Gives copies the properties of what they are copies of.
pub(super) fn copy_in(conn: &mut Conn, copies: &[(EntryId, EntryId)]) -> Result<()> {
    let sources: Vec<EntryId> = copies.iter().map(|(from, _)| from.clone()).collect();
    let mut rows: HashMap<EntryId, Vec<PropertyRow>> = HashMap::new();
    for row in properties::of_all(conn, &sources)? {
        rows.entry(row.entry_id.clone()).or_default().push(row);
    }
    for (from, to) in copies {
        let Some(theirs) = rows.get(from) else {
            continue;
        };
        let copied = theirs.iter().map(|row| PropertyRow {
            entry_id: to.clone(),
            ..row.clone()
        });
        properties::insert(conn, &copied.collect::<Vec<_>>())?;
    }
    Ok(())
}

impl From<PropertyRow> for Property {
    fn from(row: PropertyRow) -> Self {
        Self {
            namespace: row.namespace,
            name: row.name,
            value: row.value,
        }
    }
}
