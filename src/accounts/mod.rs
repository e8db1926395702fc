//! Accounts: who is here, how they prove it, and what ends their stay.
//!
//! Keeps true: user names are unique whatever their case; tokens are kept as hashes only; an account that is locked
//! has no access from that moment on; a password is hashed apart from all other work.
//! Money, VIP plans and notices are not here: a [`Viewer`] says only who somebody is and until when they are VIP.

mod credentials;
mod guards;
mod http;
mod model;
mod passwords;
mod service;
mod store;
mod throttle;

pub use guards::{Admin, Connecting, LoggedIn, MaybeSignedIn, SignedIn};
pub use http::configure;
pub use model::{Account, AccountKey, Error, Role, Via, Viewer};
pub use service::Accounts;
pub use throttle::Throttle;
