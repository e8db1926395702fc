//! The rows of contents.

use diesel::prelude::*;

use super::model::Blob;
use crate::db::schema::blobs;
use crate::db::{Conn, Result, on_backend};
use crate::ids::BlobId;

/// How a content stands.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = blobs)]
pub(super) struct Standing {
    pub id: BlobId,
    pub blake3: String,
    pub size: i64,
    pub refs: i64,
}

pub(super) fn find(conn: &mut Conn, id: &BlobId) -> Result<Option<Blob>> {
    Ok(blobs::table
        .find(id)
        .select(Blob::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn standing(conn: &mut Conn, id: &BlobId) -> Result<Option<Standing>> {
    Ok(blobs::table
        .find(id)
        .select(Standing::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn standing_by_hash(conn: &mut Conn, blake3: &str) -> Result<Option<Standing>> {
    Ok(blobs::table
        .filter(blobs::blake3.eq(blake3))
        .select(Standing::as_select())
        .first(conn)
        .optional()?)
}

/// The next contents in the order of their names.
pub(super) fn standing_after(conn: &mut Conn, name: &str, limit: i64) -> Result<Vec<Standing>> {
    Ok(blobs::table
        .filter(blobs::blake3.gt(name))
        .order(blobs::blake3.asc())
        .limit(limit)
        .select(Standing::as_select())
        .load(conn)?)
}

/// Writes rows with one reference each.
pub(super) fn insert(conn: &mut Conn, rows: &[Blob]) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(blobs::table).values(rows).execute(c))?;
    Ok(())
}

/// False when there is no such row.
pub(super) fn add_refs(conn: &mut Conn, id: &BlobId, count: i64) -> Result<bool> {
    let changed = diesel::update(blobs::table.find(id))
        .set(blobs::refs.eq(blobs::refs + count))
        .execute(conn)?;
    Ok(changed > 0)
}

pub(super) fn delete(conn: &mut Conn, id: &BlobId) -> Result<()> {
    diesel::delete(blobs::table.find(id)).execute(conn)?;
    Ok(())
}

pub(super) fn set_digests(conn: &mut Conn, id: &BlobId, sha256: &str, md5: &str) -> Result<()> {
    diesel::update(blobs::table.find(id))
        .set((blobs::sha256.eq(sha256), blobs::md5.eq(md5)))
        .execute(conn)?;
    Ok(())
}
