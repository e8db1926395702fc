//! Members own their data: they take it with them, and they leave without a trace of who they were.
//!
//! Owns no table. An export is an archive made while it is sent, page by page: no transaction lasts longer than a page,
//! so it is no picture of one moment. The end of an account is one transaction that takes away the name, every way in and
//! every place in a room, and asks for a job that removes what is long: messages, files, uploads. The job may be cut
//! short anywhere and goes on; it looks once more when every request that was under way has ended. `docs/LEAVING.md`
//! says what stays.

mod export;
mod http;
mod model;
mod sections;
mod service;

pub use http::configure;
pub use model::Error;
pub use service::{Leaving, Parts};
