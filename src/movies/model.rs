//! The types of this slice, and what can go wrong in it.

use actix_web::http::header;
use playhouse_api::movies as api;
use playhouse_api::problem::{ErrorCode, FieldCode, FieldProblem};

use crate::blobs::{self, Blob};
use crate::clock::Time;
use crate::db::{self, text_enum};
use crate::encoding::{NotAVideo, ProbeError};
use crate::ids::MovieId;
use crate::transfers::uploads;

text_enum! {
    /// Where a film is on its way to the members.
    pub enum MovieState { Processing = "processing", Published = "published", Failed = "failed" }
}

impl From<MovieState> for api::MovieState {
    fn from(state: MovieState) -> Self {
        match state {
            MovieState::Processing => Self::Processing,
            MovieState::Published => Self::Published,
            MovieState::Failed => Self::Failed,
        }
    }
}

impl From<api::MovieState> for MovieState {
    fn from(state: api::MovieState) -> Self {
        match state {
            api::MovieState::Processing => Self::Processing,
            api::MovieState::Published => Self::Published,
            api::MovieState::Failed => Self::Failed,
        }
    }
}

/// A film.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::movies)]
pub struct Movie {
    pub id: MovieId,
    pub title: String,
    pub description: String,
    /// Empty for none.
    pub category: String,
    /// A JSON array, so that a page of films needs no second query; `movie_tags` has them as rows.
    pub(super) tags: String,
    /// Minor units; 0 is free.
    pub price: i64,
    pub state: MovieState,
    pub publish_at: Option<Time>,
    pub listed_at: Time,
    pub(super) place: i64,
    pub duration_ms: i64,
    pub width: i32,
    pub height: i32,
    pub video_codec: String,
    pub audio_codec: Option<String>,
    pub content_type: String,
    pub file_name: String,
    pub poster_key: Option<String>,
    pub popularity: i64,
    pub created_at: Time,
    pub deleted_at: Option<Time>,
    /// Why it is `failed`, for admins.
    pub failure: Option<String>,
    /// What whoever has not bought it may see; 0 for nothing.
    pub preview_seconds: i32,
    #[diesel(embed)]
    pub blob: Blob,
}

impl Movie {
    /// Whether members see it: published, not in the trash, and not scheduled for later.
    #[must_use]
    pub fn is_visible(&self, now: Time) -> bool {
        self.state == MovieState::Published && self.deleted_at.is_none() && self.listed_at <= now
    }

    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        serde_json::from_str(&self.tags).unwrap_or_default()
    }

    #[must_use]
    pub fn poster_url(&self) -> Option<String> {
        self.poster_key.as_deref().map(address_of)
    }

    /// The film as the API shows it.
    #[must_use]
    pub fn view(&self) -> api::Movie {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a duration in milliseconds is far below 2^53"
        )]
        let seconds = self.duration_ms as f64 / 1000.0;
        api::Movie {
            id: self.id.uuid(),
            title: self.title.clone(),
            description: self.description.clone(),
            tags: self.tags(),
            category: Some(self.category.clone()).filter(|it| !it.is_empty()),
            price: self.price,
            state: self.state.into(),
            publish_at: self.publish_at.map(|at| at.and_utc()),
            duration: Some(seconds),
            width: Some(self.width),
            height: Some(self.height),
            size: self.blob.size,
            blake3: Some(self.blob.blake3.clone()),
            sha256: self.blob.sha256.clone(),
            md5: self.blob.md5.clone(),
            poster_url: self.poster_url(),
            created_at: self.created_at.and_utc(),
            deleted_at: self.deleted_at.map(|at| at.and_utc()),
            failure: self
                .failure
                .clone()
                .filter(|_| self.state == MovieState::Failed),
            preview_seconds: self.preview_seconds,
        }
    }
}

/// A picture that a film may have.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::posters)]
pub(super) struct Poster {
    /// Hexadecimal digits, which name the file, too.
    pub key: String,
    pub movie_id: MovieId,
    /// Which moment it shows; none for one that was uploaded.
    pub at_ms: Option<i64>,
    pub created_at: Time,
}

