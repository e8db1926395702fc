//! Notices: what the admins announce, and how far each member has read.
//!
//! Keeps true: a read mark never goes backwards; what reaches a browser has passed through the sanitiser.
//! Unread is what was published after the reader joined and after their mark. Ids grow with time, so "read up to" and "newer than" compare ids.

mod http;
mod markdown;
mod model;
mod service;
mod store;

pub use http::configure;
pub use model::{Error, NoticeKey, Reader};
pub use service::Notices;
