//! A house to look at: three accounts, six short films and two notices, made on an empty house by `serve --demo`.
//!
//! Everything goes through the services, as if an admin had done it. What has been made is noted in the data folder,
//! so that a start that was cut short goes on where it was, and what an admin removes stays removed. A house that
//! holds anything else is left as it is.

mod films;
mod notebook;
mod service;

pub use notebook::SignIn;
pub use service::{Demo, Error};
