//! The rows of uploads.

use diesel::prelude::*;

use super::model::{State, Upload};
use crate::clock::Time;
use crate::db::schema::uploads;
use crate::db::{Conn, Result};
use crate::ids::{AccountId, UploadId};

/// What a file turned out to be when its last byte was durable.
#[derive(Clone, Debug)]
pub(super) struct Digests {
    pub blake3: String,
    pub fingerprint: String,
}

pub(super) fn insert(conn: &mut Conn, row: &Upload) -> Result<()> {
    diesel::insert_into(uploads::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: &UploadId) -> Result<Option<Upload>> {
    Ok(uploads::table
        .find(id)
        .select(Upload::as_select())
        .first(conn)
        .optional()?)
}

/// How many uploads of an account are neither used nor expired.
pub(super) fn count_open(conn: &mut Conn, account: &AccountId, now: Time) -> Result<i64> {
    Ok(uploads::table
        .filter(uploads::account_id.eq(account))
        .filter(uploads::state.ne(State::Used))
        .filter(uploads::expires_at.gt(now))
        .count()
        .get_result(conn)?)
}

/// Moves the offset forward. False when it is not where it was thought to be.
pub(super) fn acknowledge(
    conn: &mut Conn,
    id: &UploadId,
    (from, to): (i64, i64),
    (now, expires_at): (Time, Time),
) -> Result<bool> {
    let changed = diesel::update(uploads::table.find(id))
        .filter(uploads::acknowledged.eq(from))
        .filter(uploads::state.eq(State::Receiving))
        .set((
            uploads::acknowledged.eq(to),
            uploads::updated_at.eq(now),
            uploads::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Every byte is durable. False when the row does not say the same.
pub(super) fn complete(
    conn: &mut Conn,
    id: &UploadId,
    digests: &Digests,
    (now, expires_at): (Time, Time),
) -> Result<bool> {
    let changed = diesel::update(uploads::table.find(id))
        .filter(uploads::acknowledged.eq(uploads::size))
        .filter(uploads::state.eq(State::Receiving))
        .set((
            uploads::state.eq(State::Complete),
            uploads::blake3.eq(&digests.blake3),
            uploads::fingerprint.eq(&digests.fingerprint),
            uploads::updated_at.eq(now),
            uploads::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Takes a complete upload for its one use. False when it is not complete, or taken.
pub(super) fn mark_used(conn: &mut Conn, id: &UploadId) -> Result<bool> {
    let changed = diesel::update(uploads::table.find(id))
        .filter(uploads::state.eq(State::Complete))
        .set(uploads::state.eq(State::Used))
        .execute(conn)?;
    Ok(changed == 1)
}

pub(super) fn delete(conn: &mut Conn, id: &UploadId) -> Result<bool> {
    Ok(diesel::delete(uploads::table.find(id)).execute(conn)? == 1)
}

/// Deletes what has expired, at most `limit` rows, and names it.
pub(super) fn delete_expired(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<UploadId>> {
    let ids: Vec<UploadId> = uploads::table
        .filter(uploads::expires_at.le(now))
        .select(uploads::id)
        .limit(limit)
        .load(conn)?;
    diesel::delete(uploads::table.filter(uploads::id.eq_any(&ids))).execute(conn)?;
    Ok(ids)
}

/// All uploads: id, acknowledged bytes and state.
pub(super) fn list_all(conn: &mut Conn) -> Result<Vec<(UploadId, i64, State)>> {
    Ok(uploads::table
        .select((uploads::id, uploads::acknowledged, uploads::state))
        .load(conn)?)
}
