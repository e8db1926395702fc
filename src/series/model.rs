//! The types of this slice, and what can go wrong in it.

use playhouse_api::problem::{ErrorCode, FieldProblem};
use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::db::{self, schema};
use crate::ids::{MovieId, SeriesId};
use crate::membership;

/// A row of `series`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::series)]
pub(super) struct Series {
    pub id: SeriesId,
    pub title: String,
    pub sort_title: String,
    pub description: String,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A row of `series_films`: a film in its place.
#[derive(
    Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = schema::series_films)]
pub(super) struct Placed {
    pub movie_id: MovieId,
    pub series_id: SeriesId,
    pub season: i32,
    pub episode: i32,
}

/// Which films somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sees {
    /// Also what is not in the catalogue.
    pub everything: bool,
    pub now: Time,
}

/// The key of a page: series are in the order of their titles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub(super) title: String,
    pub(super) id: uuid::Uuid,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such series")]
    NotFound,
    #[error("no such film")]
    NoSuchFilm,
    #[error("the place is taken by another film")]
    EpisodeTaken {
        /// The title of the other film.
        title: String,
        movie: MovieId,
    },
    #[error("the film is in another series")]
    InAnother { title: String, series: SeriesId },
    #[error("the series has as many films as one may have")]
    Full(i64),
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error(transparent)]
    Refused(#[from] membership::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("series"),
            Error::NoSuchFilm => Self::not_found("film"),
            Error::EpisodeTaken { title, movie } => Self::new(
                ErrorCode::EpisodeTaken,
                format!(
                    "\"{title}\" ({movie}) has this place. Move it first, or take another place."
                ),
            ),
            Error::InAnother { title, series } => Self::new(
                ErrorCode::Conflict,
                format!(
                    "The film is in the series \"{title}\" ({series}). Take it out there first."
                ),
            ),
            Error::Full(most) => Self::new(
                ErrorCode::Conflict,
                format!("The series has {most} films, and no series has more."),
            ),
            Error::Invalid(fields) => Self::invalid(fields),
            Error::Refused(cause) => cause.into(),
            Error::Db(cause) => cause.into(),
        }
    }
}
