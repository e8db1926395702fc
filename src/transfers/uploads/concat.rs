//! `Upload-Concat`: files that arrive as parts, side by side, and are joined.
//!
//! A final upload names its parts in their order. It may do so before they are all there; the request that brings the
//! last of them joins them then. Parts that say in their metadata which file they are parts of, and where in it
//! (`part_of`, `part_offset`), are written straight into one file: nothing is copied, the final upload only checks that
//! they cover it. Others are copied together, by the file system where it can.
//!
//! Keeps true: a part belongs to at most one final upload, which has the same owner and purpose; the quota is held by
//! the parts until the final upload has its place.

use std::collections::HashSet;

use playhouse_api::uploads::UPLOADS_PATH;
use uuid::Uuid;

use super::model::{Error, Kind, State, Upload};
use super::quota::Quota;
use super::store;
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::UploadId;

type Result<T> = std::result::Result<T, Error>;

/// The most parts of a file.
pub(super) const MAX_PARTS: usize = 1000;

/// What `Upload-Concat` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Concat {
    Partial,
    /// The parts in their order.
    Final(Vec<UploadId>),
}

impl Concat {
    /// Reads the header. The addresses of parts are paths of this house, or begin with one of `origins`.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub(super) fn parse(text: &str, origins: &[String]) -> Result<Self> {
        if text == "partial" {
            return Ok(Self::Partial);
        }
        let list = text.strip_prefix("final;").ok_or(Error::Malformed(
            "Upload-Concat is partial, or final; and the addresses of the parts.",
        ))?;
        let mut parts = Vec::new();
        let mut seen = HashSet::new();
        for address in list.split(' ').filter(|it| !it.is_empty()) {
            let id = part(address, origins).ok_or(Error::Malformed(
                "Upload-Concat names a part by the Location that its creation answered.",
            ))?;
            if !seen.insert(id) {
                return Err(Error::Malformed("Upload-Concat names a part twice."));
            }
            if parts.len() == MAX_PARTS {
                return Err(Error::Malformed("Upload-Concat names at most 1000 parts."));
            }
            parts.push(UploadId::from(id));
        }
        if parts.is_empty() {
            return Err(Error::Malformed("Upload-Concat names no part."));
        }
        Ok(Self::Final(parts))
    }
}

fn part(address: &str, origins: &[String]) -> Option<Uuid> {
    let path = origins
        .iter()
        .find_map(|it| address.strip_prefix(it.as_str()))
        .unwrap_or(address);
    let id = path.strip_prefix(UPLOADS_PATH)?.strip_prefix('/')?;
    // Only the usual form: nothing encoded, nothing in braces, nothing after it.
    let id = Uuid::try_parse(id).ok().filter(|_| id.len() == 36)?;
    Some(id)
}

/// Makes the row of a final upload and gives it its parts.
pub(super) fn begin_final_in(
    conn: &mut Conn,
    quota: &Quota,
    mut row: Upload,
    ids: &[UploadId],
    (now, max): (Time, i64),
) -> Result<Upload> {
    let parts = parts_in_order(conn, ids)?;
    for part in &parts {
        check_part(part, &row, now)?;
    }
    let size = parts
        .iter()
        .try_fold(0_i64, |sum, it| Some(sum.saturating_add(it.size?)));
    if size.is_some_and(|it| it > max) {
        return Err(Error::TooLarge { max });
    }
    row.size = size;
    row.file_id = shared_file(conn, &parts)?;
    quota.begin_in(conn, &row)?;
    for (number, part) in (0..).zip(&parts) {
        store::claim_part(conn, &part.id, &row.id, number)?;
    }
    Ok(row)
}

fn parts_in_order(conn: &mut Conn, ids: &[UploadId]) -> Result<Vec<Upload>> {
    let mut found: Vec<Upload> = store::with_ids(conn, ids)?;
    found.sort_by_key(|it| ids.iter().position(|id| *id == it.id));
    if found.len() == ids.len() {
        Ok(found)
    } else {
        Err(Error::NoSuchPart)
    }
}

fn check_part(part: &Upload, row: &Upload, now: Time) -> Result<()> {
    if part.account_id != row.account_id {
        return Err(Error::NoSuchPart);
    }
    if part.expires_at <= now {
        return Err(Error::Expired);
    }
    let problem = match part {
        _ if part.kind != Kind::Partial => "One of these is not a partial upload.",
        _ if part.final_id.is_some() => "One of these parts belongs to another final upload.",
        _ if part.purpose != row.purpose => "The parts have another purpose than the whole.",
        _ => return Ok(()),
    };
    Err(Error::Parts(problem))
}

