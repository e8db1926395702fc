//! Deletion in two steps: into the trash, and then for good.

use std::io;

use chrono::TimeDelta;
use serde_json::json;

use super::model::{Error, Movie};
use super::preparing::Companions;
use super::service::{Movies, Result};
use super::store::{self, Changes};
use crate::audit::{self, Actor};
use crate::blobs;
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::MovieId;
use crate::jobs::{Failure, Jobs, NewJob, Outcome, Task};

/// Purges a film whose time in the trash is over.
pub(super) const PURGE: &str = "purge";

/// Removes a picture of a film that has been purged. Its subject is the picture's key.
pub(super) const REMOVE_POSTER: &str = "remove_poster";

impl Movies {
    /// Puts a film into the trash; one that is there stays there.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete(&self, actor: Actor, id: MovieId) -> Result<()> {
        let (now, movies) = (self.clock.now(), self.clone());
        self.db
            .write(move |conn| movies.delete_in(conn, now, &actor, &id))
            .await?;
        self.pages.forget();
        self.jobs.wake();
        Ok(())
    }

    /// Takes a film out of the trash; one that is not there stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn restore(&self, actor: Actor, id: MovieId) -> Result<Movie> {
        let (now, movies) = (self.clock.now(), self.clone());
        let film = self
            .db
            .write(move |conn| movies.restore_in(conn, now, &actor, &id))
            .await?;
        self.changed();
        Ok(film)
    }

    /// Removes a film in the trash for good, with its bytes. Orders and records keep what they say of it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotInTrash`].
    pub async fn purge(&self, actor: Actor, id: MovieId) -> Result<()> {
        let now = self.clock.now();
        let (target, companions) = (id.clone(), self.companions.clone());
        let (film, pictures) = self
            .db
            .write(move |conn| {
                let film = Self::get_in(conn, &target)?;
                let pictures = purge(conn, now, &actor, &film, &companions)?;
                Ok::<_, Error>((film, pictures))
            })
            .await?;
        self.pages.forget();
        self.transfers.stop_movie(&id);
        // The jobs are for when this is cut short.
        if let Err(error) = self.remove_files(&film, &pictures).await {
            tracing::warn!(%error, "could not remove the files of a film at once; a job will");
        }
        self.jobs.wake();
        Ok(())
    }

    /// The handler of [`PURGE`].
    pub(super) async fn purge_when_due(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let id = MovieId::from(uuid::Uuid::try_parse(&task.subject).map_err(Failure::lasting)?);
        let film = self.find(&id).await.map_err(Failure::passing)?;
        let Some(deleted_at) = film.and_then(|film| film.deleted_at) else {
            return Ok(Outcome::Done);
        };
        let due = deleted_at + TimeDelta::days(self.trash_days);
        if due > self.clock.now() {
            return Ok(Outcome::Again(due));
        }
        match self.purge(Actor::house(), id).await {
            Ok(()) | Err(Error::NotFound | Error::NotInTrash) => Ok(Outcome::Done),
            Err(error) => Err(Failure::passing(error)),
        }
    }

    /// The handler of [`REMOVE_POSTER`].
    pub(super) async fn remove_poster(self, task: Task) -> std::result::Result<Outcome, Failure> {
        remove_if_there(self.poster_path(&task.subject))
            .await
            .map_err(Failure::passing)?;
        Ok(Outcome::Done)
    }

    fn delete_in(&self, conn: &mut Conn, now: Time, actor: &Actor, id: &MovieId) -> Result<()> {
        let film = Self::get_in(conn, id)?;
        if film.deleted_at.is_some() {
            return Ok(());
        }
        set_deleted(conn, &film, Some(now), now)?;
        let due = now + TimeDelta::days(self.trash_days);
        Jobs::enqueue_in(conn, now, NewJob::new(PURGE, id.as_str(), due))?;
        let detail = json!({"title": film.title});
        audit::record(conn, now, actor, "movie.delete", id.as_str(), &detail)?;
        Ok(self.tell_deleted_in(conn, now, &film)?)
    }

    fn restore_in(&self, conn: &mut Conn, now: Time, actor: &Actor, id: &MovieId) -> Result<Movie> {
        let film = Self::get_in(conn, id)?;
        if film.deleted_at.is_none() {
            return Ok(film);
        }
        set_deleted(conn, &film, None, now)?;
        let detail = json!({"title": film.title});
        audit::record(conn, now, actor, "movie.restore", id.as_str(), &detail)?;
        let film = Self::get_in(conn, id)?;
        self.announce_in(conn, now, &film)?;
        Ok(film)
    }

    /// Removes the pictures of a film that is gone, and its bytes unless somebody else has them.
    async fn remove_files(&self, film: &Movie, pictures: &[String]) -> Result<()> {
        for key in pictures {
            remove_if_there(self.poster_path(key)).await?;
        }
        self.blobs.remove_unheld(&film.blob.blake3).await?;
        Ok(())
    }
}

pub(super) async fn remove_if_there(path: std::path::PathBuf) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn set_deleted(conn: &mut Conn, film: &Movie, deleted_at: Option<Time>, now: Time) -> Result<()> {
    let changes = Changes {
        deleted_at: Some(deleted_at),
        updated_at: Some(now),
        ..Changes::default()
    };
    store::update(conn, &film.id, &changes)?;
    Ok(store::index_again(conn, film)?)
}

/// Removes the film and its hold on its bytes; its files follow. Answers the keys of its pictures.
fn purge(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    film: &Movie,
    companions: &Companions,
) -> Result<Vec<String>> {
    if film.deleted_at.is_none() {
        return Err(Error::NotInTrash);
    }
    companions.purge(conn, now, &film.id)?;
    let pictures = store::posters::of_film(conn, &film.id)?.into_iter();
    let pictures: Vec<String> = pictures.map(|it| it.key).collect();
    store::delete(conn, film)?;
    blobs::release_in(conn, now, &film.blob.id, 1)?;
    for key in &pictures {
        Jobs::enqueue_in(conn, now, NewJob::new(REMOVE_POSTER, key.as_str(), now))?;
    }
    let detail = json!({"title": film.title, "size": film.blob.size, "blake3": film.blob.blake3});
    audit::record(conn, now, actor, "movie.purge", film.id.as_str(), &detail)?;
    Ok(pictures)
}
