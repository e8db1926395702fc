//! The shape of a tree, inside a transaction: its root, where an entry lies, what a path names, which names are free.
//!
//! Keeps true: an entry is reachable when neither it nor a folder above it is in the trash and the way up ends at the
//! root of its owner. Everything that asks for an entry by id or path goes through here.

use std::collections::{HashMap, HashSet};

use playhouse_api::uploads::OnConflict;

use super::model::{Content, Error, Kind, Node, Row};
use super::name::{DrivePath, MAX_DEPTH, MAX_NAME, MAX_PATH, Name};
use super::service::Act;
use super::store::{self, Link};
use super::trash;
use crate::accounts::Accounts;
use crate::db::Conn;
use crate::ids::{AccountId, EntryId};

type Result<T> = std::result::Result<T, Error>;

/// Numbers that are tried before a name is given up.
const MAX_NUMBER: u32 = 1000;

/// Where an entry lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// From the root to the entry itself.
    pub names: Vec<String>,
    /// The folders above it, the nearest first.
    pub above: Vec<EntryId>,
    /// Whether nothing on it is in the trash, leaving the entry itself aside.
    pub is_open: bool,
}

impl Way {
    pub(super) fn path(&self) -> String {
        format!("/{}", self.names.join("/"))
    }
}

/// The id of the root of somebody's drive.
pub(super) fn root_id(owner: &AccountId) -> EntryId {
    EntryId::from(owner.uuid())
}

/// The root. It is as old as the account, whether it has a row yet or not.
pub(super) fn root_in(conn: &mut Conn, owner: &AccountId) -> Result<Node> {
    let id = root_id(owner);
    if let Some(root) = store::find(conn, owner, &id)? {
        return Ok(root);
    }
    let born = Accounts::get_in(conn, owner)?.created_at;
    let row = Row {
        id,
        account_id: owner.clone(),
        parent_id: None,
        kind: Kind::Folder,
        name: String::new(),
        taken_name: None,
        sort_name: String::new(),
        blob_id: None,
        size: 0,
        content_type: String::new(),
        revision: 1,
        created_at: born,
        modified_at: born,
        trashed_at: None,
    };
    Ok(Node { row, digests: None })
}

/// The root, with its row: for what is about to be put into it.
pub(super) fn ensure_root_in(conn: &mut Conn, owner: &AccountId) -> Result<Node> {
    let id = root_id(owner);
    if let Some(root) = store::find(conn, owner, &id)? {
        return Ok(root);
    }
    let root = root_in(conn, owner)?;
    store::insert(conn, std::slice::from_ref(&root.row))?;
    Ok(root)
}

/// The ways to several entries of one drive, in their order.
pub(super) fn ways_in(conn: &mut Conn, rows: &[&Row]) -> Result<Vec<Way>> {
    let links = links_above(conn, rows)?;
    Ok(rows.iter().map(|row| way(row, &links)).collect())
}

pub(super) fn way_in(conn: &mut Conn, row: &Row) -> Result<Way> {
    let links = links_above(conn, &[row])?;
    Ok(way(row, &links))
}

/// The folders above entries, level by level, each once.
fn links_above(conn: &mut Conn, rows: &[&Row]) -> Result<HashMap<EntryId, Link>> {
    let mut links = HashMap::new();
    let mut wanted: HashSet<EntryId> = rows
        .iter()
        .filter_map(|row| row.parent_id.clone())
        .collect();
    // A tree cannot be deeper; a bound keeps even a broken one from being walked for ever.
    for _ in 0..=2 * MAX_DEPTH {
        if wanted.is_empty() {
            break;
        }
        let ids: Vec<EntryId> = wanted.drain().collect();
        for link in store::find_links(conn, &ids)? {
            links.insert(link.id.clone(), link);
        }
        let next = ids.iter().filter_map(|id| links.get(id)?.parent_id.clone());
        wanted = next.filter(|id| !links.contains_key(id)).collect();
    }
    Ok(links)
}

fn way(row: &Row, links: &HashMap<EntryId, Link>) -> Way {
    let mut names = Vec::new();
    let mut above = Vec::new();
    let mut is_open = true;
    let mut ends_at_root = row.is_root();
    if !ends_at_root {
        names.push(row.name.clone());
    }
    let mut next = row.parent_id.as_ref();
    while let Some(link) = next.and_then(|id| links.get(id)) {
        above.push(link.id.clone());
        is_open &= link.trashed_at.is_none();
        ends_at_root = link.id.as_str() == link.account_id.as_str();
        if ends_at_root || above.len() > 2 * MAX_DEPTH {
            break;
        }
        names.push(link.name.clone());
        next = link.parent_id.as_ref();
    }
    names.reverse();
    Way {
        names,
        above,
        is_open: is_open && ends_at_root,
    }
}

/// An entry that is reachable, and the way to it. The root may have no row yet.
pub(super) fn live_in(conn: &mut Conn, owner: &AccountId, id: &EntryId) -> Result<(Node, Way)> {
    let (node, way) = seen_in(conn, owner, id)?;
    if node.trashed_at.is_some() {
        return Err(Error::NotFound);
    }
    Ok((node, way))
}

