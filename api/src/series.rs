//! Series: films that belong together, in seasons and episodes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::movies::Movie;

/// Body of `POST /admin/series`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSeries {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Body of `PATCH /admin/series/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesChanges {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Body of `PUT /admin/series/{id}/films/{movie_id}`: the place of the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewEpisode {
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 9999))]
    pub season: i32,
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 9999))]
    pub episode: i32,
}

/// A series in the list. The figures count what the caller sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesSummary {
    pub id: Uuid,
    pub title: String,
    pub description: String,
    /// How many films it has.
    pub films: i64,
    /// How many seasons have films.
    pub seasons: i64,
    /// The poster of the first film.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub poster_url: Option<String>,
}

/// Answer of `GET /series/{id}`: the films that the caller sees, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesDetail {
    pub id: Uuid,
    pub title: String,
    pub description: String,
    pub seasons: Vec<Season>,
}

/// A season with films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Season {
    pub number: i32,
    pub films: Vec<Episode>,
}

/// A film in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Episode {
    pub episode: i32,
    pub movie: Movie,
}

/// The name of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesName {
    pub id: Uuid,
    pub title: String,
}

/// Answer of `GET /movies/{id}/series`. Everything is null for a film that is in no series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceInSeries {
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub series: Option<SeriesName>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub season: Option<i32>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub episode: Option<i32>,
    /// The film before it that the caller sees, also of an earlier season.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub previous: Option<Movie>,
    /// The film after it that the caller sees, also of a later season.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub next: Option<Movie>,
}
