//! The listening side: plain HTTP/1.1, or TLS with HTTP/2 and HTTP/1.1.
//!
//! Plain connections are wrapped so that the bytes of a film go from the page cache to the socket
//! without passing through us (see [`crate::transfers::line`]); actix-web's own server builder
//! offers no place for that, so the service is put together here as it would do it.

use std::net::TcpListener;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::{Server, ServerBuilder};
use actix_service::{ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::{AppConfig, Extensions};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{App as WebApp, HttpServer};

use super::App;
use crate::config::ServerConfig;
use crate::http::{request, security, tls};
use crate::routes;
use crate::transfers::line::WatchedStream;
use crate::transfers::{incoming, socket};

/// How long a client may take for the head of a request, and to take the end of a connection.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
const GONE_WITHIN: Duration = Duration::from_secs(1);

/// What is sent in one piece where TLS needs a buffer between film and socket.
const TLS_BUFFER: usize = 1 << 20;

/// The same routes behind both doors.
macro_rules! site {
    ($app:expr) => {
        WebApp::new()
            .configure(|routes| $app.provide(routes))
            .wrap(from_fn(incoming::metered))
            .wrap(from_fn(security::headers))
            .wrap(from_fn(request::context))
            .configure(routes::all)
    };
}

/// Accepts connections. The server runs when it is polled.
pub(super) fn open(app: &App, listener: TcpListener) -> anyhow::Result<Server> {
    let config = &app.config.server;
    if listener.local_addr()?.ip().is_loopback() {
        send_at_once(&listener);
    }
    match config.tls_cert.as_deref().zip(config.tls_key.as_deref()) {
        None => Ok(open_plain(app, listener)?),
        Some((chain, key)) => {
            let tls = tls::settings(chain, key)?;
            let app = app.clone();
            let config = config.clone();
            let mut server = HttpServer::new(move || site!(app))
                .disable_signals()
                .shutdown_timeout(config.shutdown_seconds)
                .max_connections(config.max_connections)
                .h1_write_buffer_size(TLS_BUFFER)
                .on_connect(socket::remember);
            if config.workers > 0 {
                server = server.workers(config.workers);
            }
            Ok(server.listen_rustls_0_23(listener, tls)?.run())
        }
    }
}

/// Nothing is congested inside a machine. Where the system paces what it sends (BBR), it would do so to a proxy beside us
/// too, by timers that cost more than half as much as the sending. All connections inherit the setting; a system that
/// does not take it sends as it always does.
fn send_at_once(listener: &TcpListener) {
    if let Err(error) = rustix::net::sockopt::set_tcp_congestion(listener, "reno") {
        tracing::debug!(%error, "connections from this machine keep its congestion control");
    }
}

fn open_plain(app: &App, listener: TcpListener) -> std::io::Result<Server> {
    let builder = builder(&app.config.server);
    let (app, address) = (app.clone(), listener.local_addr()?);
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("plain", listener, move || {
        let (app, stopping) = (app.clone(), stopping.clone());
        let routes = map_config(site!(app), |()| AppConfig::default())
            .map_err(|error: actix_web::Error| error.error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(HEAD_WITHIN)
            .client_disconnect_timeout(GONE_WITHIN)
            .local_addr(address)
            .on_connect_ext(|connection: &WatchedStream, data: &mut Extensions| {
                socket::remember(connection, data);
            })
            .finish(routes);
        fn_service(accept).and_then(http)
    })?;
    Ok(builder.run())
}

async fn accept(
    stream: TcpStream,
) -> Result<(WatchedStream, Protocol, Option<std::net::SocketAddr>), DispatchError> {
    // Small answers go out at once; one that cannot be set up so works all the same.
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok();
    Ok((WatchedStream::new(stream), Protocol::Http1, peer))
}

fn builder(config: &ServerConfig) -> ServerBuilder {
    let builder = Server::build()
        .disable_signals()
        .shutdown_timeout(config.shutdown_seconds)
        .max_concurrent_connections(config.max_connections);
    match config.workers {
        0 => builder,
        workers => builder.workers(workers),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream as Client;

    use super::*;

    #[test]
    fn a_connection_from_this_machine_inherits_how_it_sends() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        send_at_once(&listener);
        let client = Client::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        let congestion = |socket| rustix::net::sockopt::tcp_congestion(socket).unwrap();
        assert_eq!(congestion(&accepted), "reno");
        drop(client);
    }
}
