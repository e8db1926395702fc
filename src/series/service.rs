//! Finding and changing series.

use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use playhouse_api::series as api;
use serde_json::json;

use super::model::{Error, Key, Placed, Sees, Series};
use super::store::{self, Changes};
use crate::accounts::Viewer;
use crate::audit::{self, Actor};
use crate::clock::{Clock, Time};
use crate::db::{Conn, Db};
use crate::error::FieldChecks;
use crate::ids::{MovieId, SeriesId};
use crate::membership::Membership;
use crate::movies::words::sort_key;
use crate::movies::{Movie, Movies};
use crate::page::PageRequest;

type Result<T> = std::result::Result<T, Error>;

const MAX_TITLE: usize = 200;
/// Characters.
const MAX_DESCRIPTION: usize = 10_000;
const MAX_NUMBER: i32 = 9999;
/// Films of one series: all of them are shown at once.
const MAX_FILMS: i64 = 1000;

/// The series of the house; cheap to copy.
#[derive(Clone)]
pub struct SeriesCatalogue {
    db: Db,
    clock: Clock,
}

impl SeriesCatalogue {
    #[must_use]
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    fn sees(&self, who: &Viewer) -> Sees {
        Sees {
            everything: who.is_admin(),
            now: self.clock.now(),
        }
    }

    /// Series by their titles; for members those with a film that they see.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        who: &Viewer,
        page: PageRequest<Key>,
    ) -> Result<Page<api::SeriesSummary>> {
        let sees = self.sees(who);
        check_cursor(&page)?;
        self.db
            .read(move |conn| {
                let (title, id) = match &page.after {
                    Some(key) => (key.title.as_str(), key.id.to_string()),
                    None => ("", String::new()),
                };
                let rows = store::page(conn, sees, (title, &id), page.rows_to_fetch())?;
                let page = page.page(rows, |row| Key {
                    title: row.sort_title.clone(),
                    id: row.id.uuid(),
                });
                let firsts: Vec<MovieId> = page
                    .items
                    .iter()
                    .filter_map(|row| row.first_film.clone())
                    .collect();
                let films = Movies::find_all_in(conn, &firsts)?;
                Ok(page.map(|row| api::SeriesSummary {
                    id: row.id.uuid(),
                    title: row.title,
                    description: row.description,
                    films: row.films,
                    seasons: row.seasons,
                    poster_url: row
                        .first_film
                        .and_then(|film| films.get(&film)?.poster_url()),
                }))
            })
            .await
    }

    /// A series with the films that somebody sees.
    ///
    /// # Errors
    /// [`Error::NotFound`], for members also when they see no film of it.
    pub async fn get(&self, who: &Viewer, id: SeriesId) -> Result<api::SeriesDetail> {
        let sees = self.sees(who);
        self.db
            .read(move |conn| {
                let shown = detail(conn, &id, sees)?;
                match shown.seasons.is_empty() && !sees.everything {
                    true => Err(Error::NotFound),
                    false => Ok(shown),
                }
            })
            .await
    }

    /// Where a film is in its series, and which films come before and after it.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] for one that the account does not see.
    pub async fn place_of(&self, who: &Viewer, movie: MovieId) -> Result<api::PlaceInSeries> {
        let (account, sees) = (who.id().clone(), self.sees(who));
        self.db
            .read(move |conn| {
                Membership::see_in(conn, &account, &movie, sees.everything, sees.now)?
                    .ok_or(Error::NoSuchFilm)?;
                let Some(place) = store::find_place(conn, &movie)? else {
                    return Ok(api::PlaceInSeries::default());
                };
                let series = get_in(conn, &place.series_id)?;
                let previous = store::before(conn, &place, sees)?;
                let next = store::after(conn, &place, sees)?;
                Ok(api::PlaceInSeries {
                    series: Some(api::SeriesName {
                        id: series.id.uuid(),
                        title: series.title,
                    }),
                    season: Some(place.season),
                    episode: Some(place.episode),
                    previous: film(conn, previous)?,
                    next: film(conn, next)?,
                })
            })
            .await
    }

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

impl Sees {
    fn all(now: Time) -> Self {
        Self {
            everything: true,
            now,
        }
    }

    fn shows(self, film: &Movie) -> bool {
        self.everything || film.is_visible(self.now)
    }
}

fn get_in(conn: &mut Conn, id: &SeriesId) -> Result<Series> {
    store::find(conn, id)?.ok_or(Error::NotFound)
}

fn film(conn: &mut Conn, id: Option<MovieId>) -> Result<Option<playhouse_api::movies::Movie>> {
    let Some(id) = id else { return Ok(None) };
    Ok(Movies::find_in(conn, &id)?.map(|film| film.view()))
}

fn detail(conn: &mut Conn, id: &SeriesId, sees: Sees) -> Result<api::SeriesDetail> {
    let series = get_in(conn, id)?;
    let placed = store::films(conn, id)?;
    let ids: Vec<MovieId> = placed.iter().map(|it| it.movie_id.clone()).collect();
    let films = Movies::find_all_in(conn, &ids)?;
    let mut seasons: Vec<api::Season> = Vec::new();
    for place in placed {
        let film = films.get(&place.movie_id).filter(|film| sees.shows(film));
        let Some(film) = film else { continue };
        let episode = api::Episode {
            episode: place.episode,
            movie: film.view(),
        };
        match seasons.last_mut() {
            Some(season) if season.number == place.season => season.films.push(episode),
            _ => seasons.push(api::Season {
                number: place.season,
                films: vec![episode],
            }),
        }
    }
    Ok(api::SeriesDetail {
        id: series.id.uuid(),
        title: series.title,
        description: series.description,
        seasons,
    })
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

/// A cursor of ours has no NUL, and PostgreSQL could not look for one.
fn check_cursor(page: &PageRequest<Key>) -> Result<()> {
    let has_nul = page
        .after
        .as_ref()
        .is_some_and(|key| key.title.contains('\0'));
    let mut checks = FieldChecks::default();
    let detail = "cursor is not one that this list gave.";
    checks.require(!has_nul, "cursor", FieldCode::InvalidFormat, detail);
    checks.finish().map_err(Error::Invalid)
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
