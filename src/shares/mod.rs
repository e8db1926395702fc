//! Links that give a file or folder of a drive to whoever has them.
//!
//! Keeps true: a link is signed from the share's id, so its owner can see it again and no secret of it is stored. A
//! share is bound to the id of its entry: a new file under the old name is not shared, and what is moved out of a
//! shared folder, or lies above it, is not reached. Every request passes one gate ([`policy`]): the share is there, its
//! owner not locked, its entry not in the trash, its time not over, its password known, its uses not spent. A use is
//! counted when a download begins, in one transaction, and never beyond what the owner allowed.

mod http;
mod model;
mod page;
mod passes;
mod place;
pub mod policy;
mod public;
mod service;
mod store;
mod visits;

pub use http::configure;
pub use model::Error;
pub use public::configure_public;
pub use service::Shares;
