//! TLS from configured files: HTTP/2 where the client takes it, HTTP/1.1 elsewhere.

use anyhow::Context as _;
use rustls::ServerConfig as TlsConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::ServerConfig;

/// The settings of TLS, or none when no certificate is configured.
pub(super) fn settings(config: &ServerConfig) -> anyhow::Result<Option<TlsConfig>> {
    let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) else {
        return Ok(None);
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the certificate {}", cert.display()))?;
    let key_der = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key {}", key.display()))?;
    let tls = TlsConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key_der)
        .context("the certificate and the key do not fit together")?;
    Ok(Some(tls))
}
