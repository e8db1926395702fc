//! TLS from configured files.

use std::path::Path;

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What a server that shows this certificate speaks: TLS 1.2 and 1.3.
///
/// # Errors
/// A sentence for the operator.
pub fn settings(chain: &Path, key: &Path) -> anyhow::Result<ServerConfig> {
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the certificate {}", chain.display()))?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key {}", key.display()))?;
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates, secret)
        .context("the certificate and the key do not fit together")
}
