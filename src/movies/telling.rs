//! What others are told of films: that one is published, and that one is gone.

use playhouse_api::webhooks::{Happening, MovieFacts};

use super::model::{Movie, MovieState};
use super::service::Movies;
use super::store::NewRow;
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::events::Events;

impl Movies {
    /// The same films, whose fate is told.
    #[must_use]
    pub fn telling(self, events: Events) -> Self {
        Self { events, ..self }
    }

    /// Tells of a film that is there for members now, or will be when its time has come.
    pub(super) fn tell_published_in(
        &self,
        conn: &mut Conn,
        now: Time,
        film: MovieFacts,
    ) -> db::Result<()> {
        let happening = Happening::MoviePublished(film);
        self.events.tell_in(conn, now, &happening)
    }

    /// Tells of a film that is in the trash now.
    pub(super) fn tell_deleted_in(
        &self,
        conn: &mut Conn,
        now: Time,
        film: MovieFacts,
    ) -> db::Result<()> {
        let happening = Happening::MovieDeleted(film);
        self.events.tell_in(conn, now, &happening)
    }
}

impl Movie {
    pub(super) fn facts(&self) -> MovieFacts {
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

impl NewRow {
    pub(super) fn facts(&self) -> MovieFacts {
        MovieFacts {
            id: self.id.uuid(),
            title: self.title.clone(),
            price: self.price,
            publish_at: self.publish_at.map(|at| at.and_utc()),
        }
    }
}
