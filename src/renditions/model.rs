//! The types of this slice, and what can go wrong in it.

use playhouse_api::movies as api;
use playhouse_api::problem::{ErrorCode, FieldCode};

use super::segments::Segments;
use crate::clock::Time;
use crate::db::{self, text_enum};
use crate::ids::{BlobId, MovieId, RenditionFileId, RenditionId};

text_enum! {
    /// What a rendition carries.
    pub enum RenditionKind { Video = "video", Audio = "audio" }
}

text_enum! {
    /// Where a track of text comes from. One that was uploaded is not written over by the file's own.
    pub enum Origin { Embedded = "embedded", Uploaded = "uploaded" }
}

/// One encoding of the pictures or the sound of a film.
#[derive(
    Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::db::schema::renditions)]
pub struct Rendition {
    pub id: RenditionId,
    pub movie_id: MovieId,
    /// Such as `720p`, or `audio`, or `audio2`.
    pub name: String,
    pub kind: RenditionKind,
    pub is_remux: bool,
    /// 0 for sound.
    pub width: i32,
    pub height: i32,
    /// Pictures in a thousand seconds; 0 when it is not known.
    pub frame_rate: i32,
    /// As in RFC 6381.
    pub codecs: String,
    /// Bits a second.
    pub peak_bandwidth: i64,
    pub bandwidth: i64,
    pub duration_ms: i64,
    /// A JSON text; see [`Rendition::parts`].
    pub(super) segments: String,
    pub created_at: Time,
    /// What is spoken (BCP 47), if the file says it; none for pictures.
    pub language: Option<String>,
    /// What the track of sound is called; may be empty.
    pub label: String,
}

impl Rendition {
    /// Where its segments are.
    #[must_use]
    pub fn parts(&self) -> Segments {
        serde_json::from_str(&self.segments).unwrap_or_default()
    }

    /// The name of its file among those of the film.
    #[must_use]
    pub fn file_name(&self) -> String {
        media_name(&self.name)
    }
}

/// The name of the file of a rendition.
#[must_use]
pub(super) fn media_name(rendition: &str) -> String {
    format!("{rendition}/media.mp4")
}

/// A row of `rendition_files` to be written.
#[derive(Clone, Debug, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::rendition_files)]
pub(super) struct NewFile {
    pub id: RenditionFileId,
    pub movie_id: MovieId,
    pub name: String,
    pub content_type: String,
    pub blob_id: BlobId,
    pub created_at: Time,
}

/// A file of a film and its bytes.
#[derive(Clone, Debug, diesel::Queryable)]
pub struct FilmFile {
    pub name: String,
    pub content_type: String,
    pub blake3: String,
    pub size: i64,
    pub created_at: Time,
}

/// What else is known of a film.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::film_notes)]
pub(super) struct Notes {
    pub movie_id: MovieId,
    pub rungs: String,
    pub chapters: String,
    pub sprites: Option<String>,
    pub loudness: Option<i32>,
}

/// A track of text.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::subtitles)]
pub struct Subtitle {
    pub movie_id: MovieId,
    /// BCP 47.
    pub language: String,
    pub label: String,
    pub origin: Origin,
    /// WebVTT.
    pub body: String,
    pub updated_at: Time,
}

impl Subtitle {
    /// The track as the API shows it to admins.
    #[must_use]
    pub fn view(&self) -> api::SubtitleTrack {
        api::SubtitleTrack {
            language: self.language.clone(),
            label: self.label.clone(),
            is_uploaded: self.origin == Origin::Uploaded,
            updated_at: self.updated_at.and_utc(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such film")]
    NoSuchFilm,
    #[error("the film has no such subtitles")]
    NoSuchSubtitle,
    #[error("the language is no BCP 47 tag")]
    Language,
    #[error("the label is too long")]
    Label,
    #[error("the subtitles cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("a film has no more subtitles than that")]
    TooMany,
    #[error("it is being worked on")]
    Busy,
    #[error("films are not made into renditions here")]
    Off,
    #[error(transparent)]
    Movie(#[from] crate::movies::Error),
    #[error(transparent)]
    Blobs(#[from] crate::blobs::Error),
    #[error(transparent)]
    Jobs(#[from] crate::jobs::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let field = |name: &str, detail: &str| Self::field(name, FieldCode::InvalidFormat, detail);
        match error {
            Error::NoSuchFilm => Self::not_found("film"),
            Error::NoSuchSubtitle => Self::not_found("track of subtitles"),
            Error::Language => field("language", "A language is a tag such as en, de or zh-Hans."),
            Error::Label => field("label", "A label has 1 to 60 characters on one line."),
            Error::Unreadable(why) => {
                field("body", &format!("The body is no SubRip or WebVTT: {why}."))
            }
            Error::TooMany => Self::new(
                ErrorCode::Conflict,
                "A film has at most 64 tracks of subtitles. Remove one first.",
            ),
            Error::Busy => Self::new(
                ErrorCode::Conflict,
                "The film is being worked on. Wait for its jobs, or cancel them.",
            ),
            Error::Off => Self::new(
                ErrorCode::Conflict,
                "films.transcode is off here: films are served as they were uploaded.",
            ),
            Error::Movie(cause) => cause.into(),
            Error::Blobs(cause) => cause.into(),
            Error::Jobs(cause) => cause.into(),
            Error::Db(cause) => cause.into(),
        }
    }
}
