//! The configuration: one struct for each concern.
//!
//! A later source wins: defaults, the TOML file, the environment (`PLAYHOUSE__SECTION__KEY`), flags.
//! An unknown key is an error, so that a typing mistake does not pass for a setting.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::db::Target;

mod drive;

pub use drive::DriveConfig;

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
    pub uploads: UploadsConfig,
    pub membership: MembershipConfig,
    pub downloads: DownloadsConfig,
    pub drive: DriveConfig,
    pub trash: TrashConfig,
    pub log: LogConfig,
}

/// The listening side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    /// How the house is reached from outside, such as `https://films.example.org`; feeds need it.
    /// Made from the request when empty.
    pub public_url: String,
    /// Worker threads; one for each core when 0.
    pub workers: usize,
    /// Certificate chain in PEM. With `tls_key` the server speaks HTTPS (HTTP/1.1 and HTTP/2).
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// Addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Bytes of a JSON body.
    pub max_json_bytes: usize,
    pub max_connections: usize,
    /// Seconds that a stopping server gives to what is in flight.
    pub shutdown_seconds: u64,
}

/// How the house presents itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteConfig {
    pub name: String,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    /// Digits after the decimal point: 2 for cents, 0 for yen.
    pub currency_digits: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:FILE` (below the data folder) or `postgres://...`.
    pub url: String,
    /// Threads that read.
    pub readers: u32,
    /// Threads that write, on PostgreSQL; SQLite has one.
    pub writers: u32,
    /// Jobs that may wait for a thread; one more is answered 503.
    pub queue: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageConfig {
    /// `file:FOLDER`, below the data folder.
    pub url: String,
}

/// How many places an account may be signed in from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Concurrent {
    Many,
    Single,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// With `single`, a new sign-in ends the one before.
    pub concurrent: Concurrent,
    /// Days without use after which a session ends.
    pub days: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountsConfig {
    pub registration_open: bool,
    pub bcrypt_cost: u32,
    /// Threads that hash passwords, apart from all other work.
    pub bcrypt_threads: usize,
    /// Passwords that may wait to be hashed; one more is answered 503.
    pub bcrypt_queue: usize,
    /// Wrong passwords that an account or an address may try before it has to wait.
    pub free_attempts: u32,
    /// Accounts that one address may register in an hour.
    pub registrations_per_hour: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoviesConfig {
    /// Whether the file that was uploaded is kept.
    pub keep_original: bool,
    /// Minutes that a playback address works; the player renews it.
    pub playback_minutes: i64,
    pub ffmpeg: PathBuf,
    pub ffprobe: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UploadsConfig {
    pub max_bytes: i64,
    /// Hours after its last byte that an unfinished upload is kept.
    pub expire_hours: i64,
    /// Bytes that an upload may run ahead of its last durable offset.
    pub checkpoint_bytes: u64,
    /// Uploads that an account may have open at a time.
    pub max_open: i64,
    /// Bytes that uploads leave free on the disk of `storage.url`.
    pub min_free_bytes: u64,
    /// Seconds without a byte after which a PATCH is ended; what arrived stays.
    pub stall_seconds: u64,
}

/// A VIP plan that members buy from their wallet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanConfig {
    pub id: String,
    pub title: String,
    pub days: i64,
    /// Minor units.
    pub price: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MembershipConfig {
    /// What a VIP pays for a film, in per cent of its price.
    pub vip_price_percent: i64,
    pub plans: Vec<PlanConfig>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DownloadsConfig {
    /// What a member without VIP waits for a free film.
    pub wait_seconds: i64,
    /// Hours that a ticket works.
    pub ticket_hours: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrashConfig {
    /// Days that a deleted film, file or folder can be restored.
    pub days: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// As `RUST_LOG` takes it.
    pub filter: String,
    pub format: LogFormat,
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
            uploads: UploadsConfig::default(),
            membership: MembershipConfig::default(),
            downloads: DownloadsConfig::default(),
            drive: DriveConfig::default(),
            trash: TrashConfig::default(),
            log: LogConfig::default(),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: String::new(),
            workers: 0,
            tls_cert: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            max_json_bytes: 256 * 1024,
            max_connections: 25_000,
            shutdown_seconds: 8,
        }
    }
}

impl Default for SiteConfig {
    fn default() -> Self {
        Self {
            name: "Playhouse".to_owned(),
            currency: "EUR".to_owned(),
            currency_digits: 2,
        }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:playhouse.db".to_owned(),
            readers: 2,
            writers: 4,
            queue: 1024,
        }
    }
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            url: "file:storage".to_owned(),
        }
    }
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self {
            concurrent: Concurrent::Many,
            days: 30,
        }
    }
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            registration_open: true,
            bcrypt_cost: 12,
            bcrypt_threads: 2,
            bcrypt_queue: 64,
            free_attempts: 5,
            registrations_per_hour: 30,
        }
    }
}

