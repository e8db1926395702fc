//! The rows of locks.

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::schema::dav_locks as locks;
use crate::db::{Conn, Result};
use crate::ids::AccountId;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = locks)]
pub(super) struct LockRow {
    pub token: String,
    pub account_id: AccountId,
    pub path: String,
    pub principal: Option<String>,
    /// What the client says of who holds it, as XML.
    pub owner: Option<String>,
    pub is_deep: bool,
    pub is_shared: bool,
    pub timeout_seconds: Option<i64>,
    pub created_at: Time,
    pub expires_at: Time,
}

/// The locks of an account that have not expired.
pub(super) fn live(conn: &mut Conn, account: &AccountId, now: Time) -> Result<Vec<LockRow>> {
    Ok(locks::table
        .filter(locks::account_id.eq(account))
        .filter(locks::expires_at.gt(now))
        .order((locks::path.asc(), locks::token.asc()))
        .select(LockRow::as_select())
        .load(conn)?)
}

pub(super) fn insert(conn: &mut Conn, row: &LockRow) -> Result<()> {
    diesel::insert_into(locks::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn prolong(conn: &mut Conn, token: &str, seconds: i64, expires_at: Time) -> Result<()> {
    diesel::update(locks::table.find(token))
        .set((
            locks::timeout_seconds.eq(Some(seconds)),
            locks::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, tokens: &[String]) -> Result<()> {
    diesel::delete(locks::table.filter(locks::token.eq_any(tokens))).execute(conn)?;
    Ok(())
}

pub(super) fn delete_expired(conn: &mut Conn, now: Time) -> Result<usize> {
    Ok(diesel::delete(locks::table.filter(locks::expires_at.le(now))).execute(conn)?)
}

/// Removes every lock of an account.
pub(super) fn delete_all(conn: &mut Conn, account: &AccountId) -> Result<()> {
    diesel::delete(locks::table.filter(locks::account_id.eq(account))).execute(conn)?;
    Ok(())
}
