//! The rows of kept versions.

use diesel::prelude::*;

use crate::db::schema::{blobs, drive_versions as versions};
use crate::db::{Conn, Result, on_backend};
use crate::drive::model::{Version, VersionRow};
use crate::ids::{EntryId, VersionId};

/// The versions of a file, the latest first.
pub(in crate::drive) fn list(conn: &mut Conn, entry: &EntryId) -> Result<Vec<Version>> {
    Ok(versions::table
        .inner_join(blobs::table)
        .filter(versions::entry_id.eq(entry))
        .order((versions::replaced_at.desc(), versions::id.desc()))
        .select(Version::as_select())
        .load(conn)?)
}

/// The versions of several files, in no order.
pub(in crate::drive) fn of_all(conn: &mut Conn, entries: &[EntryId]) -> Result<Vec<VersionRow>> {
    Ok(versions::table
        .filter(versions::entry_id.eq_any(entries))
        .select(VersionRow::as_select())
        .load(conn)?)
}

pub(in crate::drive) fn find(
    conn: &mut Conn,
    entry: &EntryId,
    id: &VersionId,
) -> Result<Option<Version>> {
    Ok(versions::table
        .inner_join(blobs::table)
        .filter(versions::id.eq(id))
        .filter(versions::entry_id.eq(entry))
        .select(Version::as_select())
        .first(conn)
        .optional()?)
}

pub(in crate::drive) fn insert(conn: &mut Conn, rows: &[VersionRow]) -> Result<()> {
    let rows: Vec<&VersionRow> = rows.iter().collect();
    on_backend!(conn, c => diesel::insert_into(versions::table).values(rows).execute(c))?;
    Ok(())
}

pub(in crate::drive) fn delete(conn: &mut Conn, ids: &[VersionId]) -> Result<()> {
    diesel::delete(versions::table.filter(versions::id.eq_any(ids))).execute(conn)?;
    Ok(())
}
