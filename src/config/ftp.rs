//! The door for FTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ServerConfig;

/// The drives over FTP and FTPS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FtpConfig {
    pub enabled: bool,
    pub listen: SocketAddr,
    /// Ports of data connections: `FIRST-LAST`, or `0` for any that is free.
    pub passive_ports: PassivePorts,
    /// What `PASV` names when clients reach the house by another address than its own (NAT).
    pub passive_address: Option<Ipv4Addr>,
    /// Certificate chain in PEM; that of the server when left out.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// Whether nobody signs in or transfers without TLS; true when there is a certificate, unless it is said.
    pub require_tls: Option<bool>,
    /// Connections at a time.
    pub max_connections: usize,
    /// The same of one account.
    pub max_connections_per_account: usize,
    /// Seconds without a command after which a connection is closed.
    pub idle_seconds: u64,
}

impl Default for FtpConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            listen: SocketAddr::from(([127, 0, 0, 1], 2121)),
            passive_ports: PassivePorts(50_000..=50_099),
            passive_address: None,
            certificate: None,
            key: None,
            require_tls: None,
            max_connections: 100,
            max_connections_per_account: 8,
            idle_seconds: 300,
        }
    }
}

impl FtpConfig {
    /// The files of the certificate and its key, if there are any.
    #[must_use]
    pub fn certificate<'a>(&'a self, server: &'a ServerConfig) -> Option<(&'a Path, &'a Path)> {
        let own = self.certificate.as_deref().zip(self.key.as_deref());
        own.or_else(|| server.tls_cert.as_deref().zip(server.tls_key.as_deref()))
    }

    /// Whether nobody signs in without TLS.
    #[must_use]
    pub fn needs_tls(&self, server: &ServerConfig) -> bool {
        self.require_tls
            .unwrap_or_else(|| self.certificate(server).is_some())
    }

    pub(super) fn rules(&self, server: &ServerConfig) -> [(bool, &'static str); 3] {
        let has_tls = self.certificate(server).is_some();
        [
            (
                self.certificate.is_some() == self.key.is_some(),
                "ftp.certificate and ftp.key go together",
            ),
            (
                has_tls || self.require_tls != Some(true),
                "ftp.require_tls needs a certificate: ftp.certificate and ftp.key, or those of the server",
            ),
            (
                self.max_connections > 0
                    && self.max_connections_per_account > 0
                    && self.idle_seconds > 0,
                "ftp.max_connections, ftp.max_connections_per_account and ftp.idle_seconds are above 0",
            ),
        ]
    }
}

/// Ports that data connections may have. From 0 to 0 is any free one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct PassivePorts(pub RangeInclusive<u16>);

/// One port may be written as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Port(u16),
    Range(String),
}

impl TryFrom<Written> for PassivePorts {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let text = match written {
            Written::Port(port) => return Ok(Self(port..=port)),
            Written::Range(text) => text,
        };
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        let port = |text: &str| text.trim().parse::<u16>().ok();
        match (port(first), port(last)) {
            (Some(first), Some(last)) if first <= last && (first > 0 || last == 0) => {
                Ok(Self(first..=last))
            }
            _ => Err(format!(
                "ftp.passive_ports is FIRST-LAST, such as 50000-50099, or 0, not {text}"
            )),
        }
    }
}

impl From<PassivePorts> for String {
    fn from(PassivePorts(ports): PassivePorts) -> Self {
        match ports.start() == ports.end() {
            true => ports.start().to_string(),
            false => format!("{}-{}", ports.start(), ports.end()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PassivePorts, String> {
        PassivePorts::try_from(Written::Range(text.to_owned()))
    }

    #[test]
    fn ports_are_a_range() {
        assert_eq!(read("50000-50099"), Ok(PassivePorts(50_000..=50_099)));
        assert_eq!(read("50000"), Ok(PassivePorts(50_000..=50_000)));
        assert_eq!(read("0"), Ok(PassivePorts(0..=0)));
        for wrong in ["", "-", "a-b", "2-1", "0-5", "1-65536", "1-2-3", "-5"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(String::from(PassivePorts(1..=2)), "1-2");
        assert_eq!(String::from(PassivePorts(0..=0)), "0");
    }

    #[test]
    fn tls_is_required_where_there_is_a_certificate() {
        let server = ServerConfig::default();
        let plain = FtpConfig::default();
        assert!(!plain.needs_tls(&server) && plain.certificate(&server).is_none());
        let with_tls = ServerConfig {
            tls_cert: Some("c".into()),
            tls_key: Some("k".into()),
            ..ServerConfig::default()
        };
        assert!(plain.needs_tls(&with_tls) && plain.certificate(&with_tls).is_some());
        let lax = FtpConfig {
            require_tls: Some(false),
            ..FtpConfig::default()
        };
        assert!(!lax.needs_tls(&with_tls));
        let wrong = FtpConfig {
            require_tls: Some(true),
            ..FtpConfig::default()
        };
        assert!(wrong.rules(&server).iter().any(|(holds, _)| !holds));
    }
}
