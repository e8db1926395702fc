//! What is on a shelf. A film that has left the catalogue is not shown; when it returns it is in its place again.

use playhouse_api::movies as api;
use playhouse_api::page::Page;

use super::store::{self, Key, Row};
use crate::accounts::Viewer;
use crate::db::{self, Conn};
use crate::ids::MovieId;
use crate::movies::{Movie, Movies};
use crate::page::PageRequest;
use crate::playback::Playback;
use crate::playback::model::Error;
use crate::playback::service::seconds;

type Result<T> = std::result::Result<T, Error>;

impl Playback {
    /// Films that this account has begun and not seen to their end, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn watching(
        &self,
        who: &Viewer,
        page: PageRequest<Key>,
    ) -> Result<Page<api::Watching>> {
        let (account, now) = (who.id().clone(), self.clock.now());
        self.db
            .read(move |conn| {
                let rows = store::begun(conn, &account, &page, now)?;
                let show = |row: Row, film: &Movie| api::Watching {
                    movie: film.view(),
                    position: seconds(row.position_ms),
                    watched_at: row.at.and_utc(),
                };
                Ok(shown(conn, &page, rows, show)?)
            })
            .await
    }

    /// Films that this account wants to see later, the latest addition first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn watchlist(
        &self,
        who: &Viewer,
        page: PageRequest<Key>,
    ) -> Result<Page<api::Saved>> {
        let (account, now) = (who.id().clone(), self.clock.now());
        self.db
            .read(move |conn| {
                let rows = store::saved(conn, &account, &page, now)?;
                let show = |row: Row, film: &Movie| api::Saved {
                    movie: film.view(),
                    added_at: row.at.and_utc(),
                };
                Ok(shown(conn, &page, rows, show)?)
            })
            .await
    }

    /// Puts a film on the watchlist. One that is there stays in its place.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] for one that the account does not see.
    pub async fn save(&self, who: &Viewer, movie: MovieId) -> Result<()> {
        let (account, now) = (who.id().clone(), self.clock.now());
        self.db
            .write_relaxed(move |conn| {
                let film = Movies::find_in(conn, &movie)?.filter(|film| film.is_visible(now));
                film.ok_or(Error::NoSuchFilm)?;
                if !store::is_saved(conn, &account, &movie)? {
                    store::save(conn, &account, &movie, now)?;
                }
                Ok(())
            })
            .await
    }

    /// Takes a film off the watchlist, if it is there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unsave(&self, who: &Viewer, movie: MovieId) -> Result<()> {
        let account = who.id().clone();
        self.db
            .write_relaxed(move |conn| Ok(store::unsave(conn, &account, &movie)?))
            .await
    }
}

/// A page of rows with their films.
fn shown<T>(
    conn: &mut Conn,
    page: &PageRequest<Key>,
    rows: Vec<Row>,
    show: impl Fn(Row, &Movie) -> T,
) -> db::Result<Page<T>> {
    let Page { items, next_cursor } = page.page(rows, Row::key);
    let ids: Vec<MovieId> = items.iter().map(|row| row.movie_id.clone()).collect();
    let films = Movies::find_all_in(conn, &ids)?;
    let with_films = items.into_iter().filter_map(|row| {
        let film = films.get(&row.movie_id)?;
        Some(show(row, film))
    });
    Ok(Page {
        items: with_films.collect(),
        next_cursor,
    })
}
