//! The rows of uploads.

use diesel::prelude::*;

use super::model::{Kind, State, Upload};
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

pub(super) fn set_reserved(conn: &mut Conn, id: &UploadId, reserved: i64) -> Result<()> {
    diesel::update(uploads::table.find(id))
        .set(uploads::reserved.eq(reserved))
        .execute(conn)?;
    Ok(())
}

/// The length that was not known before.
pub(super) fn set_size(conn: &mut Conn, id: &UploadId, size: i64) -> Result<()> {
    diesel::update(uploads::table.find(id))
        .set(uploads::size.eq(size))
        .execute(conn)?;
    Ok(())
}

/// Every byte is durable, `size` of them. False when the row cannot be brought to say the same.
pub(super) fn complete(
    conn: &mut Conn,
    id: &UploadId,
    size: i64,
    digests: Option<&Digests>,
    (now, expires_at): (Time, Time),
) -> Result<bool> {
    let changed = diesel::update(uploads::table.find(id))
        .filter(uploads::acknowledged.le(size))
        .filter(uploads::size.is_null().or(uploads::size.eq(size)))
        .filter(uploads::state.eq(State::Receiving))
        .set((
            uploads::state.eq(State::Complete),
            uploads::size.eq(size),
            uploads::acknowledged.eq(size),
            uploads::blake3.eq(digests.map(|it| &it.blake3)),
            uploads::fingerprint.eq(digests.map(|it| &it.fingerprint)),
            uploads::updated_at.eq(now),
            uploads::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Where a complete upload shall go instead. False when it is not complete, or taken.
pub(super) fn set_target(
    conn: &mut Conn,
    id: &UploadId,
    path: &str,
    on_conflict: &str,
) -> Result<bool> {
    let changed = diesel::update(uploads::table.find(id))
        .filter(uploads::state.eq(State::Complete))
        .filter(uploads::target_path.is_not_null())
        .set((
            uploads::target_path.eq(path),
            uploads::on_conflict.eq(on_conflict),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Takes a complete upload for its one use. False when it is not complete, or taken.
pub(super) fn mark_used(conn: &mut Conn, id: &UploadId, entry: Option<&str>) -> Result<bool> {
    let changed = diesel::update(uploads::table.find(id))
        .filter(uploads::state.eq(State::Complete))
        .filter(uploads::kind.ne(Kind::Partial))
        .set((
            uploads::state.eq(State::Used),
            uploads::reserved.eq(0),
            uploads::entry_id.eq(entry),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// The upload and, of a final one, its parts in their order.
pub(super) fn with_parts(conn: &mut Conn, ids: &[UploadId]) -> Result<Vec<Upload>> {
    let is_part = uploads::final_id
        .is_not_null()
        .and(uploads::final_id.assume_not_null().eq_any(ids));
    Ok(uploads::table
        .filter(uploads::id.eq_any(ids).or(is_part))
        .order(uploads::part_number)
        .select(Upload::as_select())
        .load(conn)?)
}

pub(super) fn parts(conn: &mut Conn, final_id: &UploadId) -> Result<Vec<Upload>> {
    Ok(uploads::table
        .filter(uploads::final_id.eq(final_id))
        .order(uploads::part_number)
        .select(Upload::as_select())
        .load(conn)?)
}

pub(super) fn with_ids(conn: &mut Conn, ids: &[UploadId]) -> Result<Vec<Upload>> {
    Ok(uploads::table
        .filter(uploads::id.eq_any(ids))
        .select(Upload::as_select())
        .load(conn)?)
}

/// The parts of a file, as its client calls it, that are written straight into place.
pub(super) fn parts_of(conn: &mut Conn, owner: &AccountId, name: &str) -> Result<Vec<Upload>> {
    Ok(uploads::table
        .filter(uploads::account_id.eq(owner))
        .filter(uploads::part_of.eq(name))
        .select(Upload::as_select())
        .load(conn)?)
}

/// How many uploads are written into a shared file.
pub(super) fn count_of_file(conn: &mut Conn, file: &UploadId) -> Result<i64> {
    Ok(uploads::table
        .filter(uploads::file_id.eq(file))
        .count()
        .get_result(conn)?)
}

/// Gives a part to a final upload, at a place in its order.
pub(super) fn claim_part(
    conn: &mut Conn,
    part: &UploadId,
    final_id: &UploadId,
    number: i32,
) -> Result<()> {
    diesel::update(uploads::table.find(part))
        .set((
            uploads::final_id.eq(final_id),
            uploads::part_number.eq(number),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, ids: &[UploadId]) -> Result<()> {
    diesel::delete(uploads::table.filter(uploads::id.eq_any(ids))).execute(conn)?;
    Ok(())
}

pub(super) fn delete_parts(conn: &mut Conn, final_id: &UploadId) -> Result<()> {
    diesel::delete(uploads::table.filter(uploads::final_id.eq(final_id))).execute(conn)?;
    Ok(())
}

/// The parts of a final upload are nobody's again.
pub(super) fn release_parts(conn: &mut Conn, final_id: &UploadId) -> Result<()> {
    diesel::update(uploads::table.filter(uploads::final_id.eq(final_id)))
        .set((
            uploads::final_id.eq(None::<UploadId>),
            uploads::part_number.eq(None::<i32>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a row has this staging file, shared or its own.
pub(super) fn is_file_known(conn: &mut Conn, file: &UploadId) -> Result<bool> {
    let count: i64 = uploads::table
        .filter(uploads::id.eq(file).or(uploads::file_id.eq(file)))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// What has expired, at most `limit` rows. The parts of a final upload live as long as it does.
pub(super) fn expired(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<UploadId>> {
    Ok(uploads::table
        .filter(uploads::expires_at.le(now))
        .filter(uploads::final_id.is_null())
        .select(uploads::id)
        .limit(limit)
        .load(conn)?)
}

/// Which of these are final uploads with a part that has not expired.
pub(super) fn finals_with_live_parts(
    conn: &mut Conn,
    ids: &[UploadId],
    now: Time,
) -> Result<Vec<UploadId>> {
    let found: Vec<Option<UploadId>> = uploads::table
        .filter(uploads::final_id.is_not_null())
        .filter(uploads::final_id.assume_not_null().eq_any(ids))
        .filter(uploads::expires_at.gt(now))
        .select(uploads::final_id)
        .load(conn)?;
    Ok(found.into_iter().flatten().collect())
}

/// The uploads of an account to one place in the drive that bear this metadata and wait for something.
pub(super) fn open_at(
    conn: &mut Conn,
    owner: &AccountId,
    path: &str,
    metadata: &str,
) -> Result<Vec<Upload>> {
    Ok(uploads::table
        .filter(uploads::account_id.eq(owner))
        .filter(uploads::target_path.eq(path))
        .filter(uploads::metadata.eq(metadata))
        .filter(uploads::state.ne(State::Used))
        .order(uploads::id)
        .select(Upload::as_select())
        .load(conn)?)
}

/// All uploads.
pub(super) fn list_all(conn: &mut Conn) -> Result<Vec<Upload>> {
    Ok(uploads::table.select(Upload::as_select()).load(conn)?)
}

/// The uploads of an account, in the order of their ids.
pub(super) fn list_of(
    conn: &mut Conn,
    owner: &AccountId,
    after: Option<&UploadId>,
    limit: i64,
) -> Result<Vec<Upload>> {
    let mut query = uploads::table
        .filter(uploads::account_id.eq(owner))
        .order(uploads::id)
        .limit(limit)
        .select(Upload::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(uploads::id.gt(after));
    }
    Ok(query.load(conn)?)
}
