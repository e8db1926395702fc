//! Ratings and comments of films, and their moderation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chat::Person;

/// Body of `PUT /movies/{id}/rating`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRating {
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5))]
    pub stars: i32,
}

/// Answer of `GET /movies/{id}/rating`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rating {
    /// Stars, from 1 to 5; null when nobody has rated the film.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub average: Option<f64>,
    /// How many have rated it.
    pub count: i64,
    /// What the caller gave it.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub stars: Option<i32>,
}

/// Body of `POST /movies/{id}/comments` and of `PATCH /comments/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewComment {
    /// Plain text, 1 to 2000 characters.
    pub text: String,
}

/// Body of `POST /comments/{id}/report`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewReport {
    /// A line of at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What somebody wrote about a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    pub id: Uuid,
    pub movie_id: Uuid,
    pub author: Person,
    /// Plain text, to be shown as such. Null when it is hidden; admins see it all the same.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub text: Option<String>,
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub edited_at: Option<DateTime<Utc>>,
    /// Whether an admin has hidden it.
    pub hidden: bool,
}

/// Which comments admins look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CommentState {
    /// Reported and not hidden.
    #[default]
    Reported,
    Hidden,
    All,
}

/// Query of `GET /admin/comments`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct CommentQuery {
    /// Which ones; those that were reported when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub state: Option<CommentState>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// A comment as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModeratedComment {
    #[serde(flatten)]
    pub comment: Comment,
    pub movie: CommentedMovie,
    /// How many have reported it and wait for an answer.
    pub reports: i64,
}

/// The film of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentedMovie {
    pub id: Uuid,
    pub title: String,
}

/// Somebody asks the house to look at a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentReport {
    pub account: Person,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// A rating, in the export of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRating {
    pub movie_id: Uuid,
    pub stars: i32,
    pub updated_at: DateTime<Utc>,
}

/// A report, in the export of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnReport {
    pub comment_id: Uuid,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}
