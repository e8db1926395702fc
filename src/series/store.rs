//! The rows of series and of the films in them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};

use super::model::{Placed, Sees, Series};
use crate::clock::Time;
use crate::db::schema::{movies, series, series_films};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{MovieId, SeriesId};

/// What changes in a series; `None` leaves a column.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = series)]
pub(super) struct Changes {
    pub title: Option<String>,
    pub sort_title: Option<String>,
    pub description: Option<String>,
    pub updated_at: Option<Time>,
}

/// A series in the list, with what somebody sees of it.
#[derive(Clone, Debug, QueryableByName)]
pub(super) struct Listed {
    #[diesel(sql_type = Text)]
    pub id: SeriesId,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub sort_title: String,
    #[diesel(sql_type = Text)]
    pub description: String,
    #[diesel(sql_type = BigInt)]
    pub films: i64,
    #[diesel(sql_type = BigInt)]
    pub seasons: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub first_film: Option<MovieId>,
}

/// Titles in their order after the one given; without `$2` only series with a film in the catalogue at `$1`. The
/// numbers stand in the order in which SQLite meets them.
const PAGE: &str = "\
SELECT s.id, s.title, s.sort_title, s.description,
    (SELECT COUNT(*) FROM series_films f JOIN movies m ON m.id = f.movie_id
        WHERE f.series_id = s.id AND ((m.is_listed AND m.listed_at <= $1) OR $2)) AS films,
    (SELECT COUNT(DISTINCT f.season) FROM series_films f JOIN movies m ON m.id = f.movie_id
        WHERE f.series_id = s.id AND ((m.is_listed AND m.listed_at <= $1) OR $2)) AS seasons,
    (SELECT f.movie_id FROM series_films f JOIN movies m ON m.id = f.movie_id
        WHERE f.series_id = s.id AND ((m.is_listed AND m.listed_at <= $1) OR $2)
        ORDER BY f.season, f.episode LIMIT 1) AS first_film
FROM series s
WHERE s.sort_title >= $3 AND (s.sort_title > $3 OR s.id > $4)
    AND ($2 OR EXISTS (SELECT 1 FROM series_films f JOIN movies m ON m.id = f.movie_id
        WHERE f.series_id = s.id AND m.is_listed AND m.listed_at <= $1))
ORDER BY s.sort_title, s.id LIMIT $5";

pub(super) fn page(
    conn: &mut Conn,
    sees: Sees,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<Listed>> {
    Ok(diesel::sql_query(PAGE)
        .bind::<Timestamp, _>(sees.now)
        .bind::<Bool, _>(sees.everything)
        .bind::<Text, _>(after.0)
        .bind::<Text, _>(after.1)
        .bind::<BigInt, _>(limit)
        .load(conn)?)
}

pub(super) fn find(conn: &mut Conn, id: &SeriesId) -> Result<Option<Series>> {
    Ok(series::table
        .find(id)
        .select(Series::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn insert(conn: &mut Conn, row: &Series) -> Result<()> {
    diesel::insert_into(series::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn update(conn: &mut Conn, id: &SeriesId, changes: &Changes) -> Result<()> {
    diesel::update(series::table.find(id))
        .set(changes)
        .execute(conn)?;
    Ok(())
}

/// Removes a series and the places of its films.
pub(super) fn delete(conn: &mut Conn, id: &SeriesId) -> Result<()> {
    diesel::delete(series_films::table.filter(series_films::series_id.eq(id))).execute(conn)?;
    diesel::delete(series::table.find(id)).execute(conn)?;
    Ok(())
}

/// The films of a series in their order, whoever sees them.
pub(super) fn films(conn: &mut Conn, id: &SeriesId) -> Result<Vec<Placed>> {
    Ok(series_films::table
        .filter(series_films::series_id.eq(id))
        .order((series_films::season, series_films::episode))
        .select(Placed::as_select())
        .load(conn)?)
}

pub(super) fn count_films(conn: &mut Conn, id: &SeriesId) -> Result<i64> {
    Ok(series_films::table
        .filter(series_films::series_id.eq(id))
        .count()
        .get_result(conn)?)
}

/// Where a film is, if it is in a series.
pub(super) fn find_place(conn: &mut Conn, movie: &MovieId) -> Result<Option<Placed>> {
    Ok(series_films::table
        .find(movie)
        .select(Placed::as_select())
        .first(conn)
        .optional()?)
}

/// The film that has a place.
pub(super) fn find_at(
    conn: &mut Conn,
    id: &SeriesId,
    season: i32,
    episode: i32,
) -> Result<Option<MovieId>> {
    Ok(series_films::table
        .filter(series_films::series_id.eq(id))
        .filter(series_films::season.eq(season))
        .filter(series_films::episode.eq(episode))
        .select(series_films::movie_id)
        .first(conn)
        .optional()?)
}

/// Puts a film into a place that is free. When another transaction has just taken it, PostgreSQL has this one tried again.
pub(super) fn put(conn: &mut Conn, placed: &Placed) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(series_films::table)
        .values(placed)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Gives a film that is in a series another place in it, which is free; as in [`put`] when it has just been taken. An
/// update would end in a violated index then, and not in another try.
pub(super) fn shift(conn: &mut Conn, placed: &Placed) -> Result<()> {
    take_out(conn, &placed.movie_id)?;
    put(conn, placed)
}

pub(super) fn take_out(conn: &mut Conn, movie: &MovieId) -> Result<()> {
    diesel::delete(series_films::table.find(movie)).execute(conn)?;
    Ok(())
}

/// Films of a series that somebody sees.
macro_rules! seen {
    ($placed:expr, $sees:expr) => {{
        let mut query = series_films::table
            .inner_join(movies::table)
            .filter(series_films::series_id.eq(&$placed.series_id))
            .select(series_films::movie_id)
            .into_boxed();
        if !$sees.everything {
            query = query
                .filter(movies::is_listed.eq(true))
                .filter(movies::listed_at.le($sees.now));
        }
        query
    }};
}

/// The film before a place that somebody sees.
pub(super) fn before(conn: &mut Conn, place: &Placed, sees: Sees) -> Result<Option<MovieId>> {
    use series_films as f;
    Ok(seen!(place, sees)
        .filter(f::season.le(place.season))
        .filter(f::season.lt(place.season).or(f::episode.lt(place.episode)))
        .order((f::season.desc(), f::episode.desc()))
        .first(conn)
        .optional()?)
}

/// The film after a place that somebody sees.
pub(super) fn after(conn: &mut Conn, place: &Placed, sees: Sees) -> Result<Option<MovieId>> {
    use series_films as f;
    Ok(seen!(place, sees)
        .filter(f::season.ge(place.season))
        .filter(f::season.gt(place.season).or(f::episode.gt(place.episode)))
        .order((f::season, f::episode))
        .first(conn)
        .optional()?)
}
