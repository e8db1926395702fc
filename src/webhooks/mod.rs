//! Webhooks: third parties are told what happens, by signed requests that are sent until they arrive or are given up.
//!
//! Keeps true: what is told is written down in the transaction of the change that it tells of ([`crate::events::Outbox`]),
//! together with the job that sends it. So nothing is told that did not happen, and what happened is told at least once,
//! whatever becomes of the process. Who is connected to was looked at by `policy` in that moment, so no name leads into
//! the house's own network. A secret is answered once and never logged.
//!
//! Other slices do not know this one: they tell [`crate::events::Events`].

mod delivering;
mod figures;
mod http;
mod model;
mod outbox;
mod policy;
mod retry_after;
mod sender;
mod service;
mod signing;
mod store;
mod turns;

pub use http::configure;
pub use model::{DeliveryKey, Error};
pub use service::Webhooks;
pub use turns::SENDERS;
