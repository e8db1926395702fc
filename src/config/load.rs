//! Reads the sources in their order, and checks what came out.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Serialize;

use super::{Config, Sources, StorageTarget};
use crate::db::Target;

/// The variables `PLAYHOUSE__SECTION__KEY`.
pub(super) fn environment() -> Env {
    Env::prefixed("PLAYHOUSE__").split("__")
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
        let mut config: Self = sources
            .merge(environment())
            .merge(Serialized::globals(&flags))
            .extract()
            .map_err(|error| error.to_string())?;
        config.check()?;
        config.sources = Sources::of(&config, file, &flags);
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
                self.drive.quota_bytes >= 0 && self.drive.vip_quota_bytes >= 0,
                "drive.quota_bytes and drive.vip_quota_bytes are at least 0",
            ),
            (
                self.drive.keep_versions <= 100,
                "drive.keep_versions is at most 100",
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
                self.reviews.comments_per_hour > 0,
                "reviews.comments_per_hour is above 0",
            ),
            (
                (1..=30).contains(&self.webhooks.timeout_seconds)
                    && (1..=3650).contains(&self.webhooks.keep_days),
                "webhooks.timeout_seconds is from 1 to 30, webhooks.keep_days from 1 to 3650",
            ),
            (
                self.realtime.ping_seconds > 0
                    && self.realtime.pong_seconds > 0
                    && self.realtime.recheck_seconds > 0
                    && self.realtime.presence_every_ms > 0
                    && self.realtime.max_per_account > 0
                    && self.realtime.max_per_address > 0
                    && self.realtime.connects_per_minute > 0
                    && self.realtime.requests_per_second > 0
                    && self.realtime.requests_burst > 0,
                "realtime.* are above 0, but for pauses, grace and what may be had none of",
            ),
            (
                self.realtime.outbox_bytes >= 16 * 1024 && self.realtime.max_frame_bytes >= 1024,
                "realtime.outbox_bytes is at least 16384, realtime.max_frame_bytes at least 1024",
            ),
        ];
        let (films, ftp) = (self.films.rules(), self.ftp.rules(&self.server));
        match rules
            .iter()
            .chain(&films)
            .chain(&ftp)
            .find(|(holds, _)| !holds)
        {
            Some((_, rule)) => Err((*rule).to_owned()),
            None => {
                self.storage.target()?;
                self.database_target().map(drop)
            }
        }
    }

    /// The database that `database.url` names.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn database_target(&self) -> Result<Target, String> {
        Target::parse(&self.database.url, &self.data_dir)
    }

    /// The folder of this machine for what is arriving, pictures, and the bytes unless they are elsewhere.
    #[must_use]
    pub fn storage_folder(&self) -> PathBuf {
        match self.storage.target() {
            Ok(StorageTarget::Folder(folder)) => self.data_dir.join(folder),
            _ => self.data_dir.join("storage"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Concurrent;

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
            ("[storage]\nurl = \"s3://b?x=1\"", "storage.url"),
            ("[server]\ntls_cert = \"c.pem\"", "tls_key"),
            ("[ftp]\npassive_ports = \"9-1\"", "passive_ports"),
            ("[webhooks]\ntimeout_seconds = 0", "timeout_seconds"),
            ("[ftp]\nkey = \"k.pem\"", "ftp.certificate"),
            ("[ftp]\nrequire_tls = true", "ftp.require_tls"),
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
}
