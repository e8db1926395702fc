//! The rows below a folder, and entries by id.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::nodes;
use crate::clock::Time;
use crate::db::schema::{blobs, drive_entries as entries};
use crate::db::{Conn, Result, on_backend};
use crate::drive::model::{Kind, Node};
use crate::ids::{AccountId, EntryId};

/// What an archive has to know of an entry.
#[derive(QueryableByName)]
pub(in crate::drive) struct Leaf {
    #[diesel(sql_type = Text)]
    pub id: EntryId,
    #[diesel(sql_type = Text)]
    pub parent_id: EntryId,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Timestamp)]
    pub modified_at: Time,
    #[diesel(sql_type = BigInt)]
    pub size: i64,
    /// In hex; None for a folder.
    #[diesel(sql_type = Nullable<Text>)]
    pub blake3: Option<String>,
}

/// Everything below a folder that is not in the trash, in no order, by one statement: of one moment.
pub(in crate::drive) fn all(conn: &mut Conn, folder: &EntryId, limit: i64) -> Result<Vec<Leaf>> {
    let sql = "WITH RECURSIVE below (id, level) AS (\
         SELECT id, 0 FROM drive_entries WHERE id = $1 \
         UNION ALL \
         SELECT e.id, below.level + 1 FROM below JOIN drive_entries e ON e.parent_id = below.id \
         WHERE e.trashed_at IS NULL AND below.level < 200) \
         SELECT e.id, e.parent_id, e.kind, e.name, e.modified_at, e.size, b.blake3 \
         FROM below JOIN drive_entries e ON e.id = below.id LEFT JOIN blobs b ON b.id = e.blob_id \
         WHERE below.level > 0 LIMIT $2";
    Ok(on_backend!(conn, c => sql_query(sql)
        .bind::<Text, _>(folder)
        .bind::<BigInt, _>(limit)
        .load(c))?)
}

pub(in crate::drive) fn find_all(
    conn: &mut Conn,
    owner: &AccountId,
    ids: &[EntryId],
) -> Result<Vec<Node>> {
    Ok(nodes!()
        .filter(entries::id.eq_any(ids))
        .filter(entries::account_id.eq(owner))
        .load(conn)?)
}
