//! The configuration: one struct for each concern.
//!
//! A later source wins: defaults, the TOML file, the environment (`PLAYHOUSE__SECTION__KEY`), flags.
//! An unknown key is an error, so that a typing mistake does not pass for a setting.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

mod chat;
mod data;
mod films;
mod ftp;
mod load;
mod money;
mod people;
mod realtime;
mod reviews;
mod server;
mod shown;
mod storage;
mod webhooks;

pub use chat::ChatConfig;
pub use data::{DatabaseConfig, DriveConfig, TrashConfig};
pub use films::{DownloadsConfig, FilmsConfig, MoviesConfig, UploadsConfig};
pub use ftp::{FtpConfig, PassivePorts};
pub use money::{MembershipConfig, PlanConfig};
pub use people::{AccountsConfig, Concurrent, SessionsConfig};
pub use realtime::RealtimeConfig;
pub use reviews::ReviewsConfig;
pub use server::{LogConfig, LogFormat, ServerConfig, SiteConfig};
pub use shown::Sources;
pub use storage::{S3Address, StorageConfig, StorageTarget};
pub use webhooks::WebhooksConfig;

/// Everything that an operator may set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the database, the films and the set-up token are.
    pub data_dir: PathBuf,
    pub server: ServerConfig,
    pub site: SiteConfig,
    pub database: DatabaseConfig,
    pub storage: StorageConfig,
    pub sessions: SessionsConfig,
    pub accounts: AccountsConfig,
    pub movies: MoviesConfig,
    pub films: FilmsConfig,
    pub uploads: UploadsConfig,
    pub membership: MembershipConfig,
    pub downloads: DownloadsConfig,
    pub drive: DriveConfig,
    pub trash: TrashConfig,
    pub realtime: RealtimeConfig,
    pub chat: ChatConfig,
    pub reviews: ReviewsConfig,
    pub ftp: FtpConfig,
    pub webhooks: WebhooksConfig,
    pub log: LogConfig,
    /// Where each value came from.
    #[serde(skip)]
    pub sources: Sources,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            server: ServerConfig::default(),
            site: SiteConfig::default(),
            database: DatabaseConfig::default(),
            storage: StorageConfig::default(),
            sessions: SessionsConfig::default(),
            accounts: AccountsConfig::default(),
            movies: MoviesConfig::default(),
            films: FilmsConfig::default(),
            uploads: UploadsConfig::default(),
            membership: MembershipConfig::default(),
            downloads: DownloadsConfig::default(),
            drive: DriveConfig::default(),
            trash: TrashConfig::default(),
            realtime: RealtimeConfig::default(),
            chat: ChatConfig::default(),
            reviews: ReviewsConfig::default(),
            ftp: FtpConfig::default(),
            webhooks: WebhooksConfig::default(),
            log: LogConfig::default(),
            sources: Sources::default(),
        }
    }
}
