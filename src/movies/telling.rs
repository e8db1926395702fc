//! What others are told of films: that one can be seen, and that one that could is gone.
//!
//! A film that is scheduled becomes visible by the passing of time alone, so a job waits for that time and looks again.
//! What was told is written down with it: nobody is told twice of the same publication, and nothing is told of a film
//! that nobody has heard of.

use playhouse_api::webhooks::{Happening, MovieFacts};

use super::model::{Movie, MovieState};
use super::service::Movies;
use super::store::{self, told};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::events::Events;
use crate::ids::MovieId;
use crate::jobs::{Failure, Jobs, NewJob, Outcome, Task};

/// Tells of a film whose time has come. Its subject is the film, its payload the time.
pub(super) const ANNOUNCE: &str = "announce";

impl Movies {
    /// The same films, whose fate is told.
    #[must_use]
    pub fn telling(self, events: Events) -> Self {
        Self { events, ..self }
    }

    /// Tells of a film that is there for members, now or when its time has come.
    pub(super) fn announce_in(&self, conn: &mut Conn, now: Time, film: &Movie) -> db::Result<()> {
        if !film.is_for_members() || told::find(conn, &film.id)? == Some(film.listed_at) {
            return Ok(());
        }
        if film.listed_at > now {
            return announce_later_in(conn, now, film);
        }
        told::put(conn, &film.id, film.listed_at)?;
        let happening = Happening::MoviePublished(film.facts());
        self.events.tell_in(conn, now, &happening)
    }

    /// A film may be listed at another time than before.
    pub(super) fn announce_again_in(
        &self,
        conn: &mut Conn,
        now: Time,
        before: &Movie,
        film: &Movie,
    ) -> db::Result<()> {
        if film.listed_at == before.listed_at {
            return Ok(());
        }
        let was_told = told::find(conn, &film.id)? == Some(before.listed_at);
        // Who has seen it all the time is not told that it is new.
        if was_told && before.is_visible(now) && film.is_visible(now) {
            return told::put(conn, &film.id, film.listed_at);
        }
        self.announce_in(conn, now, film)
    }

    /// Tells of a film that is in the trash now, if others know it.
    pub(super) fn tell_deleted_in(
        &self,
        conn: &mut Conn,
        now: Time,
        film: &Movie,
    ) -> db::Result<()> {
        if !told::forget(conn, &film.id)? {
            return Ok(());
        }
        let happening = Happening::MovieDeleted(film.facts());
        self.events.tell_in(conn, now, &happening)
    }

    /// The handler of [`ANNOUNCE`].
    pub(super) async fn announce_when_due(
        self,
        task: Task,
    ) -> std::result::Result<Outcome, Failure> {
        let id = MovieId::from(uuid::Uuid::try_parse(&task.subject).map_err(Failure::lasting)?);
        let (now, movies) = (self.clock.now(), self.clone());
        let tell = move |conn: &mut Conn| match store::find(conn, &id)? {
            // For another time there is another job.
            Some(film) if film.listed_at <= now => movies.announce_in(conn, now, &film),
            _ => Ok(()),
        };
        self.db.write(tell).await.map_err(Failure::passing)?;
        self.changed();
        Ok(Outcome::Done)
    }
}

fn announce_later_in(conn: &mut Conn, now: Time, film: &Movie) -> db::Result<()> {
    let (subject, at) = (film.id.as_str(), film.listed_at.and_utc().to_rfc3339());
    if Jobs::is_open_in(conn, ANNOUNCE, subject, &at)? {
        return Ok(());
    }
    let job = NewJob {
        payload: at,
        ..NewJob::new(ANNOUNCE, subject, film.listed_at)
    };
    Jobs::enqueue_in(conn, now, job)
}

impl Movie {
    fn facts(&self) -> MovieFacts {
        MovieFacts {
            id: self.id.uuid(),
            title: self.title.clone(),
            price: self.price,
            publish_at: self.publish_at.map(|at| at.and_utc()),
        }
    }

    /// Whether members see it, or will when its time has come.
    pub(super) fn is_for_members(&self) -> bool {
        self.state == MovieState::Published && self.deleted_at.is_none()
    }
}
