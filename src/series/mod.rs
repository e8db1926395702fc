//! Series: films that belong together, in seasons and episodes.
//!
//! Keeps true: a film is in at most one series, and no two films have one place in it. Members see the films of a
//! series that they see in the catalogue, and a series only when there is such a film. Deleting a series leaves its
//! films; a film that is purged leaves its series.

mod changing;
mod http;
mod model;
mod service;
mod store;

pub use http::configure;
pub use model::{Error, Key};
pub use service::SeriesCatalogue;
