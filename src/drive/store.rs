//! The rows of files and folders. Lists are in [`lists`], versions in [`versions`], sums in [`usage`].

pub(super) mod below;
pub(super) mod bulk;
pub(super) mod lists;
pub(super) mod properties;
pub(super) mod usage;
pub(super) mod versions;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::model::{Kind, Node, Row};
use crate::clock::Time;
use crate::db::schema::{blobs, drive_entries as entries};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, BlobId, EntryId};

/// What a change does to a row; the revision grows by itself. `None` leaves a column.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = entries)]
pub(super) struct RowChanges {
    pub parent_id: Option<Option<EntryId>>,
    pub name: Option<String>,
    pub taken_name: Option<Option<String>>,
    pub sort_name: Option<String>,
    pub blob_id: Option<Option<BlobId>>,
    pub size: Option<i64>,
    pub content_type: Option<String>,
    pub modified_at: Option<Time>,
    pub trashed_at: Option<Option<Time>>,
}

/// An entry as a step on the way to the root.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = entries)]
pub(super) struct Link {
    pub id: EntryId,
    pub account_id: AccountId,
    pub parent_id: Option<EntryId>,
    pub name: String,
    pub trashed_at: Option<Time>,
}

/// Entries with what is known of their bytes.
macro_rules! nodes {
    () => {
        entries::table
            .left_join(blobs::table)
            .select(Node::as_select())
    };
}
pub(super) use nodes;

pub(super) fn find(conn: &mut Conn, owner: &AccountId, id: &EntryId) -> Result<Option<Node>> {
    Ok(nodes!()
        .filter(entries::id.eq(id))
        .filter(entries::account_id.eq(owner))
        .first(conn)
        .optional()?)
}

/// The entry that has this name in a folder.
pub(super) fn find_child(conn: &mut Conn, folder: &EntryId, name: &str) -> Result<Option<Node>> {
    Ok(nodes!()
        .filter(entries::parent_id.eq(folder))
        .filter(entries::taken_name.eq(name))
        .first(conn)
        .optional()?)
}

pub(super) fn find_links(conn: &mut Conn, ids: &[EntryId]) -> Result<Vec<Link>> {
    // A statement with a list is prepared anew each time; the way up from one entry needs none.
    if let [id] = ids {
        let link = entries::table.find(id).select(Link::as_select());
        return Ok(link.load(conn)?);
    }
    Ok(entries::table
        .filter(entries::id.eq_any(ids))
        .select(Link::as_select())
        .load(conn)?)
}

pub(super) fn insert(conn: &mut Conn, rows: &[Row]) -> Result<()> {
    let rows: Vec<&Row> = rows.iter().collect();
    on_backend!(conn, c => diesel::insert_into(entries::table).values(rows).execute(c))?;
    Ok(())
}

pub(super) fn update(conn: &mut Conn, id: &EntryId, changes: &RowChanges) -> Result<()> {
    diesel::update(entries::table.find(id))
        .set((changes, entries::revision.eq(entries::revision + 1)))
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, ids: &[EntryId]) -> Result<()> {
    diesel::delete(entries::table.filter(entries::id.eq_any(ids))).execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Extent {
    #[diesel(sql_type = Nullable<BigInt>)]
    levels: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    bytes: Option<i64>,
}

/// How far the folders below a folder reach: levels, and bytes of the longest path from it.
pub(super) fn extent_below(conn: &mut Conn, folder: &EntryId) -> Result<(i64, i64)> {
    let sql = "WITH RECURSIVE below (id, levels, bytes) AS (\
         SELECT id, CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM drive_entries WHERE id = $1 \
         UNION ALL \
         SELECT e.id, below.levels + 1, below.bytes + 1 + octet_length(e.name) \
         FROM below JOIN drive_entries e ON e.parent_id = below.id \
         WHERE e.trashed_at IS NULL AND e.kind = 'folder' AND below.levels < 200) \
         SELECT MAX(levels) AS levels, MAX(bytes) AS bytes FROM below";
    let extent: Extent =
        on_backend!(conn, c => sql_query(sql).bind::<Text, _>(folder).get_result(c))?;
    Ok((extent.levels.unwrap_or(0), extent.bytes.unwrap_or(0)))
}

/// Children that are not in the trash, in the order of their names: each name comes once, whatever happens between two
/// calls.
pub(super) fn children_after(
    conn: &mut Conn,
    folder: &EntryId,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(entries::table
        .filter(entries::parent_id.eq(folder))
        .filter(entries::taken_name.gt(after.unwrap_or_default()))
        .order(entries::taken_name.asc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?)
}

/// Some folder or file in a folder that is not in the trash itself.
pub(super) fn some_children(
    conn: &mut Conn,
    folder: &EntryId,
    kind: Kind,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(entries::table
        .filter(entries::parent_id.eq(folder))
        .filter(entries::trashed_at.is_null())
        .filter(entries::kind.eq(kind))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?)
}
