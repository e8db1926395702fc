//! The Playhouse server.
pub mod storage;
pub mod transfers;