/// The file that the parts were written into, if they cover it and nobody else writes there.
fn shared_file(conn: &mut Conn, parts: &[Upload]) -> Result<Option<UploadId>> {
    let Some(file) = parts.first().and_then(|it| it.file_id.clone()) else {
        return match parts.iter().all(|it| it.file_id.is_none()) {
            true => Ok(None),
            false => Err(Error::Parts(
                "Some of the parts have part_of, some have not.",
            )),
        };
    };
    let mut end = 0;
    for part in parts {
        if part.file_id.as_ref() != Some(&file) || part.part_offset != Some(end) {
            return Err(Error::Parts(
                "The parts do not cover the file: each begins where the one before ends.",
            ));
        }
        end += part.size.unwrap_or(0);
    }
    if store::count_of_file(conn, &file)? != i64::try_from(parts.len()).unwrap_or(i64::MAX) {
        return Err(Error::Parts(
            "There are more parts of this file than these.",
        ));
    }
    Ok(Some(file))
}

/// Gives a part its place in the file that its client says it is a part of.
pub(super) fn share_file_in(conn: &mut Conn, row: &mut Upload, max: i64) -> Result<()> {
    let (Some(name), Some(offset)) = (row.part_of.clone(), row.part_offset) else {
        return Ok(());
    };
    let size = row.size.ok_or(Error::Malformed(
        "A part with part_offset says its Upload-Length at once.",
    ))?;
    let end = offset.checked_add(size).filter(|it| *it <= max);
    let end = end.ok_or(Error::TooLarge { max })?;
    let others = store::parts_of(conn, &row.account_id, &name)?;
    for other in &others {
        let begin = other.part_offset.unwrap_or(0);
        let is_apart = end <= begin || begin + other.size.unwrap_or(0) <= offset;
        let problem = match other {
            _ if other.final_id.is_some() => "This file has all its parts already.",
            _ if other.purpose != row.purpose => "The other parts have another purpose.",
            _ if !is_apart => "Another part covers this place of the file.",
            _ => continue,
        };
        return Err(Error::Parts(problem));
    }
    let file = others.into_iter().find_map(|it| it.file_id);
    row.file_id = Some(file.unwrap_or_else(UploadId::generate));
    Ok(())
}

/// Whether all parts are there.
pub(super) fn are_complete(parts: &[Upload]) -> bool {
    !parts.is_empty() && parts.iter().all(|it| it.state == State::Complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0197a8c0-0000-7000-8000-000000000001";

    fn read(list: &str) -> Result<Concat> {
        Concat::parse(list, &["https://films.example".to_owned()])
    }

    #[test]
    fn parts_are_named_by_their_address() {
        assert_eq!(read("partial").unwrap(), Concat::Partial);
        let one = Concat::Final(vec![UploadId::from(Uuid::try_parse(ID).unwrap())]);
        for list in [
            format!("final;/api/v1/uploads/{ID}"),
            format!("final; /api/v1/uploads/{ID} "),
            format!("final;https://films.example/api/v1/uploads/{ID}"),
        ] {
            assert_eq!(read(&list).unwrap(), one, "{list}");
        }
    }

    #[test]
    fn hostile_lists_are_refused() {
        let many: Vec<_> = (0..10_000_u128)
            .map(|it| format!("/api/v1/uploads/{}", Uuid::from_u128(it)))
            .collect();
        for list in [
            String::new(),
            "final".to_owned(),
            "final;".to_owned(),
            "final;   ".to_owned(),
            "Partial".to_owned(),
            format!("final;{ID}"),
            format!("final;/api/v1/uploads/{ID} /api/v1/uploads/{ID}"),
            format!(
                "final;/api/v1/uploads/{ID} /api/v1/uploads/{}",
                ID.to_uppercase()
            ),
            format!("final;https://elsewhere.example/api/v1/uploads/{ID}"),
            format!("final;//films.example/api/v1/uploads/{ID}"),
            format!("final;https://films.example.evil/api/v1/uploads/{ID}"),
            format!("final;https://films.example@evil/api/v1/uploads/{ID}"),
            format!("final;/api/v1/uploads/{ID}/"),
            format!("final;/api/v1/uploads/{ID}?x"),
            format!("final;/api/v1/uploads/{ID}%00"),
            format!("final;/api/v1/uploads/..%2f{ID}"),
            format!("final;/api/v1/uploads/../uploads/{ID}"),
            format!("final;/api/v1/uploads/{{{ID}}}"),
            "final;/api/v1/uploads/0197a8c0000070008000000000000001".to_owned(),
            "final;/api/v1/uploads/a\0b".to_owned(),
            format!("final;{}", many.join(" ")),
        ] {
            let refused = read(&list);
            assert!(matches!(refused, Err(Error::Malformed(_))), "{list:.100}");
        }
        assert!(read(&format!("final;{}", many[..MAX_PARTS].join(" "))).is_ok());
    }
}
