//! Pages of entries. Each order is one range of one index, so a page costs the same in a folder of any size: what is
//! in the trash is part of every index, and names it in `ORDER BY` because PostgreSQL asks for that.

use diesel::prelude::*;

use super::nodes;
use crate::clock::Time;
use crate::db::schema::{blobs, drive_entries as entries};
use crate::db::{Conn, Result};
use crate::drive::model::{Kind, Node};
use crate::ids::{AccountId, EntryId};

/// Where to look.
#[derive(Clone, Copy, Debug)]
pub(in crate::drive) enum Within<'a> {
    Folder(&'a EntryId),
    /// The whole drive, for names that fit a `LIKE` pattern with `\` as its escape.
    Drive {
        owner: &'a AccountId,
        pattern: &'a str,
    },
}

/// Which rows, in which order, after which one.
#[derive(Clone, Copy, Debug)]
pub(in crate::drive) enum Part<'a> {
    /// Files or folders, by name.
    Named {
        kind: Kind,
        after: Option<(&'a str, &'a EntryId)>,
    },
    /// The newest first.
    Modified(Option<(Time, &'a EntryId)>),
    /// The largest first.
    Sized(Option<(i64, &'a EntryId)>),
}

/// Rows that are not in the trash themselves; a search also finds the root, and what lies below a folder that is in it.
pub(in crate::drive) fn list(
    conn: &mut Conn,
    within: Within<'_>,
    part: Part<'_>,
    limit: i64,
) -> Result<Vec<Node>> {
    let mut query = nodes!()
        .filter(entries::trashed_at.is_null())
        .limit(limit)
        .into_boxed();
    query = match within {
        Within::Folder(id) => query.filter(entries::parent_id.eq(id)),
        Within::Drive { owner, pattern } => query
            .filter(entries::account_id.eq(owner))
            .filter(entries::sort_name.like(pattern).escape('\\')),
    };
    query = match part {
        Part::Named { kind, after } => {
            if let Some((name, id)) = after {
                query = query
                    .filter(entries::sort_name.ge(name))
                    .filter(entries::sort_name.gt(name).or(entries::id.gt(id)));
            }
            query.filter(entries::kind.eq(kind)).order((
                entries::trashed_at.asc(),
                entries::sort_name.asc(),
                entries::id.asc(),
            ))
        }
        Part::Modified(after) => {
            if let Some((at, id)) = after {
                query = query
                    .filter(entries::modified_at.le(at))
                    .filter(entries::modified_at.lt(at).or(entries::id.lt(id)));
            }
            query.order((
                entries::trashed_at.desc(),
                entries::modified_at.desc(),
                entries::id.desc(),
            ))
        }
        Part::Sized(after) => {
            if let Some((size, id)) = after {
                query = query
                    .filter(entries::size.le(size))
                    .filter(entries::size.lt(size).or(entries::id.lt(id)));
            }
            query.order((
                entries::trashed_at.desc(),
                entries::size.desc(),
                entries::id.desc(),
            ))
        }
    };
    Ok(query.load(conn)?)
}

/// What was thrown away itself and can be restored, the latest first.
pub(in crate::drive) fn trash(
    conn: &mut Conn,
    owner: &AccountId,
    after: Option<(Time, &EntryId)>,
    limit: i64,
) -> Result<Vec<Node>> {
    let mut query = nodes!()
        .filter(entries::account_id.eq(owner))
        .filter(entries::trashed_at.is_not_null())
        .filter(entries::parent_id.is_not_null())
        .order((entries::trashed_at.desc(), entries::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some((at, id)) = after {
        query = query
            .filter(entries::trashed_at.le(at))
            .filter(entries::trashed_at.lt(at).or(entries::id.lt(id).nullable()));
    }
    Ok(query.load(conn)?)
}
