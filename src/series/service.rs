//! Finding series, and what somebody sees of them. Changing them is in [`super::changing`].

use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use playhouse_api::series as api;

use super::model::{Error, Key, Sees, Series};
use super::store;
use crate::accounts::Viewer;
use crate::clock::{Clock, Time};
use crate::db::{Conn, Db};
use crate::error::FieldChecks;
use crate::ids::{MovieId, SeriesId};
use crate::membership::Membership;
use crate::movies::{Movie, Movies};
use crate::page::PageRequest;

pub(super) type Result<T> = std::result::Result<T, Error>;

/// The series of the house; cheap to copy.
#[derive(Clone)]
pub struct SeriesCatalogue {
    pub(super) db: Db,
    pub(super) clock: Clock,
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
}

impl Sees {
    pub(super) fn all(now: Time) -> Self {
        Self {
            everything: true,
            now,
        }
    }

    fn shows(self, film: &Movie) -> bool {
        self.everything || film.is_visible(self.now)
    }
}

pub(super) fn get_in(conn: &mut Conn, id: &SeriesId) -> Result<Series> {
    store::find(conn, id)?.ok_or(Error::NotFound)
}

fn film(conn: &mut Conn, id: Option<MovieId>) -> Result<Option<playhouse_api::movies::Movie>> {
    let Some(id) = id else { return Ok(None) };
    Ok(Movies::find_in(conn, &id)?.map(|film| film.view()))
}

pub(super) fn detail(conn: &mut Conn, id: &SeriesId, sees: Sees) -> Result<api::SeriesDetail> {
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
