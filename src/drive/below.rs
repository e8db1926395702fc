//! What lies below a folder, seen from that folder: for archives, and for shares, which must not show what is above.

use std::collections::HashMap;

use playhouse_api::drive::EntrySort;
use playhouse_api::page::Page;

use super::model::{Entry, EntryKey, Error, Kind, Node, Row};
use super::name::DrivePath;
use super::service::{Drive, Result};
use super::store::below::{self, Leaf};
use super::{listing, store, tree};
use crate::db::Conn;
use crate::ids::{AccountId, EntryId};
use crate::page::PageRequest;
use crate::transfers::zip;

impl Drive {
    /// What a path names that begins at `top`, which is an entry that is reachable. There is no way from it to what is
    /// above it, beside it, or in the trash.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn walk_in(conn: &mut Conn, top: Node, path: &DrivePath) -> Result<Option<Node>> {
        let mut at = top;
        for name in path.names() {
            match store::find_child(conn, &at.id, name.as_str())? {
                Some(child) => at = child,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// A page of the children of a folder that is reachable, folders first, by name. Paths begin with `path`, which is
    /// what the caller calls the folder.
    ///
    /// # Errors
    /// [`Error::NotAFolder`], [`Error::WrongCursor`].
    pub fn children_in(
        conn: &mut Conn,
        folder: &Node,
        path: &str,
        page: &PageRequest<EntryKey>,
    ) -> Result<Page<Entry>> {
        listing::children(conn, folder, path, EntrySort::Name, page)
    }

    /// Entries of one drive by id, wherever they are, in the trash too.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn describe_in(
        conn: &mut Conn,
        owner: &AccountId,
        ids: &[EntryId],
    ) -> Result<HashMap<EntryId, Entry>> {
        let nodes = below::find_all(conn, owner, ids)?;
        let rows: Vec<&Row> = nodes.iter().map(|node| &node.row).collect();
        let ways = tree::ways_in(conn, &rows)?;
        let entries = nodes.into_iter().zip(ways).map(|(node, way)| {
            let path = way.path();
            (node.id.clone(), Entry { node, path })
        });
        Ok(entries.collect())
    }

    /// Everything below a folder, for an archive of it: read at one moment.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it is more than `most` entries.
    pub fn archive_in(conn: &mut Conn, folder: &EntryId, most: usize) -> Result<Vec<zip::Node>> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let leaves = below::all(conn, folder, limit)?;
        if leaves.len() > most {
            return Err(Error::TooMany { max: most });
        }
        let mut by_folder: HashMap<EntryId, Vec<Leaf>> = HashMap::new();
        for leaf in leaves {
            by_folder
                .entry(leaf.parent_id.clone())
                .or_default()
                .push(leaf);
        }
        Ok(nodes_of(folder, &mut by_folder))
    }
}

/// As deep as the tree is, which is bounded; a folder is taken out, so that none comes twice.
fn nodes_of(folder: &EntryId, by_folder: &mut HashMap<EntryId, Vec<Leaf>>) -> Vec<zip::Node> {
    let leaves = by_folder.remove(folder).unwrap_or_default();
    let nodes = leaves.into_iter().filter_map(|leaf| {
        let kind = match leaf.kind {
            Kind::Folder => zip::NodeKind::Folder(nodes_of(&leaf.id, by_folder)),
            Kind::File => zip::NodeKind::File(zip::Content {
                blake3: leaf.blake3?.into_boxed_str(),
                size: u64::try_from(leaf.size).unwrap_or_default(),
            }),
        };
        Some(zip::Node {
            modified: leaf.modified_at.and_utc().timestamp(),
            name: leaf.name,
            kind,
        })
    });
    nodes.collect()
}
