//! Posters: pictures of a film that ffmpeg takes after it was published, and one that an admin may upload. One of them
//! is shown.
//!
//! Keeps true: another picture has another key, and so another address; a picture whose film never came to know of it is
//! cleared away by a start.

mod choosing;
mod drawing;

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use self::drawing::BOUNDS;
use super::model::{Error, Movie, Poster};
use super::service::{Movies, Result};
use super::store::{self, posters};
use super::trash::remove_if_there;
use crate::accounts::Viewer;
use crate::clock::Time;
use crate::db::Conn;
use crate::encoding::{self, Light, Trouble, arguments};
use crate::ids::MovieId;
use crate::jobs::{Failure, Outcome, Task};

/// Makes the pictures of a film.
pub(super) const KIND: &str = "poster";

/// Where they are taken from, in hundredths of the film. The first is shown until somebody chooses another one.
const PLACES: [i64; 4] = [10, 30, 50, 70];

/// A moment of the film, in milliseconds, and the file of its picture.
type Drawn = (i64, PathBuf);

impl Movies {
    /// Where the poster with this key is. A key is hexadecimal digits; another one has no path outside the folder.
    pub(super) fn poster_path(&self, key: &str) -> PathBuf {
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        self.posters.join(format!("{plain}.jpg"))
    }

    /// The picture with this key, for who may see it: the one that is shown anybody who may see its film, the others
    /// admins.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it may not be known of.
    pub async fn poster(&self, key: String, viewer: Option<&Viewer>) -> Result<Bytes> {
        let path = self.poster_path(&key);
        let asked = key.clone();
        let film = self
            .db
            .read::<_, Error, _>(move |conn| match posters::find(conn, &asked)? {
                Some(poster) => Ok(store::find(conn, &poster.movie_id)?),
                None => Ok(None),
            })
            .await?
            .ok_or(Error::NotFound)?;
        let is_shown = film.poster_key == Some(key) && film.is_visible(self.clock.now());
        if !is_shown && !viewer.is_some_and(Viewer::is_admin) {
            return Err(Error::NotFound);
        }
        match tokio::fs::read(path).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound),
            picture => Ok(picture?.into()),
        }
    }

    /// The handler of [`KIND`].
    pub(super) async fn make_poster(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let id = MovieId::from(uuid::Uuid::try_parse(&task.subject).map_err(Failure::lasting)?);
        let Some(film) = self.find(&id).await.map_err(Failure::passing)? else {
            return Ok(Outcome::Done);
        };
        let source = self
            .blobs
            .local_file(&film.blob.blake3)
            .await
            .map_err(|error| Failure::passing(error.into_io()))?;
        tokio::fs::create_dir_all(&self.posters)
            .await
            .map_err(Failure::passing)?;
        let (path, light) = (source.path(), self.light_of(source.path()).await);
        let at = |place: &i64| film.duration_ms * place / 100;
        let moments: Vec<i64> = PLACES.iter().map(at).collect();
        let (first, others) = moments.split_at(1);
        let shown = match self.take(&film, path, &light, first, true).await {
            Err(_) => self.take(&film, path, &light, &[0], true).await,
            taken => taken,
        };
        shown?;
        // There is a poster already; a choice less is no failure.
        if let Err(failure) = self.take(&film, path, &light, others, false).await {
            task.report.log(&format!("No other pictures: {failure}\n"));
        }
        Ok(Outcome::Done)
    }

    /// The filters that map high dynamic range to the standard one; none when the film has none. Without them the pictures
    /// are pale, which is better than no pictures.
    async fn light_of(&self, source: &Path) -> String {
        let light = match encoding::examine(&self.tools, source).await {
            Ok(source) => source.video.light,
            Err(_) => Light::Standard,
        };
        let maps_light = light != Light::Standard && self.tools.maps_light().await;
        arguments::to_standard_light(light, maps_light)
    }

    /// Takes pictures and hangs them, instead of earlier ones if asked.
    async fn take(
        &self,
        film: &Movie,
        source: &Path,
        light: &str,
        moments: &[i64],
        instead: bool,
    ) -> std::result::Result<(), Failure> {
        let draft = |at: &i64| (*at, self.posters.join(format!("{}.{at}.part", film.id)));
        let drafts: Vec<Drawn> = moments.iter().map(draft).collect();
        let hung = match self.draw(source, light, &drafts).await {
            Ok(drawn) => self.hang(film, drawn, instead).await,
            Err(failure) => Err(failure),
        };
        for (_, draft) in drafts {
            remove_if_there(draft).await.map_err(Failure::passing)?;
        }
        hung
    }

    /// Those of the pictures that came about, at least one.
    async fn draw(
        &self,
        source: &Path,
        light: &str,
        drafts: &[Drawn],
    ) -> std::result::Result<Vec<Drawn>, Failure> {
        let arguments = drawing::frames(source, drafts, light);
        let said = self.tools.run(&self.tools.ffmpeg, arguments, BOUNDS).await;
        let said = said.map_err(|trouble| match trouble {
            Trouble::Missing(name) => Failure::passing(format!(
                "{name} is not installed; on Debian: apt-get install ffmpeg"
            )),
            trouble => Failure::passing(trouble),
        })?;
        let mut drawn = Vec::new();
        for (at, draft) in drafts {
            let length = tokio::fs::metadata(draft).await.map_or(0, |it| it.len());
            if length > 0 {
                drawn.push((*at, draft.clone()));
            }
        }
        match drawn.is_empty() {
            true => {
                let why = format!("ffmpeg made no picture: {}", said.complaint);
                Err(Failure::passing(why))
            }
            false => Ok(drawn),
        }
    }

    /// Gives each picture a key of its own, and the film those keys.
    async fn hang(
        &self,
        film: &Movie,
        drawn: Vec<Drawn>,
        instead: bool,
    ) -> std::result::Result<(), Failure> {
        let now = self.clock.now();
        let mut new = Vec::new();
        for (at, draft) in drawn {
            let key = new_key();
            tokio::fs::rename(draft, self.poster_path(&key))
                .await
                .map_err(Failure::passing)?;
            new.push(Poster {
                key,
                movie_id: film.id.clone(),
                at_ms: Some(at),
                created_at: now,
            });
        }
        let gone = self
            .db
            .write(move |conn| hang(conn, now, &new, instead))
            .await
            .map_err(Failure::passing)?;
        for key in gone {
            let path = self.poster_path(&key);
            remove_if_there(path).await.map_err(Failure::passing)?;
        }
        self.pages.forget();
        Ok(())
    }
}

fn new_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Writes the rows, and answers whose files are to be removed: earlier pictures of the film that nobody chose, or the new
/// ones, if the film is gone.
fn hang(conn: &mut Conn, now: Time, new: &[Poster], instead: bool) -> Result<Vec<String>> {
    let Some(first) = new.first() else {
        return Ok(Vec::new());
    };
    let Some(film) = store::find(conn, &first.movie_id)? else {
        return Ok(new.iter().map(|it| it.key.clone()).collect());
    };
    let mut gone = Vec::new();
    for before in posters::of_film(conn, &film.id)? {
        let is_shown = film.poster_key.as_ref() == Some(&before.key);
        if instead && before.at_ms.is_some() && !is_shown {
            posters::delete(conn, &before.key)?;
            gone.push(before.key);
        }
    }
    for poster in new {
        posters::insert(conn, poster)?;
    }
    if film.poster_key.is_none() {
        store::set_poster(conn, &film.id, &first.key, now)?;
    }
    Ok(gone)
}