/// An entry that is reachable, or that lies in the trash itself.
pub(super) fn seen_in(conn: &mut Conn, owner: &AccountId, id: &EntryId) -> Result<(Node, Way)> {
    let node = if *id == root_id(owner) {
        root_in(conn, owner)?
    } else {
        store::find(conn, owner, id)?.ok_or(Error::NotFound)?
    };
    let way = way_in(conn, &node)?;
    let is_restorable = node.trashed_at.is_some() && node.parent_id.is_some();
    if way.is_open || is_restorable {
        Ok((node, way))
    } else {
        Err(Error::NotFound)
    }
}

/// A reachable folder, with its row, for something to be put into it.
pub(super) fn folder_in(
    conn: &mut Conn,
    owner: &AccountId,
    id: &EntryId,
    field: &'static str,
) -> Result<(Node, Way)> {
    if *id == root_id(owner) {
        ensure_root_in(conn, owner)?;
    }
    let (node, way) = live_in(conn, owner, id)?;
    if node.is_folder() {
        Ok((node, way))
    } else {
        Err(Error::NotAFolder(field))
    }
}

/// What a path names.
pub(super) fn resolve_in(
    conn: &mut Conn,
    owner: &AccountId,
    path: &DrivePath,
) -> Result<Option<Node>> {
    let mut at = root_in(conn, owner)?;
    for name in path.names() {
        match store::find_child(conn, &at.id, name.as_str())? {
            Some(child) => at = child,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// The folder of that path; what is missing of it is made. A file in its way is a name that is taken.
pub(super) fn ensure_folders_in(conn: &mut Conn, act: &Act, path: &DrivePath) -> Result<Node> {
    check_folder_fits(path.names().len(), path.to_string().len())?;
    let mut at = ensure_root_in(conn, &act.owner)?;
    for name in path.names() {
        at = match store::find_child(conn, &at.id, name.as_str())? {
            Some(child) if child.is_folder() => child,
            Some(_) => return Err(Error::NameTaken(name.to_string())),
            None => insert_in(conn, act, &at.id, name, None)?,
        };
    }
    Ok(at)
}

/// Puts a new entry under a name that is free: a file with its bytes, or a folder.
pub(super) fn insert_in(
    conn: &mut Conn,
    act: &Act,
    parent: &EntryId,
    name: &Name,
    content: Option<&Content>,
) -> Result<Node> {
    let row = Row {
        id: EntryId::generate(),
        account_id: act.owner.clone(),
        parent_id: Some(parent.clone()),
        kind: content.map_or(Kind::Folder, |_| Kind::File),
        name: name.to_string(),
        taken_name: Some(name.to_string()),
        sort_name: name.sort_key(),
        blob_id: content.map(|it| it.blob_id.clone()),
        size: content.map_or(0, |it| it.size),
        content_type: content.map_or_else(String::new, |it| it.content_type.clone()),
        revision: 1,
        created_at: act.now,
        modified_at: content.map_or(act.now, |it| it.modified_at),
        trashed_at: None,
    };
    store::insert(conn, std::slice::from_ref(&row))?;
    store::find(conn, &act.owner, &row.id)?.ok_or(Error::NotFound)
}

/// A folder may be so deep and its path so long that a file in it still has a path.
pub(super) fn check_folder_fits(levels: usize, path_bytes: usize) -> Result<()> {
    if levels < MAX_DEPTH && path_bytes + 1 + MAX_NAME <= MAX_PATH {
        Ok(())
    } else {
        Err(Error::TooDeep)
    }
}

/// Whether a folder with all that is below it fits where `way` leads, under that name.
pub(super) fn check_subtree_fits(
    conn: &mut Conn,
    folder: &EntryId,
    into: &Way,
    name: &Name,
) -> Result<()> {
    let (levels, bytes) = store::extent_below(conn, folder)?;
    let levels = into.names.len() + 1 + usize::try_from(levels).unwrap_or(usize::MAX / 2);
    let above = into.path().len() + 1 + name.as_str().len();
    check_folder_fits(
        levels,
        above + usize::try_from(bytes).unwrap_or(usize::MAX / 2),
    )
}

/// The name that something gets in a folder. With `replace`, what has it goes to the trash; with `rename`, a number
/// is added. What `own` names may keep its name.
pub(super) fn take_name_in(
    conn: &mut Conn,
    act: &Act,
    folder: &EntryId,
    (name, kind): (&Name, Kind),
    on_conflict: OnConflict,
    own: Option<&EntryId>,
) -> Result<Name> {
    let Some(other) = other_in(conn, folder, name, own)? else {
        return Ok(name.clone());
    };
    match on_conflict {
        OnConflict::Fail => Err(Error::NameTaken(name.to_string())),
        OnConflict::Replace => {
            trash::put_in(conn, act, &other)?;
            Ok(name.clone())
        }
        OnConflict::Rename => free_name_in(conn, folder, name, kind, own),
    }
}

/// The first numbered form of a name that is free.
pub(super) fn free_name_in(
    conn: &mut Conn,
    folder: &EntryId,
    name: &Name,
    kind: Kind,
    own: Option<&EntryId>,
) -> Result<Name> {
    for number in 2..=MAX_NUMBER {
        let numbered = name.numbered(number, kind == Kind::File);
        if other_in(conn, folder, &numbered, own)?.is_none() {
            return Ok(numbered);
        }
    }
    Err(Error::NameTaken(name.to_string()))
}

fn other_in(
    conn: &mut Conn,
    folder: &EntryId,
    name: &Name,
    own: Option<&EntryId>,
) -> Result<Option<Node>> {
    let found = store::find_child(conn, folder, name.as_str())?;
    Ok(found.filter(|node| Some(&node.id) != own))
}