impl Default for MoviesConfig {
    fn default() -> Self {
        Self {
            keep_original: true,
            playback_minutes: 240,
            ffmpeg: "ffmpeg".into(),
            ffprobe: "ffprobe".into(),
        }
    }
}

impl Default for UploadsConfig {
    fn default() -> Self {
        Self {
            max_bytes: 256 << 30,
            expire_hours: 48,
            checkpoint_bytes: 32 << 20,
            max_open: 100,
            min_free_bytes: 256 << 20,
            stall_seconds: 60,
        }
    }
}

impl Default for MembershipConfig {
    fn default() -> Self {
        let plan = |id: &str, title: &str, days, price| PlanConfig {
            id: id.to_owned(),
            title: title.to_owned(),
            days,
            price,
        };
        Self {
            vip_price_percent: 50,
            plans: vec![
                plan("month", "One month", 30, 900),
                plan("year", "One year", 365, 9000),
            ],
        }
    }
}

impl Default for DownloadsConfig {
    fn default() -> Self {
        Self {
            wait_seconds: 30,
            ticket_hours: 24,
        }
    }
}

impl Default for TrashConfig {
    fn default() -> Self {
        Self { days: 30 }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Reads the sources in their order and checks the result.
    ///
    /// # Errors
    /// A sentence that names the key and where it came from.
    pub fn load(file: Option<&Path>, flags: impl Serialize) -> Result<Self, String> {
        let mut sources = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(format!("there is no configuration file {}", file.display()));
            }
            sources = sources.merge(Toml::file_exact(file));
        }
        let config: Self = sources
            .merge(Env::prefixed("PLAYHOUSE__").split("__"))
            .merge(Serialized::globals(flags))
            .extract()
            .map_err(|error| error.to_string())?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let rules = [
            (
                self.server.tls_cert.is_some() == self.server.tls_key.is_some(),
                "server.tls_cert and server.tls_key go together",
            ),
            (
                (0..=100).contains(&self.membership.vip_price_percent),
                "membership.vip_price_percent is from 0 to 100",
            ),
            (
                self.membership.plans.iter().all(|plan| {
                    (1..=36_500).contains(&plan.days) && (0..1 << 53).contains(&plan.price)
                }),
                "membership.plans have 1 to 36500 days and a price of at least 0 and below 2^53",
            ),
            (
                self.site.currency_digits <= 4,
                "site.currency_digits is at most 4",
            ),
            (
                (4..=31).contains(&self.accounts.bcrypt_cost),
                "accounts.bcrypt_cost is from 4 to 31",
            ),
            (
                self.accounts.bcrypt_threads > 0 && self.accounts.bcrypt_queue > 0,
                "accounts.bcrypt_threads and accounts.bcrypt_queue are above 0",
            ),
            (
                self.database.readers > 0 && self.database.writers > 0 && self.database.queue > 0,
                "database.readers, database.writers and database.queue are above 0",
            ),
            (self.sessions.days > 0, "sessions.days is above 0"),
            (
                self.downloads.wait_seconds >= 0 && self.downloads.ticket_hours > 0,
                "downloads.wait_seconds is at least 0, downloads.ticket_hours above 0",
            ),
            (
                self.uploads.max_bytes > 0
                    && self.uploads.expire_hours > 0
                    && self.uploads.checkpoint_bytes > 0
                    && self.uploads.max_open > 0
                    && self.uploads.stall_seconds > 0,
                "uploads.* are above 0, but for uploads.min_free_bytes",
            ),
            (self.trash.days >= 0, "trash.days is at least 0"),
            (
                self.storage.url.starts_with("file:"),
                "storage.url must begin with file:",
            ),
        ];
        let mut rules = rules.into_iter().chain(self.drive.rules());
        match rules.find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(rule.to_owned()),
            None => self.database_target().map(drop),
        }
    }

    /// The database that `database.url` names.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn database_target(&self) -> Result<Target, String> {
        Target::parse(&self.database.url, &self.data_dir)
    }

    /// The folder that `storage.url` names.
    #[must_use]
    pub fn storage_folder(&self) -> PathBuf {
        let path = self
            .storage
            .url
            .strip_prefix("file:")
            .unwrap_or(&self.storage.url);
        self.data_dir.join(path.strip_prefix("//").unwrap_or(path))
    }

    /// What is in force, as TOML, with passwords in addresses masked.
    ///
    /// # Errors
    /// When a value has no form in TOML.
    pub fn masked_toml(&self) -> Result<String, toml::ser::Error> {
        let mut shown = self.clone();
        shown.database.url = mask_password(&shown.database.url);
        shown.storage.url = mask_password(&shown.storage.url);
        toml::to_string_pretty(&shown)
    }
}

