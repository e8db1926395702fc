//! Ratings and comments of films, and their moderation.
//!
//! Keeps true: what the ratings of a film come to is changed in the transaction that changes one of them, and so is the
//! number of reports of a comment. Who rates or writes has an account and sees the film. A comment is plain text; the
//! text of a hidden one reaches admins only. Whoever leaves takes their ratings, comments and reports with them.

mod http;
mod model;
mod service;
mod store;

pub use http::configure;
pub use model::Error;
pub use service::Reviews;
