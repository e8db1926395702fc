//! The rows of films: one at a time. Lists are in [`super::catalogue`].

pub(super) mod posters;
pub(super) mod told;

use diesel::prelude::*;

use super::model::{Movie, MovieState};
use super::search::{self, Fact};
use crate::clock::Time;
use crate::db::schema::{blobs, movie_tags, movies};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{self, MovieId};

/// A row to be written.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = movies)]
pub(super) struct NewRow {
    pub id: MovieId,
    pub title: String,
    pub sort_title: String,
    pub description: String,
    pub category: String,
    pub tags: String,
    pub price: i64,
    pub state: MovieState,
    pub publish_at: Option<Time>,
    pub listed_at: Time,
    pub place: i64,
    pub duration_ms: i64,
    pub width: i32,
    pub height: i32,
    pub video_codec: String,
    pub audio_codec: Option<String>,
    pub content_type: String,
    pub file_name: String,
    pub blob_id: ids::BlobId,
    pub fingerprint: String,
    pub popularity: i64,
    pub created_by: String,
    pub created_at: Time,
    pub updated_at: Time,
    pub preview_seconds: i32,
}

/// What an edit, the trash or a job changes; `None` leaves a column.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = movies)]
pub(super) struct Changes {
    pub title: Option<String>,
    pub sort_title: Option<String>,
    pub description: Option<String>,
    pub category: Option<String>,
    pub tags: Option<String>,
    pub price: Option<i64>,
    pub state: Option<MovieState>,
    pub failure: Option<Option<String>>,
    pub preview_seconds: Option<i32>,
    pub publish_at: Option<Option<Time>>,
    pub listed_at: Option<Time>,
    pub place: Option<i64>,
    pub deleted_at: Option<Option<Time>>,
    pub updated_at: Option<Time>,
}

macro_rules! films {
    () => {
        movies::table
            .inner_join(blobs::table)
            .select(Movie::as_select())
    };
}
pub(super) use films;

pub(super) fn find(conn: &mut Conn, id: &MovieId) -> Result<Option<Movie>> {
    Ok(films!().filter(movies::id.eq(id)).first(conn).optional()?)
}

pub(super) fn find_all(conn: &mut Conn, ids: &[MovieId]) -> Result<Vec<Movie>> {
    Ok(films!().filter(movies::id.eq_any(ids)).load(conn)?)
}

pub(super) fn find_by_blake3(conn: &mut Conn, blake3: &str) -> Result<Option<Movie>> {
    Ok(films!()
        .filter(blobs::blake3.eq(blake3))
        .first(conn)
        .optional()?)
}

/// The first film with this fingerprint; one outside the trash if there is a choice.
pub(super) fn find_by_fingerprint(conn: &mut Conn, fingerprint: &str) -> Result<Option<Movie>> {
    Ok(films!()
        .filter(movies::fingerprint.eq(fingerprint))
        .order((movies::is_listed.desc(), movies::place.asc()))
        .first(conn)
        .optional()?)
}

/// The first film with exactly this title, in the trash or not.
pub(super) fn find_by_title(conn: &mut Conn, title: &str) -> Result<Option<Movie>> {
    Ok(films!()
        .filter(movies::title.eq(title))
        .order(movies::id)
        .first(conn)
        .optional()?)
}

/// The place of a film that is listed at `at`: that moment in microseconds, or the next one that is free.
pub(super) fn free_place(conn: &mut Conn, at: Time) -> Result<i64> {
    let mut place = at.and_utc().timestamp_micros();
    while is_taken(conn, place)? {
        place += 1;
    }
    Ok(place)
}

fn is_taken(conn: &mut Conn, place: i64) -> Result<bool> {
    let found: Option<i64> = movies::table
        .filter(movies::place.eq(place))
        .select(movies::place)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Writes films with their tags and words. The rows of their bytes are there.
pub(super) fn insert(conn: &mut Conn, films: &[NewRow]) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(movies::table).values(films).execute(c))?;
    for row in films {
        insert_tags(conn, &row.id, &row.tags)?;
        insert_words(conn, &row.id, row.place, &words_of_row(row))?;
    }
    Ok(())
}

pub(super) fn update(conn: &mut Conn, id: &MovieId, changes: &Changes) -> Result<()> {
    diesel::update(movies::table.find(id))
        .set(changes)
        .execute(conn)?;
    Ok(())
}

