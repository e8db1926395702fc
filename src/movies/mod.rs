//! The catalogue: publishing films, finding them, changing and removing them, and their posters.
//!
//! Keeps true: no two films have the same bytes, and a film, its hold on its bytes, its tags and its words in the
//! search come and go together. Members see what is published, not in the trash and not scheduled for later.
//! Does not know who has bought what: the price that one member pays, and who may have the bytes, is decided elsewhere.

mod bench;
mod browse;
mod catalogue;
mod draft;
mod http;
mod model;
mod pages;
mod posters;
mod preparing;
mod publish;
mod reconcile;
mod search;
mod service;
mod store;
mod telling;
mod trash;

pub use bench::fill;
pub use http::{configure, configure_media};
pub use model::{Error, Movie, MovieState};
pub use preparing::{NewFile, PREPARE, prepare_in};
pub use service::Movies;

/// How text is cut into words, and what a title sorts by: the rest of the house does it in the same way.
pub mod words {
    pub use super::search::{Terms, sort_key, words_of_text};
}
