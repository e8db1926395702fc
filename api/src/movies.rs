//! The catalogue: films, publishing, playback and watch positions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::admin::Job;
use crate::patch;

/// Query of `GET /movies/{id}/playback`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct PlaybackQuery {
    /// Whether the film's preview will do, for whoever has not bought it; no when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<bool>,
}

/// Query of `GET /movies`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct MovieQuery {
    /// Which prices; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub price: Option<PriceFilter>,
    /// Words of the title, the description or the tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only films with this tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Only films of this category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The order; the newest first when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub sort: Option<MovieSort>,
    /// Admins: only films in this state. Members see published films only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub state: Option<MovieState>,
    /// Admins: the trash instead of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Which prices a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PriceFilter {
    #[default]
    All,
    Free,
    Paid,
}

/// The order of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MovieSort {
    #[default]
    Newest,
    Title,
    Popular,
}

/// Body of `POST /movies/lookup`: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MovieLookup {
    /// The sampled MD5 of the file, 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The BLAKE3 hash of the whole file, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
}

/// Body of `POST /movies`: publishes a finished upload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMovie {
    pub upload_id: Uuid,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// In minor units; 0 is free.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub price: i64,
    /// Members see it from then on; at once when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_at: Option<DateTime<Utc>>,
    /// Seconds that whoever has not bought it may see; none when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3600))]
    pub preview_seconds: Option<i32>,
}

/// Body of `PATCH /movies/{id}`. Null clears `category` and `publish_at`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MovieChanges {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub category: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub price: Option<i64>,
    #[serde(
        default,
        with = "patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>))]
    pub publish_at: Option<Option<DateTime<Utc>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3600))]
    pub preview_seconds: Option<i32>,
}

/// Body of `PUT /movies/{id}/position`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPosition {
    /// Seconds from the start.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub seconds: f64,
}

/// Where a film is on its way to the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MovieState {
    Processing,
    Published,
    Failed,
}

/// A film in the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Movie {
    pub id: Uuid,
    pub title: String,
    pub description: String,
    pub tags: Vec<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub category: Option<String>,
    /// The regular price, in minor units; 0 is free.
    pub price: i64,
    pub state: MovieState,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub publish_at: Option<DateTime<Utc>>,
    /// Seconds.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub duration: Option<f64>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub width: Option<i32>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub height: Option<i32>,
    /// Bytes.
    pub size: i64,
    /// Hexadecimal, known when the upload ends.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub blake3: Option<String>,
    /// Hexadecimal, computed afterwards.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub sha256: Option<String>,
    /// Hexadecimal, computed afterwards.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub md5: Option<String>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub poster_url: Option<String>,
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub deleted_at: Option<DateTime<Utc>>,
    /// Why it is `failed`, for people.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub failure: Option<String>,
    /// Seconds that whoever has not bought it may see; 0 for nothing.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub preview_seconds: i32,
}

/// Answer of `GET /movies/facets`: what the films that members see can be narrowed down by, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facets {
    pub categories: Vec<Facet>,
    pub tags: Vec<Facet>,
}

/// A category or a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facet {
    pub name: String,
    /// How many films have it.
    pub count: i64,
}

/// Answer of `GET /movies/{id}`: the film, and what it is to the one who asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MovieDetail {
    #[serde(flatten)]
    pub movie: Movie,
    /// What this account would pay now, in minor units.
    pub your_price: i64,
    /// What a VIP pays, in minor units; the same as `price` where VIPs pay as much as others.
    pub vip_price: i64,
    /// Whether this account has bought it.
    pub owned: bool,
    /// Where this account stopped watching, in seconds.
    pub position: f64,
    /// Whether this account wants to see it later.
    pub on_watchlist: bool,
    pub renditions: Vec<Rendition>,
}

/// A film that somebody has begun and not seen to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watching {
    pub movie: Movie,
    /// Where they stopped, in seconds.
    pub position: f64,
    /// When they did.
    pub watched_at: DateTime<Utc>,
}

/// A film that somebody wants to see later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Saved {
    pub movie: Movie,
    pub added_at: DateTime<Utc>,
}

/// One encoding of a film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rendition {
    /// `original` or a name such as `720p`.
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub width: Option<i32>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub height: Option<i32>,
    /// Bytes.
    pub size: i64,
}