/// Hides `secret` in `scheme://user:secret@host/...`, and a `password=` parameter.
fn mask_password(url: &str) -> String {
    let mut shown = url.to_owned();
    if let Some((scheme, rest)) = url.split_once("://")
        && let Some((user, host)) = rest.rsplit_once('@')
    {
        let name = user.split(':').next().unwrap_or_default();
        shown = format!("{scheme}://{name}:***@{host}");
    }
    match shown.split_once("password=") {
        Some((before, after)) => {
            let rest = after
                .find('&')
                .map_or("", |end| after.get(end..).unwrap_or_default());
            format!("{before}password=***{rest}")
        }
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct NoFlags {}

    fn load(toml: &str) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        Config::load(Some(file.path()), NoFlags {})
    }

    #[test]
    fn a_file_changes_the_defaults() {
        let config =
            load("[downloads]\nwait_seconds = 3\n[sessions]\nconcurrent = \"single\"").unwrap();
        assert_eq!(config.downloads.wait_seconds, 3);
        assert_eq!(config.downloads.ticket_hours, 24);
        assert_eq!(config.sessions.concurrent, Concurrent::Single);
    }

    #[test]
    fn flags_win() {
        #[derive(Serialize)]
        struct Flags {
            data_dir: PathBuf,
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "data_dir = \"a\"").unwrap();
        let config = Config::load(
            Some(file.path()),
            Flags {
                data_dir: "b".into(),
            },
        )
        .unwrap();
        assert_eq!(config.data_dir, Path::new("b"));
    }

    #[test]
    fn mistakes_are_named() {
        for (toml, word) in [
            ("[downloads]\nwait_second = 3", "wait_second"),
            ("[downloads]\nwait_seconds = -1", "wait_seconds"),
            ("[membership]\nvip_price_percent = 101", "vip_price_percent"),
            ("[database]\nurl = \"mysql://h\"", "database.url"),
            ("[storage]\nurl = \"ftp://h\"", "storage.url"),
            ("[server]\ntls_cert = \"c.pem\"", "tls_key"),
        ] {
            let error = load(toml).unwrap_err();
            assert!(error.contains(word), "{error} should name {word}");
        }
        assert!(
            Config::load(Some(Path::new("/nowhere/x.toml")), NoFlags {})
                .unwrap_err()
                .contains("/nowhere/x.toml")
        );
    }

    #[test]
    fn the_password_of_the_database_is_not_shown() {
        let mut config = Config::default();
        config.database.url = "postgres://house:se:cr@et@db/house?password=other&x=1".to_owned();
        let shown = config.masked_toml().unwrap();
        assert!(
            shown.contains("postgres://house:***@db/house?password=***&x=1"),
            "{shown}"
        );
    }
}
