//! The rows of ratings, and what they come to.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::super::model::Rated;
use crate::clock::Time;
use crate::db::schema::{rating_sums, ratings};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, MovieId};

pub(in crate::reviews) fn find(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
) -> Result<Option<i32>> {
    Ok(ratings::table
        .find((account, movie))
        .select(ratings::stars)
        .first(conn)
        .optional()?)
}

/// Writes a rating that is not there. When another transaction has just done so, PostgreSQL has this one tried again.
pub(in crate::reviews) fn insert(conn: &mut Conn, row: &Rated) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(ratings::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

pub(in crate::reviews) fn change(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
    stars: i32,
    now: Time,
) -> Result<()> {
    diesel::update(ratings::table.find((account, movie)))
        .set((ratings::stars.eq(stars), ratings::updated_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

pub(in crate::reviews) fn delete(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
) -> Result<()> {
    diesel::delete(ratings::table.find((account, movie))).execute(conn)?;
    Ok(())
}

/// Stars and votes of a film.
pub(in crate::reviews) fn sums(conn: &mut Conn, movie: &MovieId) -> Result<Option<(i64, i64)>> {
    Ok(rating_sums::table
        .find(movie)
        .select((rating_sums::stars, rating_sums::votes))
        .first(conn)
        .optional()?)
}

/// Adds to the sums of a film, or takes from them.
pub(in crate::reviews) fn add(
    conn: &mut Conn,
    movie: &MovieId,
    stars: i64,
    votes: i64,
) -> Result<()> {
    if sums(conn, movie)?.is_none() {
        let row = (
            rating_sums::movie_id.eq(movie),
            rating_sums::stars.eq(stars),
            rating_sums::votes.eq(votes),
        );
        on_backend!(conn, c => diesel::insert_into(rating_sums::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
        return Ok(());
    }
    diesel::update(rating_sums::table.find(movie))
        .set((
            rating_sums::stars.eq(rating_sums::stars + stars),
            rating_sums::votes.eq(rating_sums::votes + votes),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes the ratings of an account out of the sums.
const TAKE_OUT: &str = "\
UPDATE rating_sums SET votes = votes - 1, stars = stars - (SELECT r.stars FROM ratings r
    WHERE r.account_id = $1 AND r.movie_id = rating_sums.movie_id)
WHERE movie_id IN (SELECT r.movie_id FROM ratings r WHERE r.account_id = $1)";

/// Removes every rating of an account; the sums follow.
pub(in crate::reviews) fn delete_all(conn: &mut Conn, account: &AccountId) -> Result<()> {
    diesel::sql_query(TAKE_OUT)
        .bind::<Text, _>(account)
        .execute(conn)?;
    diesel::delete(ratings::table.filter(ratings::account_id.eq(account))).execute(conn)?;
    Ok(())
}

/// The ratings of an account, in the order of the films' ids.
pub(in crate::reviews) fn list(
    conn: &mut Conn,
    account: &AccountId,
    after: Option<&MovieId>,
    limit: i64,
) -> Result<Vec<Rated>> {
    let mut query = ratings::table
        .filter(ratings::account_id.eq(account))
        .order(ratings::movie_id)
        .limit(limit)
        .select(Rated::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(ratings::movie_id.gt(after));
    }
    Ok(query.load(conn)?)
}
