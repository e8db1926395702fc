//! The rows of `drive_usage`.

use diesel::prelude::*;

use crate::db::schema::drive_usage;
use crate::db::{Conn, Result};
use crate::ids::AccountId;

/// The bytes used and reserved; zeros before the first.
pub(in crate::drive) fn find(conn: &mut Conn, owner: &AccountId) -> Result<Option<(i64, i64)>> {
    Ok(drive_usage::table
        .find(owner)
        .select((drive_usage::used, drive_usage::reserved))
        .first(conn)
        .optional()?)
}

pub(in crate::drive) fn insert(
    conn: &mut Conn,
    owner: &AccountId,
    used: i64,
    reserved: i64,
) -> Result<()> {
    diesel::insert_into(drive_usage::table)
        .values((
            drive_usage::account_id.eq(owner),
            drive_usage::used.eq(used),
            drive_usage::reserved.eq(reserved),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::drive) fn update(
    conn: &mut Conn,
    owner: &AccountId,
    used: i64,
    reserved: i64,
) -> Result<()> {
    diesel::update(drive_usage::table.find(owner))
        .set((
            drive_usage::used.eq(used),
            drive_usage::reserved.eq(reserved),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::drive) fn delete(conn: &mut Conn, owner: &AccountId) -> Result<()> {
    diesel::delete(drive_usage::table.find(owner)).execute(conn)?;
    Ok(())
}
