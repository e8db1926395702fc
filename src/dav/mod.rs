//! WebDAV (RFC 4918, class 2) at `/dav/`: a member's own drive for file managers and sync programs.
//!
//! dav-server speaks most of the protocol, over a file system ([`fs`]) and a lock system ([`locks`]) that are both the
//! drive's own service and database. Three things are answered here instead, because dav-server would do them worse:
//! GET goes through the gate, the ranges and the rate of every other download; PROPFIND is written page by page from
//! the database, in bounded memory; OPTIONS says what is here. What comes in is read once, strictly, before any of
//! them sees it: addresses become [`DrivePath`](crate::drive::DrivePath)s and are written anew, bodies of XML are
//! bounded, shallow and free of entities.
//!
//! Keeps true: no rule about files lives here; a request is signed in by itself, never by a cookie; everybody sees
//! their own tree and their own locks only; a PUT is there whole or not at all; what is deleted goes to the trash.

mod address;
mod body;
mod change;
mod conditions;
mod file;
mod fs;
mod http;
mod lock_rules;
mod locks;
mod meta;
mod propfind;
mod props;
mod service;
mod signin;
mod store;
mod visit;
mod xml;

pub use http::configure;
pub use service::Dav;
