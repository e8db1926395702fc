//! The rows of reports, and how many a comment has.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::super::model::Report;
use crate::db::schema::{accounts, comment_reports as reports, comments};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, CommentId};

pub(in crate::reviews) fn is_there(
    conn: &mut Conn,
    comment: &CommentId,
    account: &AccountId,
) -> Result<bool> {
    let row = reports::table.find((comment, account));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Writes a report that is not there, and counts it. When another transaction has just done so, PostgreSQL has this one
/// tried again.
pub(in crate::reviews) fn insert(conn: &mut Conn, row: &Report) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(reports::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    diesel::update(comments::table.find(&row.comment_id))
        .set(comments::reports.eq(comments::reports + 1))
        .execute(conn)?;
    Ok(())
}

/// Removes the reports of a comment.
pub(in crate::reviews) fn close(conn: &mut Conn, comment: &CommentId) -> Result<()> {
    diesel::delete(reports::table.filter(reports::comment_id.eq(comment))).execute(conn)?;
    diesel::update(comments::table.find(comment))
        .set(comments::reports.eq(0))
        .execute(conn)?;
    Ok(())
}

const TAKE_OUT: &str = "\
UPDATE comments SET reports = reports - 1
WHERE id IN (SELECT comment_id FROM comment_reports WHERE account_id = $1)";

/// Removes every report that an account has made; the counts follow.
pub(in crate::reviews) fn delete_all(conn: &mut Conn, account: &AccountId) -> Result<()> {
    diesel::sql_query(TAKE_OUT)
        .bind::<Text, _>(account)
        .execute(conn)?;
    diesel::delete(reports::table.filter(reports::account_id.eq(account))).execute(conn)?;
    Ok(())
}

/// The reports of a comment with the names of who made them, in the order of their ids.
pub(in crate::reviews) fn list(
    conn: &mut Conn,
    comment: &CommentId,
    after: Option<&AccountId>,
    limit: i64,
) -> Result<Vec<(Report, String)>> {
    let mut query = reports::table
        .inner_join(accounts::table)
        .filter(reports::comment_id.eq(comment))
        .order(reports::account_id)
        .limit(limit)
        .select((Report::as_select(), accounts::username))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(reports::account_id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// The reports that an account has made, in the order of the comments.
pub(in crate::reviews) fn of_account(
    conn: &mut Conn,
    account: &AccountId,
    after: Option<&CommentId>,
    limit: i64,
) -> Result<Vec<Report>> {
    let mut query = reports::table
        .filter(reports::account_id.eq(account))
        .order(reports::comment_id)
        .limit(limit)
        .select(Report::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(reports::comment_id.gt(after));
    }
    Ok(query.load(conn)?)
}