impl Poster {
    /// The picture as the API shows it to admins.
    pub(super) fn view(self, chosen: bool) -> api::Poster {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a moment of a film in milliseconds is far below 2^53"
        )]
        let seconds = |ms: i64| ms as f64 / 1000.0;
        api::Poster {
            url: address_of(&self.key),
            id: self.key,
            chosen,
            at: self.at_ms.map(seconds),
        }
    }
}

fn address_of(poster: &str) -> String {
    format!("/media/posters/{poster}.jpg")
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such film")]
    NotFound,
    #[error("the same film is here")]
    Duplicate(Box<Movie>),
    #[error("not a video: {0}")]
    NotAVideo(&'static str),
    #[error("the film is not in the trash")]
    NotInTrash,
    #[error("only admins may ask for this")]
    AdminsOnly,
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error("the film has no such picture")]
    NoSuchPoster,
    #[error("not a picture")]
    NotAPicture,
    #[error("pictures cannot be drawn: {0}")]
    CannotDraw(&'static str),
    #[error("{0} is not installed")]
    NoTool(&'static str),
    #[error("{0} did not finish in time")]
    ToolTooSlow(&'static str),
    #[error("the upload")]
    Upload(#[from] uploads::UploadError),
    #[error("the storage")]
    Storage(#[from] std::io::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<ProbeError> for Error {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::NotAVideo(NotAVideo(why)) => Self::NotAVideo(why),
            ProbeError::NoTool => Self::NoTool("ffprobe"),
            ProbeError::TooSlow => Self::ToolTooSlow("ffprobe"),
            ProbeError::Io(cause) => Self::Storage(cause),
        }
    }
}

impl From<blobs::Error> for Error {
    fn from(error: blobs::Error) -> Self {
        match error {
            blobs::Error::Db(cause) => Self::Db(cause),
            other => Self::Storage(other.into_io()),
        }
    }
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("film"),
            Error::Duplicate(other) => duplicate_of(&other),
            Error::NotAVideo(why) => Self::new(
                ErrorCode::NotAVideo,
                format!("The file is not a video that can be published: {why}. It was discarded."),
            ),
            Error::NotInTrash => Self::new(
                ErrorCode::Conflict,
                "The film is not in the trash. Delete it first; then it can be purged.",
            ),
            Error::AdminsOnly => Self::new(
                ErrorCode::Forbidden,
                "Only admins may list films by state or look into the trash.",
            ),
            Error::Invalid(fields) => Self::invalid(fields),
            Error::NoSuchPoster => Self::not_found("picture of this film"),
            Error::NotAPicture => Self::field(
                "body",
                FieldCode::InvalidFormat,
                "The body is no JPEG, PNG or WebP picture that can be read, or it has more than 50 million pixels.",
            ),
            Error::CannotDraw(why) => Self::new(
                ErrorCode::Unavailable,
                format!("The server cannot read pictures now: {why}."),
            ),
            Error::NoTool(tool) => Self::new(
                ErrorCode::Unavailable,
                format!(
                    "The server cannot look into videos because {tool} is missing. Install ffmpeg on the server \
                     (on Debian: apt-get install ffmpeg), or set movies.{tool} to where it is. The upload is kept."
                ),
            ),
            Error::ToolTooSlow(tool) => Self::new(
                ErrorCode::Unavailable,
                format!("{tool} could not read the file in time. The upload is kept; try again."),
            )
            .retry_after(30),
            Error::Upload(cause) => cause.into(),
            Error::Storage(cause) if cause.kind() == std::io::ErrorKind::StorageFull => Self::new(
                ErrorCode::InsufficientStorage,
                "The disk of the server is full. The upload is kept.",
            ),
            Error::Storage(cause) => Self::internal(cause),
            Error::Db(cause) => cause.into(),
        }
    }
}

/// Names the other film: for people, and for programs by a link that says what it is (RFC 6249).
fn duplicate_of(other: &Movie) -> crate::error::Error {
    let place = match other.deleted_at {
        Some(_) => " in the trash; restore or purge it",
        None => "",
    };
    let detail = format!(
        "The same bytes are already here as \"{}\" ({}){place}.",
        other.title, other.id
    );
    let error = crate::error::Error::new(ErrorCode::DuplicateMovie, detail);
    let link = format!("</api/v1/movies/{}>; rel=\"duplicate\"", other.id);
    match header::HeaderValue::from_str(&link) {
        Ok(link) => error.with_header(header::LINK, link),
        Err(_) => error,
    }
}
