//! The vocabulary of the Playhouse HTTP API.
