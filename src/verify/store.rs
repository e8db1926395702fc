//! What is recorded of contents and sums, each by one statement, so that it is of one moment.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::{Conn, Result};

/// A content as it is recorded, and how many rows have it.
#[derive(Clone, Debug, QueryableByName)]
pub(super) struct Content {
    #[diesel(sql_type = Text)]
    pub blake3: String,
    #[diesel(sql_type = BigInt)]
    pub size: i64,
    #[diesel(sql_type = BigInt)]
    pub refs: i64,
    #[diesel(sql_type = BigInt)]
    pub holders: i64,
}

/// Sums of an account that do not agree.
#[derive(Clone, Debug, QueryableByName)]
pub(super) struct Sums {
    #[diesel(sql_type = Text)]
    pub account_id: String,
    #[diesel(sql_type = BigInt)]
    pub used: i64,
    #[diesel(sql_type = BigInt)]
    pub actual_used: i64,
    #[diesel(sql_type = BigInt)]
    pub reserved: i64,
    #[diesel(sql_type = BigInt)]
    pub actual_reserved: i64,
}

/// The stars and votes of a film that do not agree.
#[derive(Clone, Debug, QueryableByName)]
pub(super) struct Ratings {
    #[diesel(sql_type = Text)]
    pub movie_id: String,
    #[diesel(sql_type = BigInt)]
    pub stars: i64,
    #[diesel(sql_type = BigInt)]
    pub actual_stars: i64,
    #[diesel(sql_type = BigInt)]
    pub votes: i64,
    #[diesel(sql_type = BigInt)]
    pub actual_votes: i64,
}

#[derive(QueryableByName)]
struct Totals {
    #[diesel(sql_type = BigInt)]
    contents: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

const CONTENTS: &str = "\
SELECT blake3, size, refs,
    (SELECT COUNT(*) FROM movies WHERE movies.blob_id = blobs.id)
    + (SELECT COUNT(*) FROM rendition_files WHERE rendition_files.blob_id = blobs.id)
    + (SELECT COUNT(*) FROM drive_entries WHERE drive_entries.blob_id = blobs.id)
    + (SELECT COUNT(*) FROM drive_versions WHERE drive_versions.blob_id = blobs.id) AS holders
FROM blobs WHERE blake3 >= $1 AND blake3 < $2 ORDER BY blake3";

const WRONG_SUMS: &str = "\
WITH entries AS (SELECT account_id, SUM(size) AS bytes FROM drive_entries GROUP BY account_id),
    versions AS (SELECT account_id, SUM(size) AS bytes FROM drive_versions GROUP BY account_id),
    waiting AS (SELECT account_id, SUM(reserved) AS bytes FROM uploads GROUP BY account_id),
    sums AS (
        SELECT accounts.id AS account_id,
            CAST(COALESCE(drive_usage.used, 0) AS BIGINT) AS used,
            CAST(COALESCE(entries.bytes, 0) + COALESCE(versions.bytes, 0) AS BIGINT) AS actual_used,
            CAST(COALESCE(drive_usage.reserved, 0) AS BIGINT) AS reserved,
            CAST(COALESCE(waiting.bytes, 0) AS BIGINT) AS actual_reserved
        FROM accounts
            LEFT JOIN drive_usage ON drive_usage.account_id = accounts.id
            LEFT JOIN entries ON entries.account_id = accounts.id
            LEFT JOIN versions ON versions.account_id = accounts.id
            LEFT JOIN waiting ON waiting.account_id = accounts.id)
SELECT * FROM sums WHERE used <> actual_used OR reserved <> actual_reserved ORDER BY account_id";

/// A film without a row has no votes.
const WRONG_RATINGS: &str = "\
WITH counted AS (SELECT movie_id, SUM(stars) AS stars, COUNT(*) AS votes FROM ratings GROUP BY movie_id),
    sums AS (
        SELECT movies.id AS movie_id,
            CAST(COALESCE(rating_sums.stars, 0) AS BIGINT) AS stars,
            CAST(COALESCE(counted.stars, 0) AS BIGINT) AS actual_stars,
            CAST(COALESCE(rating_sums.votes, 0) AS BIGINT) AS votes,
            CAST(COALESCE(counted.votes, 0) AS BIGINT) AS actual_votes
        FROM movies
            LEFT JOIN rating_sums ON rating_sums.movie_id = movies.id
            LEFT JOIN counted ON counted.movie_id = movies.id)
SELECT * FROM sums WHERE stars <> actual_stars OR votes <> actual_votes ORDER BY movie_id";

/// How many contents there are, and their bytes.
pub(super) fn totals(conn: &mut Conn) -> Result<(i64, i64)> {
    let text =
        "SELECT COUNT(*) AS contents, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM blobs";
    let totals: Totals = diesel::sql_query(text).get_result(conn)?;
    Ok((totals.contents, totals.bytes))
}

/// The contents whose hashes begin with these digits.
pub(super) fn contents_below(conn: &mut Conn, digits: &str) -> Result<Vec<Content>> {
    let found = diesel::sql_query(CONTENTS)
        .bind::<Text, _>(digits)
        // Behind every digit that may follow.
        .bind::<Text, _>(format!("{digits}g"))
        .load(conn)?;
    Ok(found)
}

pub(super) fn wrong_sums(conn: &mut Conn) -> Result<Vec<Sums>> {
    Ok(diesel::sql_query(WRONG_SUMS).load(conn)?)
}

pub(super) fn wrong_ratings(conn: &mut Conn) -> Result<Vec<Ratings>> {
    Ok(diesel::sql_query(WRONG_RATINGS).load(conn)?)
}
