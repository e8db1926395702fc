//! Webhooks: whom the house may speak to, and how long it waits and remembers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksConfig {
    /// Whether receivers may have private, loopback and link-local addresses.
    pub allow_private_addresses: bool,
    /// Certificates of authorities in PEM that are trusted beside those that the machine trusts.
    pub ca_file: Option<PathBuf>,
    /// Seconds that a receiver has to answer.
    pub timeout_seconds: u64,
    /// Days that finished deliveries are kept.
    pub keep_days: i64,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self {
            allow_private_addresses: false,
            ca_file: None,
            timeout_seconds: 10,
            keep_days: 30,
        }
    }
}
