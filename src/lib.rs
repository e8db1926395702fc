//! Playhouse: a self-hosted media house.
//!
//! Slices by feature; in each the same file names: `http.rs` (extract, call, respond), `service.rs` (rules and
//! transactions), `model.rs` (types and errors), `store.rs` (diesel), `policy.rs` (who may), `actor.rs` (live state).
//!
//! - [`app`]: builds the state, starts the server and what runs beside it, stops it gracefully
//! - [`routes`]: the whole table of addresses
//! - [`config`], [`error`], [`clock`], [`ids`], [`page`], [`events`], [`limits`]: the shared vocabulary
//! - [`db`]: SQLite or PostgreSQL behind `Db::read` and `Db::write`
//! - [`http`]: request context, extractors, conditional answers, security headers
//! - [`accounts`]: users, login sessions, access tokens
//! - [`movies`]: the catalogue, publishing, posters
//! - [`encoding`]: what ffprobe tells of a file, what is to be made of it, and the running of ffmpeg
//! - [`renditions`]: what is made of films so that they play everywhere
//! - [`jobs`]: work that outlives a request
//! - [`audit`]: what admins have done
//! - [`membership`]: wallet and ledger, vouchers, orders, VIP plans, who may have a film
//! - [`media`]: signed addresses of bytes
//! - [`downloads`]: tickets and their records
//! - [`drive`]: a member's own files
//! - [`dav`]: the same files over WebDAV
//! - [`ftp`]: the drives over FTP and FTPS
//! - [`shares`]: links that give a file or folder to whoever has them
//! - [`chat`]: friends, rooms and what is said in them
//! - [`playback`]: watching, and where one stopped
//! - [`series`]: films that belong together, in an order
//! - [`reviews`]: ratings and comments, and their moderation
//! - [`notices`]: announcements and read marks
//! - [`profile`]: an account with its balance, unread notices and room on the drive
//! - [`leaving`]: what members take along, and how they leave
//! - [`realtime`]: live connections and what is pushed to them
//! - [`ops`]: health, metrics, figures, the audit log's address
//! - [`integrations`]: the OpenAPI document, feeds
//! - [`webhooks`]: third parties are told what happens
//! - [`storage`]: blobs on disk or in a bucket
//! - [`blobs`]: who has which bytes
//! - [`transfers`]: bytes in flight, both ways
//! - [`verify`]: whether everything is as it is recorded
//! - [`demo`]: an empty house made one to look around in
//! - [`site`]: what the house says of itself, and the answer of last resort

pub mod accounts;
pub mod app;
pub mod audit;
pub mod blobs;
pub mod chat;
pub mod clock;
pub mod config;
pub mod dav;
pub mod db;
pub mod demo;
pub mod downloads;
pub mod drive;
pub mod encoding;
pub mod error;
pub mod events;
pub mod ftp;
pub mod http;
pub mod ids;
pub mod integrations;
pub mod jobs;
pub mod leaving;
pub mod limits;
pub mod media;
pub mod membership;
pub mod movies;
pub mod notices;
pub mod ops;
pub mod page;
pub mod playback;
pub mod profile;
pub mod realtime;
pub mod renditions;
pub mod reviews;
pub mod routes;
pub mod series;
pub mod shares;
pub mod site;
pub mod storage;
pub mod transfers;
pub mod verify;
pub mod webhooks;