/// Writes the tags and the words of a film anew, after its row was changed; `before` is the film as it was.
pub(super) fn index_again(conn: &mut Conn, before: &Movie) -> Result<()> {
    let Some(now) = find(conn, &before.id)? else {
        return Ok(());
    };
    if now.tags != before.tags {
        diesel::delete(movie_tags::table.filter(movie_tags::movie_id.eq(&now.id))).execute(conn)?;
        insert_tags(conn, &now.id, &now.tags)?;
    }
    delete_words(conn, &before.id, before.place)?;
    insert_words(conn, &now.id, now.place, &words_of_film(&now))
}

pub(super) fn replace_file(
    conn: &mut Conn,
    id: &MovieId,
    blob: &ids::BlobId,
    file: &super::preparing::NewFile,
    now: Time,
) -> Result<()> {
    diesel::update(movies::table.find(id))
        .set((file, movies::blob_id.eq(blob), movies::updated_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Removes a film. Its tags and the rows of its posters go with it.
pub(super) fn delete(conn: &mut Conn, film: &Movie) -> Result<()> {
    delete_words(conn, &film.id, film.place)?;
    diesel::delete(movies::table.find(&film.id)).execute(conn)?;
    Ok(())
}

/// Has one of a film's pictures shown.
pub(super) fn set_poster(conn: &mut Conn, id: &MovieId, key: &str, now: Time) -> Result<()> {
    diesel::update(movies::table.find(id))
        .set((movies::poster_key.eq(key), movies::updated_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

pub(super) fn add_popularity(conn: &mut Conn, id: &MovieId) -> Result<()> {
    diesel::update(movies::table.find(id))
        .set(movies::popularity.eq(movies::popularity + 1))
        .execute(conn)?;
    Ok(())
}

fn insert_tags(conn: &mut Conn, id: &MovieId, tags: &str) -> Result<()> {
    let tags: Vec<String> = serde_json::from_str(tags).unwrap_or_default();
    let rows: Vec<_> = tags
        .iter()
        .map(|tag| (movie_tags::movie_id.eq(id), movie_tags::tag.eq(tag)))
        .collect();
    if !rows.is_empty() {
        on_backend!(conn, c => diesel::insert_into(movie_tags::table).values(&rows).execute(c))?;
    }
    Ok(())
}

fn words_of_row(row: &NewRow) -> Vec<String> {
    words(
        &[&row.title, &row.description],
        &row.category,
        &row.tags,
        row.price,
        row.state == MovieState::Published,
    )
}

fn words_of_film(film: &Movie) -> Vec<String> {
    let is_listed = film.state == MovieState::Published && film.deleted_at.is_none();
    words(
        &[&film.title, &film.description],
        &film.category,
        &film.tags,
        film.price,
        is_listed,
    )
}

fn words(texts: &[&str], category: &str, tags: &str, price: i64, is_listed: bool) -> Vec<String> {
    let tags: Vec<String> = serde_json::from_str(tags).unwrap_or_default();
    let price = if price > 0 { Fact::Paid } else { Fact::Free };
    let state = (!is_listed).then_some(Fact::Unlisted);
    let category_fact = (!category.is_empty()).then_some(Fact::Category(category));
    let facts = [price].into_iter().chain(state).chain(category_fact);
    let texts = texts.iter().copied().chain([category]);
    search::words_of(texts, &tags, facts)
}

fn insert_words(conn: &mut Conn, id: &MovieId, place: i64, words: &[String]) -> Result<()> {
    use diesel::sql_types::{Array, BigInt, Text};
    match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("INSERT INTO movies_search (rowid, words) VALUES ($1, $2)")
                .bind::<BigInt, _>(place)
                .bind::<Text, _>(words.join(" "))
                .execute(c)?
        }
        Conn::Pg(c) => diesel::sql_query(
            "INSERT INTO movies_search (movie_id, words) VALUES ($1, array_to_tsvector($2))",
        )
        .bind::<Text, _>(id)
        .bind::<Array<Text>, _>(words)
        .execute(c)?,
    };
    Ok(())
}

fn delete_words(conn: &mut Conn, id: &MovieId, place: i64) -> Result<()> {
    use diesel::sql_types::{BigInt, Text};
    match conn {
        Conn::Sqlite(c) => diesel::sql_query("DELETE FROM movies_search WHERE rowid = $1")
            .bind::<BigInt, _>(place)
            .execute(c)?,
        Conn::Pg(c) => diesel::sql_query("DELETE FROM movies_search WHERE movie_id = $1")
            .bind::<Text, _>(id)
            .execute(c)?,
    };
    Ok(())
}

/// Puts another name to the films that somebody has published.
pub(super) fn rename_publisher(conn: &mut Conn, from: &str, to: &str) -> Result<()> {
    diesel::update(movies::table.filter(movies::created_by.eq(from)))
        .set(movies::created_by.eq(to))
        .execute(conn)?;
    Ok(())
}
