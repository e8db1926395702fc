//! A second handle on the connection a request came by, so that it can be cut from outside.
//!
//! A body is polled only while its connection takes bytes: with a client that stopped reading,
//! a flag alone would be seen never. Shutting the socket down makes the pending write fail at
//! once. The handle is duplicated when the connection opens, because only then is it certain
//! whose descriptor it is; it is closed with the connection.

use std::any::Any;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;

use super::line::{Line, WatchedStream};

/// The socket of a connection; dropping it closes only this handle.
#[derive(Clone, Debug)]
pub struct PeerSocket(Arc<OwnedFd>);

impl PeerSocket {
    /// Duplicates the handle of anything that has a descriptor.
    pub fn duplicate(of: impl AsFd) -> std::io::Result<PeerSocket> {
        let handle = of.as_fd().try_clone_to_owned()?;
        Ok(PeerSocket(Arc::new(handle)))
    }

    /// The socket of the connection this request came by, if [`remember`] saw it open.
    pub fn of(request: &HttpRequest) -> Option<PeerSocket> {
        request.conn_data::<PeerSocket>().cloned()
    }

    /// Has the kernel end the connection when what was sent is not confirmed in time, or probes of an idle one are not.
    pub fn mind_silence(&self, after: Duration) {
        use rustix::net::sockopt;
        let millis = u32::try_from(after.as_millis()).unwrap_or(u32::MAX);
        let every = Duration::from_secs(15);
        // A socket that takes a setting not is watched by our own pings all the same.
        let _ = sockopt::set_tcp_user_timeout(&self.0, millis);
        let _ = sockopt::set_socket_keepalive(&self.0, true);
        let _ = sockopt::set_tcp_keepidle(&self.0, after);
        let _ = sockopt::set_tcp_keepintvl(&self.0, every);
    }

    /// Ends the connection both ways, whatever is still waiting to be written.
    pub fn cut(&self) {
        // A socket that is gone already is what was wanted.
        let _ = rustix::net::shutdown(&self.0, rustix::net::Shutdown::Both);
    }
}

/// When a connection opens: keeps what [`PeerSocket::of`] and [`line_of`] find again.
pub fn remember(connection: &dyn Any, data: &mut Extensions) {
    if let Some(watched) = connection.downcast_ref::<WatchedStream>() {
        let line = watched.line();
        if let Ok(socket) = line.duplicate() {
            data.insert(socket);
        }
        data.insert(line);
    } else if let Some(stream) = tcp_stream(connection)
        && let Ok(socket) = PeerSocket::duplicate(stream)
    {
        data.insert(socket);
    }
}

/// The connection itself, if it is a plain one that a body may write to.
pub(crate) fn line_of(request: &HttpRequest) -> Option<Rc<Line>> {
    request.conn_data::<Rc<Line>>().cloned()
}

/// The TCP stream below a plain or TLS connection of actix-web.
fn tcp_stream(connection: &dyn Any) -> Option<&TcpStream> {
    type Tls = actix_tls::accept::rustls_0_23::TlsStream<TcpStream>;
    connection.downcast_ref::<TcpStream>().or_else(|| {
        let tls = connection.downcast_ref::<Tls>()?;
        Some(tls.get_ref().0)
    })
}
