//! The rows of notices and read marks.

use diesel::prelude::*;

use super::model::{Notice, NoticeKey};
use crate::clock::Time;
use crate::db::schema::{notice_marks, notices};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, NoticeId};

/// What changes in a notice; None leaves a column.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = notices)]
pub(super) struct Changes {
    pub title: Option<String>,
    pub body: Option<String>,
    pub pinned: Option<bool>,
    pub updated_at: Option<Time>,
}

pub(super) fn insert(conn: &mut Conn, row: &Notice) -> Result<()> {
    diesel::insert_into(notices::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: &NoticeId) -> Result<Option<Notice>> {
    Ok(notices::table
        .find(id)
        .select(Notice::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn update(conn: &mut Conn, id: &NoticeId, changes: &Changes) -> Result<()> {
    diesel::update(notices::table.find(id))
        .set(changes)
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, id: &NoticeId) -> Result<bool> {
    Ok(diesel::delete(notices::table.find(id)).execute(conn)? > 0)
}

/// Pinned ones first, then the newest; only those newer than `newer_than`, if given.
pub(super) fn list(
    conn: &mut Conn,
    newer_than: Option<&NoticeId>,
    after: Option<&NoticeKey>,
    limit: i64,
) -> Result<Vec<Notice>> {
    let mut query = notices::table
        .select(Notice::as_select())
        .order((notices::pinned.desc(), notices::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(id) = newer_than {
        query = query.filter(notices::id.gt(id));
    }
    if let Some(key) = after {
        let older = notices::id.lt(NoticeId::from(key.id));
        query = if key.pinned {
            query.filter(notices::pinned.eq(false).or(older))
        } else {
            query.filter(notices::pinned.eq(false).and(older))
        };
    }
    Ok(query.load(conn)?)
}

/// The newest, pinned or not.
pub(super) fn list_newest(conn: &mut Conn, limit: i64) -> Result<Vec<Notice>> {
    Ok(notices::table
        .select(Notice::as_select())
        .order(notices::id.desc())
        .limit(limit)
        .load(conn)?)
}

pub(super) fn find_mark(conn: &mut Conn, account: &AccountId) -> Result<Option<NoticeId>> {
    Ok(notice_marks::table
        .find(account)
        .select(notice_marks::read_up_to)
        .first(conn)
        .optional()?)
}

pub(super) fn put_mark(conn: &mut Conn, account: &AccountId, up_to: &NoticeId) -> Result<()> {
    let row = (
        notice_marks::account_id.eq(account),
        notice_marks::read_up_to.eq(up_to),
    );
    on_backend!(conn, c => diesel::insert_into(notice_marks::table)
        .values(row)
        .on_conflict(notice_marks::account_id)
        .do_update()
        .set(notice_marks::read_up_to.eq(up_to))
        .execute(c))?;
    Ok(())
}

/// How many notices were published since then, and are newer than the mark.
pub(super) fn count_newer(conn: &mut Conn, since: Time, mark: Option<&NoticeId>) -> Result<i64> {
    let mut query = notices::table
        .filter(notices::created_at.ge(since))
        .count()
        .into_boxed();
    if let Some(mark) = mark {
        query = query.filter(notices::id.gt(mark));
    }
    Ok(query.get_result(conn)?)
}

/// Removes the mark of an account.
pub(super) fn delete_mark(conn: &mut Conn, account: &AccountId) -> Result<()> {
    diesel::delete(notice_marks::table.find(account)).execute(conn)?;
    Ok(())
}

/// Puts another name under what somebody has written.
pub(super) fn rename_author(conn: &mut Conn, from: &str, to: &str) -> Result<()> {
    diesel::update(notices::table.filter(notices::author.eq(from)))
        .set(notices::author.eq(to))
        .execute(conn)?;
    Ok(())
}
