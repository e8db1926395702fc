//! Rows that have left a tree, or are about to.

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::schema::drive_entries as entries;
use crate::db::{Conn, Result};
use crate::drive::model::Row;
use crate::ids::{AccountId, EntryId};

/// An entry, whoever owns it.
pub(in crate::drive) fn find_any(conn: &mut Conn, id: &EntryId) -> Result<Option<Row>> {
    Ok(entries::table
        .find(id)
        .select(Row::as_select())
        .first(conn)
        .optional()?)
}

/// Takes everything in somebody's trash out of the tree, and says how much that was.
pub(in crate::drive) fn detach_trash(conn: &mut Conn, owner: &AccountId) -> Result<usize> {
    let trash = entries::table
        .filter(entries::account_id.eq(owner))
        .filter(entries::trashed_at.is_not_null())
        .filter(entries::parent_id.is_not_null());
    Ok(diesel::update(trash)
        .set(entries::parent_id.eq(None::<EntryId>))
        .execute(conn)?)
}

/// Something that has left the tree by `now`.
pub(in crate::drive) fn next_detached(
    conn: &mut Conn,
    owner: &AccountId,
    now: Time,
) -> Result<Option<Row>> {
    Ok(entries::table
        .filter(entries::account_id.eq(owner))
        .filter(entries::trashed_at.le(now))
        .filter(entries::parent_id.is_null())
        .order((entries::trashed_at.asc(), entries::id.asc()))
        .select(Row::as_select())
        .first(conn)
        .optional()?)
}

/// Puts what was thrown away from a folder itself into the root, still in the trash, before the folder goes.
pub(in crate::drive) fn rescue_trash(
    conn: &mut Conn,
    folder: &EntryId,
    root: &EntryId,
) -> Result<()> {
    let trash = entries::table
        .filter(entries::parent_id.eq(folder))
        .filter(entries::trashed_at.is_not_null());
    diesel::update(trash)
        .set(entries::parent_id.eq(Some(root)))
        .execute(conn)?;
    Ok(())
}

/// Takes a whole drive out of the tree: what is in the trash, and the root with all that is below it.
pub(in crate::drive) fn detach_all(conn: &mut Conn, owner: &AccountId, now: Time) -> Result<()> {
    detach_trash(conn, owner)?;
    let root = entries::table
        .find(owner.as_str())
        .filter(entries::account_id.eq(owner))
        .filter(entries::trashed_at.is_null());
    diesel::update(root)
        .set(entries::trashed_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Whether a drive has any entry.
pub(in crate::drive) fn has_any(conn: &mut Conn, owner: &AccountId) -> Result<bool> {
    let found: Option<EntryId> = entries::table
        .filter(entries::account_id.eq(owner))
        .select(entries::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}
