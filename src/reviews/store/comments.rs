//! The rows of comments. Ids grow with time, so the newest come first by their ids.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::super::model::{Comment, State};
use crate::clock::Time;
use crate::db::schema::{accounts, comments, movies};
use crate::db::{Conn, Result};
use crate::ids::{AccountId, CommentId, MovieId};

pub(in crate::reviews) fn insert(conn: &mut Conn, row: &Comment) -> Result<()> {
    diesel::insert_into(comments::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(in crate::reviews) fn find(conn: &mut Conn, id: &CommentId) -> Result<Option<Comment>> {
    Ok(comments::table
        .find(id)
        .select(Comment::as_select())
        .first(conn)
        .optional()?)
}

pub(in crate::reviews) fn set_body(
    conn: &mut Conn,
    id: &CommentId,
    body: &str,
    now: Time,
) -> Result<()> {
    diesel::update(comments::table.find(id))
        .set((comments::body.eq(body), comments::edited_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

pub(in crate::reviews) fn set_hidden(
    conn: &mut Conn,
    id: &CommentId,
    is_hidden: bool,
) -> Result<()> {
    diesel::update(comments::table.find(id))
        .set(comments::is_hidden.eq(is_hidden))
        .execute(conn)?;
    Ok(())
}

/// Removes a comment. Its reports go with it.
pub(in crate::reviews) fn delete(conn: &mut Conn, id: &CommentId) -> Result<()> {
    diesel::delete(comments::table.find(id)).execute(conn)?;
    Ok(())
}

/// Removes every comment of an account, with their reports.
pub(in crate::reviews) fn delete_all(conn: &mut Conn, account: &AccountId) -> Result<()> {
    diesel::delete(comments::table.filter(comments::account_id.eq(account))).execute(conn)?;
    Ok(())
}

/// The comments on a film with the names of their authors, the newest first; without those of `unseen` authors, and of
/// whoever is locked or gone.
pub(in crate::reviews) fn of_film(
    conn: &mut Conn,
    movie: &MovieId,
    unseen: &[AccountId],
    before: Option<&CommentId>,
    limit: i64,
) -> Result<Vec<(Comment, String)>> {
    let mut query = comments::table
        .inner_join(accounts::table)
        .filter(comments::movie_id.eq(movie))
        .filter(comments::account_id.ne_all(unseen))
        .filter(accounts::is_locked.eq(false))
        .filter(accounts::deleted_at.is_null())
        .order(comments::id.desc())
        .limit(limit)
        .select((Comment::as_select(), accounts::username))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(comments::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// Comments with the names of their authors and the titles of their films, the newest first.
pub(in crate::reviews) fn list(
    conn: &mut Conn,
    state: State,
    before: Option<&CommentId>,
    limit: i64,
) -> Result<Vec<(Comment, String, String)>> {
    let mut query = comments::table
        .inner_join(accounts::table)
        .inner_join(movies::table)
        .order(comments::id.desc())
        .limit(limit)
        .select((Comment::as_select(), accounts::username, movies::title))
        .into_boxed();
    // In the words of the indexes, so that these are used.
    query = match state {
        State::Reported => query.filter(sql::<Bool>(
            "comments.reports > 0 AND NOT comments.is_hidden",
        )),
        State::Hidden => query.filter(sql::<Bool>("comments.is_hidden")),
        State::All => query,
    };
    if let Some(before) = before {
        query = query.filter(comments::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// The comments of an account in their order.
pub(in crate::reviews) fn of_account(
    conn: &mut Conn,
    account: &AccountId,
    after: Option<&CommentId>,
    limit: i64,
) -> Result<Vec<Comment>> {
    let mut query = comments::table
        .filter(comments::account_id.eq(account))
        .order(comments::id)
        .limit(limit)
        .select(Comment::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(comments::id.gt(after));
    }
    Ok(query.load(conn)?)
}
