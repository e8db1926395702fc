//! The configuration as it may be shown: without its secrets, with where each value came from.
//!
//! Keeps true: whatever is shown of a configuration has passed [`Config::masked`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use playhouse_api::admin::{Setting, SettingGroup, SettingSource, Settings};
use serde::Serialize;
use serde_json::Value;

use super::Config;
use super::load::environment;

/// Stands for a secret.
const MASK: &str = "***";

/// What stands outside of the sections.
const GENERAL: &str = "general";

/// Which values did not come from the defaults; cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct Sources(Arc<BTreeMap<String, SettingSource>>);

impl Sources {
    /// Looks for each key in what was read: flags win over the environment, and that over the file.
    pub(super) fn of(config: &Config, file: Option<&Path>, flags: impl Serialize) -> Self {
        let layers = [
            (
                SettingSource::Flag,
                Figment::from(Serialized::globals(flags)),
            ),
            (SettingSource::Environment, Figment::from(environment())),
            (
                SettingSource::File,
                file.map_or_else(Figment::new, |file| Figment::from(Toml::file_exact(file))),
            ),
        ];
        let found = sections(config).into_iter().flat_map(|(_, values)| values);
        let found = found.filter_map(|(key, _)| {
            let says = |(_, layer): &&(SettingSource, Figment)| layer.find_value(&key).is_ok();
            let source = layers.iter().find(says)?.0;
            Some((key, source))
        });
        Self(Arc::new(found.collect()))
    }

    fn find(&self, key: &str) -> SettingSource {
        self.0.get(key).copied().unwrap_or_default()
    }
}

/// A section with its values by their whole keys.
type Section = (String, Vec<(String, Value)>);

/// The sections in the order of their names, what stands outside of them first.
fn sections(config: &Config) -> Vec<Section> {
    let Ok(Value::Object(all)) = serde_json::to_value(config) else {
        return Vec::new();
    };
    let mut general = Vec::new();
    let mut sections = Vec::new();
    for (name, value) in all {
        match value {
            Value::Object(values) => {
                let whole = |(key, value)| (format!("{name}.{key}"), value);
                let values = values.into_iter().map(whole).collect();
                sections.push((name, values));
            }
            value => general.push((name, value)),
        }
    }
    sections.insert(0, (GENERAL.to_owned(), general));
    sections
}

impl Config {
    /// The same without its secrets.
    fn masked(&self) -> Self {
        let mut shown = self.clone();
        shown.database.url = mask_password(&shown.database.url);
        shown.storage.url = mask_password(&shown.storage.url);
        if !shown.storage.secret_access_key.is_empty() {
            MASK.clone_into(&mut shown.storage.secret_access_key);
        }
        shown
    }

    /// What is in force, as TOML, with secrets masked.
    ///
    /// # Errors
    /// When a value has no form in TOML.
    pub fn masked_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(&self.masked())
    }

    /// What is in force, value by value, with secrets masked.
    #[must_use]
    pub fn masked_settings(&self) -> Settings {
        let shown = sections(&self.masked());
        let groups = shown.into_iter().zip(sections(self));
        let group = |((name, shown), (_, real)): (Section, Section)| SettingGroup {
            name,
            settings: shown
                .into_iter()
                .zip(real)
                .map(|((key, value), (_, real))| Setting {
                    source: self.sources.find(&key),
                    masked: value != real,
                    key,
                    value,
                })
                .collect(),
        };
        Settings {
            groups: groups.map(group).collect(),
        }
    }
}

/// Hides `secret` in `scheme://user:secret@host/...`, and a `password=` parameter.
fn mask_password(url: &str) -> String {
    let mut shown = url.to_owned();
    if let Some((scheme, rest)) = url.split_once("://")
        && let Some((user, host)) = rest.rsplit_once('@')
    {
        let name = user.split(':').next().unwrap_or_default();
        shown = format!("{scheme}://{name}:{MASK}@{host}");
    }
    match shown.split_once("password=") {
        Some((before, after)) => {
            let rest = after
                .find('&')
                .map_or("", |end| after.get(end..).unwrap_or_default());
            format!("{before}password={MASK}{rest}")
        }
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_secrets() -> Config {
        let mut config = Config::default();
        config.storage.access_key_id = "key".to_owned();
        config.storage.secret_access_key = "very secret".to_owned();
        config.database.url = "postgres://house:se:cr@et@db/house?password=other&x=1".to_owned();
        config
    }

    fn setting(settings: &Settings, key: &str) -> Setting {
        let mut all = settings.groups.iter().flat_map(|it| &it.settings);
        all.find(|it| it.key == key).unwrap().clone()
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = with_secrets().masked_toml().unwrap();
        assert!(
            shown.contains("postgres://house:***@db/house?password=***&x=1"),
            "{shown}"
        );
        assert!(shown.contains("secret_access_key = \"***\""), "{shown}");
        assert!(!shown.contains("very secret"), "{shown}");
    }

    #[test]
    fn settings_are_shown_value_by_value_without_secrets() {
        let settings = with_secrets().masked_settings();
        let text = serde_json::to_string(&settings).unwrap();
        for secret in ["very secret", "se:cr", "other"] {
            assert!(!text.contains(secret), "{text}");
        }
        for (key, is_masked) in [
            ("storage.secret_access_key", true),
            ("database.url", true),
            ("storage.access_key_id", false),
            ("data_dir", false),
        ] {
            assert_eq!(setting(&settings, key).masked, is_masked, "{key}");
        }
        assert_eq!(settings.groups[0].name, "general");
        // One of each kind of value, and every key of the file.
        assert_eq!(setting(&settings, "chat.queue").value, 4096);
        assert_eq!(setting(&settings, "ftp.certificate").value, Value::Null);
        assert!(setting(&settings, "membership.plans").value.is_array());
        let shown: toml::Table = Config::default().masked_toml().unwrap().parse().unwrap();
        for (name, section) in &shown {
            for key in section.as_table().into_iter().flat_map(toml::Table::keys) {
                setting(&settings, &format!("{name}.{key}"));
            }
        }
    }

    #[test]
    fn each_value_says_where_it_came_from() {
        #[derive(Serialize)]
        struct Flags {
            server: Server,
        }
        #[derive(Serialize)]
        struct Server {
            listen: std::net::SocketAddr,
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        let toml = "[server]\nlisten = \"127.0.0.1:1\"\nworkers = 3\n[chat]\nqueue = 7";
        std::fs::write(file.path(), toml).unwrap();
        let listen = ([127, 0, 0, 1], 2).into();
        let server = Server { listen };
        let config = Config::load(Some(file.path()), Flags { server }).unwrap();
        let settings = config.masked_settings();
        for (key, source) in [
            ("server.listen", SettingSource::Flag),
            ("server.workers", SettingSource::File),
            ("chat.queue", SettingSource::File),
            ("chat.resume_events", SettingSource::Default),
            ("data_dir", SettingSource::Default),
        ] {
            assert_eq!(setting(&settings, key).source, source, "{key}");
        }
        assert_eq!(setting(&settings, "server.listen").value, "127.0.0.1:2");
    }
}
