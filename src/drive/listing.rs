//! Pages of entries: a folder's children, what a search finds, and the trash.

use playhouse_api::drive::EntrySort;
use playhouse_api::page::Page;

use super::model::{Entry, EntryKey, Error, Kind, Node, Row, TrashKey};
use super::name::sort_key;
use super::store::lists::{self, Part, Within};
use super::tree;
use crate::db::Conn;
use crate::ids::{AccountId, EntryId};
use crate::page::PageRequest;

type Result<T> = std::result::Result<T, Error>;

/// Rows that one page of a search may look at before it is given back short: what lies in the trash is found and
/// left out.
const MAX_ROUNDS: usize = 10;

/// A page of a folder's children.
pub(super) fn children(
    conn: &mut Conn,
    folder: &Node,
    path: &str,
    sort: EntrySort,
    page: &PageRequest<EntryKey>,
) -> Result<Page<Entry>> {
    if !folder.is_folder() {
        return Err(Error::NotAFolder("path"));
    }
    let within = Within::Folder(&folder.id);
    let rows = fetch(
        conn,
        within,
        sort,
        page.after.as_ref(),
        page.rows_to_fetch(),
    )?;
    let above = if path == "/" { "" } else { path };
    Ok(page
        .page(rows, |node| key_of(node, sort))
        .map(|node| Entry {
            path: format!("{above}/{}", node.name),
            node,
        }))
}

/// A page of what has `part` in its name and is reachable.
pub(super) fn matching(
    conn: &mut Conn,
    owner: &AccountId,
    part: &str,
    sort: EntrySort,
    page: &PageRequest<EntryKey>,
) -> Result<Page<Entry>> {
    let pattern = pattern_of(part);
    let within = Within::Drive {
        owner,
        pattern: &pattern,
    };
    let limit = page.limit as usize;
    let mut found: Vec<Entry> = Vec::new();
    let mut after = page.after.clone();
    for _ in 0..MAX_ROUNDS {
        let rows = fetch(conn, within, sort, after.as_ref(), page.rows_to_fetch())?;
        let is_last = rows.len() <= limit;
        after = rows.last().map(|node| key_of(node, sort));
        let refs: Vec<&Row> = rows.iter().map(|node| &node.row).collect();
        let ways = tree::ways_in(conn, &refs)?;
        let open = rows
            .into_iter()
            .zip(ways)
            .filter(|(node, way)| way.is_open && !node.is_root());
        found.extend(open.map(|(node, way)| Entry {
            path: way.path(),
            node,
        }));
        if is_last || found.len() > limit {
            let entries = page.page(found, |entry| key_of(entry, sort));
            return Ok(entries);
        }
    }
    // Too much of it is in the trash: the next page goes on from here.
    let rest = PageRequest {
        after: None,
        limit: page.limit,
    };
    let mut entries = rest.page(found, |entry| key_of(entry, sort));
    if entries.next_cursor.is_none() {
        entries.next_cursor = after.map(|key| PageRequest::cursor(&key));
    }
    Ok(entries)
}

/// A page of what was thrown away, the latest first.
pub(super) fn trash(
    conn: &mut Conn,
    owner: &AccountId,
    page: &PageRequest<TrashKey>,
) -> Result<Page<Entry>> {
    let after = page
        .after
        .as_ref()
        .map(|key| (key.at, EntryId::from(key.id)));
    let after = after.as_ref().map(|(at, id)| (*at, id));
    let rows = lists::trash(conn, owner, after, page.rows_to_fetch())?;
    let page = page.page(rows, |node| TrashKey {
        at: node.trashed_at.unwrap_or_default(),
        id: node.id.uuid(),
    });
    let refs: Vec<&Row> = page.items.iter().map(|node| &node.row).collect();
    let mut ways = tree::ways_in(conn, &refs)?.into_iter();
    Ok(page.map(|node| Entry {
        path: ways.next().map(|way| way.path()).unwrap_or_default(),
        node,
    }))
}

fn fetch(
    conn: &mut Conn,
    within: Within<'_>,
    sort: EntrySort,
    after: Option<&EntryKey>,
    limit: i64,
) -> Result<Vec<Node>> {
    match (sort, after) {
        (EntrySort::Name, None) => by_name(conn, within, Kind::Folder, None, limit),
        (EntrySort::Name, Some(EntryKey::Name { folder, name, id })) => {
            let kind = if *folder { Kind::Folder } else { Kind::File };
            let id = EntryId::from(*id);
            by_name(conn, within, kind, Some((name.as_str(), &id)), limit)
        }
        (EntrySort::Modified, None) => Ok(lists::list(conn, within, Part::Modified(None), limit)?),
        (EntrySort::Modified, Some(EntryKey::Modified { at, id })) => {
            let id = EntryId::from(*id);
            let part = Part::Modified(Some((*at, &id)));
            Ok(lists::list(conn, within, part, limit)?)
        }
        (EntrySort::Size, None) => Ok(lists::list(conn, within, Part::Sized(None), limit)?),
        (EntrySort::Size, Some(EntryKey::Size { size, id })) => {
            let id = EntryId::from(*id);
            let part = Part::Sized(Some((*size, &id)));
            Ok(lists::list(conn, within, part, limit)?)
        }
        _ => Err(Error::WrongCursor),
    }
}

/// Folders come first, and then files; each is one range of the index.
fn by_name(
    conn: &mut Conn,
    within: Within<'_>,
    kind: Kind,
    after: Option<(&str, &EntryId)>,
    limit: i64,
) -> Result<Vec<Node>> {
    let mut rows = lists::list(conn, within, Part::Named { kind, after }, limit)?;
    let missing = limit - i64::try_from(rows.len()).unwrap_or(limit);
    if kind == Kind::Folder && missing > 0 {
        let files = Part::Named {
            kind: Kind::File,
            after: None,
        };
        rows.extend(lists::list(conn, within, files, missing)?);
    }
    Ok(rows)
}

fn key_of(node: &Node, sort: EntrySort) -> EntryKey {
    let id = node.id.uuid();
    match sort {
        EntrySort::Name => EntryKey::Name {
            folder: node.is_folder(),
            name: node.sort_name.clone(),
            id,
        },
        EntrySort::Modified => EntryKey::Modified {
            at: node.modified_at,
            id,
        },
        EntrySort::Size => EntryKey::Size {
            size: node.size,
            id,
        },
    }
}

/// The `LIKE` pattern of what has this text in it.
fn pattern_of(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in sort_key(part).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_is_taken_as_it_is() {
        assert_eq!(pattern_of("50%_\\É"), "%50\\%\\_\\\\é%");
        assert_eq!(pattern_of("e\u{301}"), "%é%");
    }
}
