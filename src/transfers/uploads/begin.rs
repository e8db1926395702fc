//! How an upload begins: its row, what it holds of a quota, and what it has to do with others.

use super::concat::{begin_final_in, share_file_in};
use super::metadata::{Metadata, no_path};
use super::model::{Error, Kind, Purpose, State, Upload};
use super::quota::Quota;
use super::store;
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, UploadId};

type Result<T> = std::result::Result<T, Error>;

/// A file to come.
#[derive(Clone, Debug)]
pub(super) struct NewUpload {
    /// None when the client says it later.
    pub size: Option<i64>,
    pub kind: Kind,
    pub metadata: Metadata,
    /// Of a final one: its parts in their order, and how they were named.
    pub parts: Option<(Vec<UploadId>, String)>,
}

/// The row of an upload that has not begun.
///
/// # Errors
/// [`Error::Invalid`] for a file of the drive without a place there.
pub(super) fn new_row(
    owner: &AccountId,
    new: NewUpload,
    (now, expires_at): (Time, Time),
) -> Result<Upload> {
    let Metadata {
        purpose,
        file_name,
        content_type,
        raw,
        target,
        part,
    } = new.metadata;
    let purpose = Purpose::from(purpose);
    let is_drive = purpose == Purpose::Drive;
    let part = part.filter(|_| new.kind == Kind::Partial);
    let target = target.filter(|_| is_drive && new.kind != Kind::Partial);
    if is_drive && target.is_none() && new.kind != Kind::Partial {
        return Err(no_path());
    }
    Ok(Upload {
        id: UploadId::generate(),
        account_id: owner.clone(),
        purpose,
        kind: new.kind,
        file_name,
        content_type,
        metadata: raw,
        size: new.size,
        acknowledged: 0,
        state: State::Receiving,
        blake3: None,
        fingerprint: None,
        on_conflict: target.as_ref().map(|it| it.on_conflict.as_str().to_owned()),
        modified_at: target.as_ref().and_then(|it| it.modified_at),
        if_match: target.as_ref().and_then(|it| it.if_match.clone()),
        target_path: target.map(|it| it.path),
        reserved: new.size.filter(|_| is_drive).unwrap_or(0),
        entry_id: None,
        concat: None,
        file_id: None,
        part_offset: part.as_ref().map(|(_, offset)| *offset),
        part_of: part.map(|(file, _)| file),
        final_id: None,
        part_number: None,
        created_at: now,
        updated_at: now,
        expires_at,
    })
}

/// What an account may have.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub open: i64,
    pub bytes: i64,
}

/// Makes the row, with its parts or its place in a shared file, and reserves its room.
pub(super) fn insert(
    conn: &mut Conn,
    quota: &Quota,
    mut row: Upload,
    parts: &[UploadId],
    limits: Limits,
) -> Result<Upload> {
    if store::count_open(conn, &row.account_id, row.created_at)? >= limits.open {
        return Err(Error::TooManyOpen { max: limits.open });
    }
    if row.kind == Kind::Final {
        let bounds = (row.created_at, limits.bytes);
        return begin_final_in(conn, quota, row, parts, bounds);
    }
    share_file_in(conn, &mut row, limits.bytes)?;
    quota.begin_in(conn, &row)?;
    Ok(row)
}
