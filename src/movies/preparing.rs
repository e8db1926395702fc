//! A film on its way from the upload to the members: what the slice that makes renditions tells this one.

use std::sync::{Arc, PoisonError, RwLock};

use super::model::{Error, Movie, MovieState};
use super::service::{Movies, Result};
use super::store::{self, Changes};
use crate::blobs;
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::encoding::plan::plays_as_it_is;
use crate::encoding::{Source, Tools};
use crate::ids::{BlobId, MovieId};
use crate::jobs::{Jobs, Lane, NewJob};

/// Makes the first rendition of a film, publishes it, and asks for the others. Its subject is the film.
pub const PREPARE: &str = "film";

/// Before any other work on films: somebody waits for it.
const PRIORITY: i32 = 10;

/// What else is removed with a film: told in its transaction, before its row goes.
type Companion = dyn Fn(&mut Conn, Time, &MovieId) -> Result<()> + Send + Sync;

#[derive(Clone, Default)]
pub(super) struct Companions(Arc<RwLock<Vec<Arc<Companion>>>>);

impl Companions {
    pub(super) fn purge(&self, conn: &mut Conn, now: Time, movie: &MovieId) -> Result<()> {
        let all = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        all.iter().try_for_each(|purge| purge(conn, now, movie))
    }
}

/// A film that plays as it is can be seen at once; so can any film where nothing can be made of it.
pub(super) fn state_at_first(source: &Source, can_encode: bool) -> MovieState {
    match plays_as_it_is(source) || !can_encode {
        true => MovieState::Published,
        false => MovieState::Processing,
    }
}

/// Asks for the renditions of a film, as part of the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub fn prepare_in(conn: &mut Conn, now: Time, movie: &MovieId) -> db::Result<()> {
    let job = NewJob {
        lane: Lane::Long,
        priority: PRIORITY,
        ..NewJob::new(PREPARE, movie.as_str(), now)
    };
    Jobs::enqueue_in(conn, now, job)
}

/// A file that takes the place of the one that was uploaded.
#[derive(Clone, Debug, diesel::AsChangeset)]
#[diesel(table_name = crate::db::schema::movies)]
pub struct NewFile {
    pub file_name: String,
    pub content_type: String,
    pub width: i32,
    pub height: i32,
    pub video_codec: String,
    pub audio_codec: Option<String>,
}

impl Movies {
    /// The tools that look into films.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Says what is removed together with a film. It may run more than once, as in [`db::Db::write`].
    pub fn goes_with_a_film(
        &self,
        purge: impl Fn(&mut Conn, Time, &MovieId) -> Result<()> + Send + Sync + 'static,
    ) {
        let companions = self.companions.0.write();
        companions
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(purge));
    }

    /// Shows a film to members that can be played now, as part of the caller's transaction. After the commit, call
    /// [`Movies::changed`].
    ///
    /// # Errors
    /// When the database refuses.
    pub fn publish_in(&self, conn: &mut Conn, now: Time, movie: &MovieId) -> db::Result<()> {
        let before = store::find(conn, movie)?;
        set_state(conn, now, movie, MovieState::Published, None)?;
        let after = store::find(conn, movie)?;
        match (before, after) {
            (Some(before), Some(film)) if !before.is_for_members() => {
                self.announce_in(conn, now, &film)
            }
            _ => Ok(()),
        }
    }

    /// A film that waited to be playable never will be. One that members see stays.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn give_up_in(conn: &mut Conn, now: Time, movie: &MovieId, why: &str) -> db::Result<()> {
        match store::find(conn, movie)? {
            Some(film) if film.state == MovieState::Processing => {
                set_state(conn, now, movie, MovieState::Failed, Some(why))
            }
            _ => Ok(()),
        }
    }

    /// A film that had failed may be playable yet. The reason of then is forgotten.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn hope_again_in(conn: &mut Conn, now: Time, movie: &MovieId) -> db::Result<()> {
        match store::find(conn, movie)? {
            Some(film) if film.state == MovieState::Failed => {
                set_state(conn, now, movie, MovieState::Processing, None)
            }
            _ => Ok(()),
        }
    }

    /// A film whose file is broken is taken from the members, with the reason.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fail(&self, movie: MovieId, why: String) -> Result<()> {
        let (now, id) = (self.clock.now(), movie.clone());
        self.db
            .write::<_, Error, _>(move |conn| {
                Ok(set_state(conn, now, &id, MovieState::Failed, Some(&why))?)
            })
            .await?;
        self.changed();
        self.stop_watching(&movie);
        Ok(())
    }

    /// Gives a film another file; the hold on the bytes of the one before is given up. As part of the caller's
    /// transaction, in which `blob` has come to be held.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn replace_file_in(
        conn: &mut Conn,
        now: Time,
        movie: &MovieId,
        blob: &BlobId,
        file: &NewFile,
    ) -> Result<()> {
        let before = store::find(conn, movie)?.ok_or(Error::NotFound)?;
        store::replace_file(conn, movie, blob, file, now)?;
        Ok(blobs::release_in(conn, now, &before.blob.id, 1)?)
    }

    /// Pages that were shown are made anew, and what was told goes out.
    pub fn changed(&self) {
        self.pages.forget();
        self.events.committed();
    }

    /// Ends what is being sent of a film.
    pub fn stop_watching(&self, movie: &MovieId) {
        self.transfers.stop_movie(movie);
    }
}

fn set_state(
    conn: &mut Conn,
    now: Time,
    movie: &MovieId,
    state: MovieState,
    failure: Option<&str>,
) -> db::Result<()> {
    let Some(before) = store::find(conn, movie)? else {
        return Ok(());
    };
    let is_new = |film: &Movie| film.state != state || film.failure.as_deref() != failure;
    if !is_new(&before) {
        return Ok(());
    }
    let changes = Changes {
        state: Some(state),
        failure: Some(failure.map(str::to_owned)),
        updated_at: Some(now),
        ..Changes::default()
    };
    store::update(conn, movie, &changes)?;
    store::index_again(conn, &before)
}
