//! The Playhouse server.
