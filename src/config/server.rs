//! The listening side, how the house presents itself, and its log.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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

impl Default for SiteConfig {
    fn default() -> Self {
        Self {
            name: "Playhouse".to_owned(),
            currency: "EUR".to_owned(),
            currency_digits: 2,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// As `RUST_LOG` takes it.
    pub filter: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}
