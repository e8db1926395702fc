//! Work that outlives a request: durable rows, taken under a lease by a few workers.
//!
//! A job is put into the queue in the transaction that makes it necessary ([`Jobs::enqueue_in`]), so there is never a
//! film without its poster job or the other way round. Its worker says that it is alive and how far it is; a worker that
//! dies loses its lease and another one takes the job again, so a handler may run twice and must bear it. A worker that
//! finds its lease gone, because it was too slow or an admin cancelled the job, drops what it does at once. A server that
//! starts takes back what one that was killed had on the same data folder. What a kind of job does is not known here:
//! `app.rs` gives the workers one handler for each kind.

mod http;
mod model;
mod node;
mod service;
mod store;
mod task;
mod worker;

pub use http::configure;
pub use model::{Error, Failure, GivenUp, JobFilter, JobKey, Lane, NewJob, Outcome};
pub use node::Node;
pub use service::Jobs;
pub use task::{Report, Task};
pub use worker::{Handlers, Workers};
