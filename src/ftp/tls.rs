//! TLS for both connections of a session.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::http::tls;

/// Reads certificate and key.
pub(super) fn acceptor((chain, key): (&Path, &Path)) -> anyhow::Result<TlsAcceptor> {
    let mut config = tls::settings(chain, key)?;
    // A client that only sends never reads the tickets of TLS 1.3. With them unread, its end of the connection would be
    // a reset, and what was still on its way would be lost.
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
