//! What is made of a film so that it plays everywhere: renditions in segments, sheets of preview pictures, subtitles,
//! chapters and a note on loudness.
//!
//! Keeps true: a film is published when there is something of it that plays, never before; a rendition and the hold on
//! its bytes come and go together, and with their film; work that was interrupted can be done again, and leaves nothing
//! behind but what a start clears away. What is broken ends as `failed` with a reason. Who may have the bytes is decided
//! where they are given out.

mod bytes;
mod http;
mod languages;
mod loudness;
mod making;
mod model;
mod originals;
mod pipeline;
mod segments;
mod service;
mod sounds;
mod sprites;
mod store;
mod subtitles;
mod vtt;

pub use http::configure;
pub use model::{Error, FilmFile, Rendition, RenditionKind, Subtitle};
pub use segments::{Segments, master};
pub use service::{OnFilm, Renditions, chapter};
pub use sounds::{Sound, sounds};
