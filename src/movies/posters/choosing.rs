//! What admins do about posters: look at what there is, choose another one, hang one of their own.

use std::path::Path;
use std::time::Duration;

use playhouse_api::movies as api;
use serde_json::json;

use super::drawing::{self, Kind};
use super::new_key;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::Conn;
use crate::encoding::{Bounds, Trouble};
use crate::ids::MovieId;
use crate::movies::Movies;
use crate::movies::model::{Error, Poster};
use crate::movies::service::Result;
use crate::movies::store::{self, posters};
use crate::movies::trash::remove_if_there;

/// A picture is read within that time, or not at all.
const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(30),
    output: 64 << 10,
};

impl Movies {
    /// The pictures that a film may have, in the order of the film; the one that was uploaded is the last.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn posters(&self, id: MovieId) -> Result<api::Posters> {
        self.db.read(move |conn| list(conn, &id)).await
    }

    /// An admin has another picture shown.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoSuchPoster`].
    pub async fn choose_poster(
        &self,
        actor: Actor,
        id: MovieId,
        key: String,
    ) -> Result<api::Posters> {
        let now = self.clock.now();
        let chosen = self
            .db
            .write(move |conn| choose(conn, now, &actor, &id, &key))
            .await?;
        self.pages.forget();
        Ok(chosen)
    }

    /// An admin has a picture of their own shown, instead of the one that was uploaded before, if there was one.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAPicture`], [`Error::CannotDraw`].
    pub async fn upload_poster(
        &self,
        actor: Actor,
        id: MovieId,
        picture: Vec<u8>,
    ) -> Result<api::Posters> {
        self.find(&id).await?.ok_or(Error::NotFound)?;
        let kind = Kind::of(&picture).ok_or(Error::NotAPicture)?;
        tokio::fs::create_dir_all(&self.posters).await?;
        let key = new_key();
        let sent = self.posters.join(format!("{key}.sent.part"));
        let path = self.poster_path(&key);
        let drawn = self.redraw(kind, picture, &sent, &path).await;
        remove_if_there(sent).await?;
        let hung = match drawn {
            Ok(()) => self.hang_uploaded(actor, id, key).await,
            Err(error) => Err(error),
        };
        if hung.is_err() {
            remove_if_there(path).await?;
        }
        hung
    }

    async fn redraw(&self, kind: Kind, picture: Vec<u8>, sent: &Path, path: &Path) -> Result<()> {
        tokio::fs::write(sent, picture).await?;
        let arguments = drawing::redrawn(kind, sent, path);
        let said = self.tools.run(&self.tools.ffmpeg, arguments, BOUNDS).await;
        let said = said.map_err(|trouble| match trouble {
            Trouble::Missing(_) => {
                Error::CannotDraw("ffmpeg is missing (on Debian: apt-get install ffmpeg)")
            }
            Trouble::Io(cause) => Error::Storage(cause),
            Trouble::TooSlow(_) | Trouble::TooMuch(_) => Error::NotAPicture,
        })?;
        let length = tokio::fs::metadata(path).await.map_or(0, |it| it.len());
        match said.is_success && length > 0 {
            true => Ok(()),
            false => Err(Error::NotAPicture),
        }
    }

    async fn hang_uploaded(&self, actor: Actor, id: MovieId, key: String) -> Result<api::Posters> {
        let new = Poster {
            key,
            movie_id: id,
            at_ms: None,
            created_at: self.clock.now(),
        };
        let (gone, all) = self.db.write(move |conn| hang(conn, &actor, &new)).await?;
        self.pages.forget();
        for key in gone {
            remove_if_there(self.poster_path(&key)).await?;
        }
        Ok(all)
    }
}

fn list(conn: &mut Conn, id: &MovieId) -> Result<api::Posters> {
    let film = Movies::get_in(conn, id)?;
    let chosen = film.poster_key;
    let posters = posters::of_film(conn, id)?.into_iter();
    let posters = posters.map(|it| {
        let is_chosen = chosen.as_ref() == Some(&it.key);
        it.view(is_chosen)
    });
    Ok(api::Posters {
        posters: posters.collect(),
    })
}

fn choose(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    id: &MovieId,
    key: &str,
) -> Result<api::Posters> {
    let film = Movies::get_in(conn, id)?;
    let poster = posters::find(conn, key)?.filter(|it| it.movie_id == *id);
    let poster = poster.ok_or(Error::NoSuchPoster)?;
    if film.poster_key.as_deref() != Some(key) {
        store::set_poster(conn, id, key, now)?;
        let detail = json!({"title": film.title, "at_ms": poster.at_ms});
        audit::record(conn, now, actor, "movie.poster", id.as_str(), &detail)?;
    }
    list(conn, id)
}

/// The one before goes; answers whose files are to be removed, and what there is.
fn hang(conn: &mut Conn, actor: &Actor, new: &Poster) -> Result<(Vec<String>, api::Posters)> {
    let (id, now) = (&new.movie_id, new.created_at);
    let film = Movies::get_in(conn, id)?;
    let mut gone = Vec::new();
    for before in posters::of_film(conn, id)? {
        if before.at_ms.is_none() {
            posters::delete(conn, &before.key)?;
            gone.push(before.key);
        }
    }
    posters::insert(conn, new)?;
    store::set_poster(conn, id, &new.key, now)?;
    let detail = json!({"title": film.title, "uploaded": true});
    audit::record(conn, now, actor, "movie.poster", id.as_str(), &detail)?;
    Ok((gone, list(conn, id)?))
}
