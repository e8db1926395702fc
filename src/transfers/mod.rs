//! Bytes in flight: how a file becomes an HTTP response, how one arrives, and who watches over it.
//!
//! - [`ranges`] and [`conditions`] are the pure rules of RFC 9110;
//! - [`body`] streams a file, `remote` an object that is elsewhere, [`flow`] is what its owner and it share;
//! - [`serve`] puts a response together, [`reading`] the same bytes for other protocols;
//! - [`zip`] makes an archive of a folder while it is sent;
//! - [`uploads`] takes files in.
//!
//! Nothing here decides who may have a file: that is asked before, of the slice's policy.

mod actor;
pub mod body;
mod buffers;
mod chunks;
pub mod conditions;
mod direct;
pub mod disposition;
pub mod flow;
pub mod incoming;
pub mod line;
pub mod live;
pub mod ranges;
pub mod reading;
pub mod registry;
mod remote;
pub mod serve;
pub mod socket;
pub mod spans;
pub mod throttle;
pub mod uploads;
pub mod zip;

pub use uploads::Uploads;