/// One rendition, as admins see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenditionDetail {
    /// Such as `720p`, or `audio`, or `audio2` for a further track of sound.
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub width: Option<i32>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub height: Option<i32>,
    /// Bytes.
    pub size: i64,
    /// As in RFC 6381.
    pub codecs: String,
    /// Bits a second, on average.
    pub bandwidth: i64,
    /// Whether it has the bits of the source in another container.
    pub is_remux: bool,
    /// What is spoken, as a BCP 47 tag; null for pictures, and when the file does not say.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub language: Option<String>,
    /// What the track of sound is called.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub label: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Answer of `GET /admin/movies/{id}/renditions`: what there is of a film, what is to come, and the jobs about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilmQuality {
    pub movie_id: Uuid,
    pub state: MovieState,
    /// Why it is `failed`, for people.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub failure: Option<String>,
    /// Bytes of the file that was uploaded.
    pub original_size: i64,
    /// Bytes of everything that was made of it.
    pub total_size: i64,
    /// LUFS; null while it is not measured, or when there is no sound.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub loudness: Option<f64>,
    /// The names of the renditions that it is to have.
    pub planned: Vec<String>,
    pub renditions: Vec<RenditionDetail>,
    pub subtitles: Vec<SubtitleTrack>,
    pub chapters: Vec<Chapter>,
    pub has_sprites: bool,
    /// The latest first, at most 200.
    pub jobs: Vec<Job>,
}

/// Answer of `GET /admin/movies/{id}/posters`: the pictures that a film may have, in the order of the film; the one that
/// was uploaded is the last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Posters {
    pub posters: Vec<Poster>,
}

/// A picture that a film may have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Poster {
    /// Hexadecimal.
    pub id: String,
    /// Another picture has another one.
    pub url: String,
    /// Whether it is the one that is shown.
    pub chosen: bool,
    /// Which moment of the film it shows, in seconds; null for the one that was uploaded.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub at: Option<f64>,
}

/// Body of `PUT /admin/movies/{id}/poster`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PosterChoice {
    /// The id of one of the film's pictures.
    pub id: String,
}

/// A track of subtitles, as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubtitleTrack {
    /// BCP 47 tag.
    pub language: String,
    pub label: String,
    /// Whether it was uploaded; otherwise it came with the file.
    pub is_uploaded: bool,
    pub updated_at: DateTime<Utc>,
}

/// Query of `PUT /movies/{id}/subtitles/{language}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct SubtitleQuery {
    /// What the track is called; the name of the language when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A part of a film with a name of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chapter {
    /// Seconds.
    pub start: f64,
    pub end: f64,
    pub title: String,
}

/// Answer of `GET /movies/{id}/playback`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Playback {
    /// The best first.
    pub sources: Vec<PlaybackSource>,
    /// What can be heard in the adaptive stream, the one that plays first; none before there is a stream.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub sounds: Vec<SoundTrack>,
    pub subtitles: Vec<Subtitle>,
    /// WebVTT that maps times to tiles of preview pictures.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub sprites: Option<String>,
    pub chapters: Vec<Chapter>,
    /// How many seconds the addresses give, when that is not the whole film: the caller has not bought it.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub preview_seconds: Option<i32>,
    /// Where this account stopped watching, in seconds.
    pub position: f64,
    /// The URLs stop working then; ask again.
    pub expires_at: DateTime<Utc>,
}

/// One address that a player can use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybackSource {
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: String,
    pub url: String,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub width: Option<i32>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub height: Option<i32>,
}

/// A track of sound in the adaptive stream: a language, or somebody who talks about the film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SoundTrack {
    /// Of its rendition: `audio`, `audio2` and so on.
    pub name: String,
    /// No other track of the film has the same; also its name in the playlist.
    pub label: String,
    /// BCP 47 tag; null when the file does not say.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub language: Option<String>,
    /// The one that plays until another one is chosen.
    pub is_default: bool,
}

/// A WebVTT track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subtitle {
    /// BCP 47 tag.
    pub language: String,
    pub label: String,
    pub url: String,
}

/// Where an account stopped in a film, in the export of the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchPosition {
    pub movie_id: Uuid,
    pub seconds: f64,
    pub updated_at: DateTime<Utc>,
}
