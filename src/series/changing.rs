//! What admins do to series: their names, and which film has which place.

use playhouse_api::problem::FieldCode;
use playhouse_api::series as api;
use serde_json::json;

use super::model::{Error, Placed, Sees, Series};
use super::service::{Result, SeriesCatalogue, detail, get_in};
use super::store::{self, Changes};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::ids::{MovieId, SeriesId};
use crate::movies::Movies;
use crate::movies::words::sort_key;

const MAX_TITLE: usize = 200;
/// Characters.
const MAX_DESCRIPTION: usize = 10_000;
const MAX_NUMBER: i32 = 9999;
/// Films of one series: all of them are shown at once.
const MAX_FILMS: i64 = 1000;

impl SeriesCatalogue {
    /// An admin makes a series, without films.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn create(&self, actor: Actor, new: api::NewSeries) -> Result<api::SeriesDetail> {
        let (title, description) = check(Some(&new.title), new.description.as_deref())?;
        let (title, now) = (title.unwrap_or_default(), self.clock.now());
        let row = Series {
            id: SeriesId::generate(),
            sort_title: sort_key(&title),
            title,
            description: description.unwrap_or_default(),
            created_at: now,
            updated_at: now,
        };
        self.db
            .write(move |conn| {
                store::insert(conn, &row)?;
                note(conn, now, &actor, "series.create", &row)?;
                detail(conn, &row.id, Sees::all(now))
            })
            .await
    }

    /// An admin edits a series.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change(
        &self,
        actor: Actor,
        id: SeriesId,
        asked: api::SeriesChanges,
    ) -> Result<api::SeriesDetail> {
        let (title, description) = check(asked.title.as_deref(), asked.description.as_deref())?;
        let now = self.clock.now();
        let changes = Changes {
            sort_title: title.as_deref().map(sort_key),
            title,
            description,
            updated_at: Some(now),
        };
        let is_change = changes.title.is_some() || changes.description.is_some();
        self.db
            .write(move |conn| {
                get_in(conn, &id)?;
                if is_change {
                    store::update(conn, &id, &changes)?;
                    let row = get_in(conn, &id)?;
                    note(conn, now, &actor, "series.change", &row)?;
                }
                detail(conn, &id, Sees::all(now))
            })
            .await
    }

    /// An admin removes a series. Its films stay.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete(&self, actor: Actor, id: SeriesId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |conn| {
                let row = get_in(conn, &id)?;
                store::delete(conn, &id)?;
                note(conn, now, &actor, "series.delete", &row)
            })
            .await
    }

    /// An admin puts a film into a place of a series; one that is in the series moves there.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoSuchFilm`], [`Error::EpisodeTaken`], [`Error::InAnother`], [`Error::Full`],
    /// [`Error::Invalid`].
    pub async fn place(
        &self,
        actor: Actor,
        id: SeriesId,
        movie: MovieId,
        asked: api::NewEpisode,
    ) -> Result<()> {
        check_place(asked)?;
        let now = self.clock.now();
        let placed = Placed {
            movie_id: movie,
            series_id: id,
            season: asked.season,
            episode: asked.episode,
        };
        self.db
            .write(move |conn| place(conn, now, &actor, &placed))
            .await
    }

    /// An admin takes a film out of a series, if it is in it. The film stays.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn take_out(&self, actor: Actor, id: SeriesId, movie: MovieId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |conn| {
                get_in(conn, &id)?;
                let place = store::find_place(conn, &movie)?;
                let Some(place) = place.filter(|it| it.series_id == id) else {
                    return Ok(());
                };
                store::take_out(conn, &movie)?;
                note_film(conn, now, &actor, "series.take_out", &place)
            })
            .await
    }
}

fn place(conn: &mut Conn, now: Time, actor: &Actor, placed: &Placed) -> Result<()> {
    get_in(conn, &placed.series_id)?;
    Movies::find_in(conn, &placed.movie_id)?.ok_or(Error::NoSuchFilm)?;
    let before = store::find_place(conn, &placed.movie_id)?;
    if let Some(before) = &before {
        if before == placed {
            return Ok(());
        }
        if before.series_id != placed.series_id {
            let other = get_in(conn, &before.series_id)?;
            return Err(Error::InAnother {
                title: other.title,
                series: other.id,
            });
        }
    }
    let (season, episode) = (placed.season, placed.episode);
    if let Some(movie) = store::find_at(conn, &placed.series_id, season, episode)? {
        let title = Movies::find_in(conn, &movie)?.map(|film| film.title);
        return Err(Error::EpisodeTaken {
            title: title.unwrap_or_default(),
            movie,
        });
    }
    match before {
        Some(_) => store::shift(conn, placed)?,
        None if store::count_films(conn, &placed.series_id)? >= MAX_FILMS => {
            return Err(Error::Full(MAX_FILMS));
        }
        None => store::put(conn, placed)?,
    }
    note_film(conn, now, actor, "series.place", placed)
}

/// Title and description as they are kept.
fn check(
    title: Option<&str>,
    description: Option<&str>,
) -> Result<(Option<String>, Option<String>)> {
    let mut checks = FieldChecks::default();
    let title = title.map(|it| it.trim().to_owned());
    if let Some(title) = &title {
        checks.required_line(title, "title", MAX_TITLE);
    }
    let description = description.map(|it| it.trim().to_owned());
    if let Some(description) = &description {
        checks.lines(description, "description", MAX_DESCRIPTION);
    }
    checks.finish().map_err(Error::Invalid)?;
    Ok((title, description))
}

fn check_place(asked: api::NewEpisode) -> Result<()> {
    let mut checks = FieldChecks::default();
    for (number, field) in [(asked.season, "season"), (asked.episode, "episode")] {
        let detail = format!("{field} is from 1 to {MAX_NUMBER}.");
        let is_right = (1..=MAX_NUMBER).contains(&number);
        checks.require(is_right, field, FieldCode::OutOfRange, &detail);
    }
    checks.finish().map_err(Error::Invalid)
}

fn note(conn: &mut Conn, now: Time, actor: &Actor, action: &str, row: &Series) -> Result<()> {
    let detail = json!({"title": row.title});
    let target = row.id.as_str();
    Ok(audit::record(conn, now, actor, action, target, &detail)?)
}

fn note_film(conn: &mut Conn, now: Time, actor: &Actor, action: &str, at: &Placed) -> Result<()> {
    let detail =
        json!({"movie_id": at.movie_id.as_str(), "season": at.season, "episode": at.episode});
    let target = at.series_id.as_str();
    Ok(audit::record(conn, now, actor, action, target, &detail)?)
}
