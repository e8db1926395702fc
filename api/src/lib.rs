//! The vocabulary of the Playhouse HTTP API: requests, answers, events and problems.
//!
//! The server, the command lines and the tests share these types, so a name that changes here
//! changes everywhere or does not compile. They carry no rules: the server validates.
//! There is no web framework and no database in this crate.
//!
//! - [`accounts`], [`movies`], [`series`], [`reviews`], [`membership`], [`downloads`], [`notices`], [`uploads`], [`drive`],
//!   [`chat`], [`admin`], [`site`], [`webhooks`]: one module for each concern, requests first, answers after them;
//! - [`events`], [`realtime`]: what the server pushes to connected members, and what they say over the WebSocket;
//! - [`problem`]: the one error body and the table of its codes;
//! - [`page`], [`patch`], [`secret`]: the shapes that the others are made of;
//! - [`fingerprint`]: the sampled hash that finds a film before it is uploaded.
//!
//! Conventions: ids are UUIDv7, times RFC 3339 in UTC, amounts integers in minor units, sizes
//! bytes, enums `snake_case`. A request with an unknown field is refused.
//!
//! Feature `openapi` derives schemas; feature `client` adds `client`, which speaks HTTP.

pub mod accounts;
pub mod admin;
pub mod chat;
#[cfg(feature = "client")]
pub mod client;
pub mod downloads;
pub mod drive;
pub mod events;
pub mod fingerprint;
pub mod membership;
pub mod movies;
pub mod notices;
pub mod page;
pub mod patch;
pub mod problem;
pub mod realtime;
pub mod reviews;
pub mod secret;
pub mod series;
pub mod site;
pub mod uploads;
pub mod webhooks;

/// Where every endpoint lives.
pub const BASE_PATH: &str = "/api/v1";

/// The header that makes a purchase or a credit happen once, however often it is sent.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The cookie that carries a browser's login session.
pub const SESSION_COOKIE: &str = "playhouse_session";

pub use page::Page;
pub use problem::{ErrorCode, FieldCode, FieldProblem, Problem};
pub use secret::Secret;
