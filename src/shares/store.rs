//! The rows of shares.

use diesel::prelude::*;

use super::model::Share;
use crate::db::schema::drive_shares as shares;
use crate::db::{Conn, Result};
use crate::ids::{AccountId, ShareId};

pub(super) fn insert(conn: &mut Conn, share: &Share) -> Result<()> {
    diesel::insert_into(shares::table)
        .values(share)
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: &ShareId) -> Result<Option<Share>> {
    Ok(shares::table
        .find(id)
        .select(Share::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn count(conn: &mut Conn, owner: &AccountId) -> Result<i64> {
    Ok(shares::table
        .filter(shares::account_id.eq(owner))
        .count()
        .get_result(conn)?)
}

/// The shares of an account, the latest first: their ids sort by the time they were made.
pub(super) fn list(
    conn: &mut Conn,
    owner: &AccountId,
    after: Option<&ShareId>,
    limit: i64,
) -> Result<Vec<Share>> {
    let mut query = shares::table
        .filter(shares::account_id.eq(owner))
        .order(shares::id.desc())
        .limit(limit)
        .select(Share::as_select())
        .into_boxed();
    if let Some(id) = after {
        query = query.filter(shares::id.lt(id));
    }
    Ok(query.load(conn)?)
}

/// Removes a share of its owner; whether there was one.
pub(super) fn delete(conn: &mut Conn, owner: &AccountId, id: &ShareId) -> Result<bool> {
    let own = shares::table.find(id).filter(shares::account_id.eq(owner));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// Counts one use more, unless all are spent; whether it was counted.
pub(super) fn count_use(conn: &mut Conn, id: &ShareId) -> Result<bool> {
    let left = shares::table.find(id).filter(
        shares::max_uses
            .is_null()
            .or(shares::max_uses.gt(shares::uses.nullable())),
    );
    let counted = diesel::update(left)
        .set(shares::uses.eq(shares::uses + 1))
        .execute(conn)?;
    Ok(counted > 0)
}

/// Removes every share of an account.
pub(super) fn delete_all(conn: &mut Conn, owner: &AccountId) -> Result<()> {
    diesel::delete(shares::table.filter(shares::account_id.eq(owner))).execute(conn)?;
    Ok(())
}
