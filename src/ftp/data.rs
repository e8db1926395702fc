//! Data connections: a port that waits for one client, for a while.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use rand::Rng as _;
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

use super::wire::{Io, PATIENCE};

/// Connections that a listener keeps ready; only one is wanted.
const BACKLOG: u32 = 4;

/// Waits on a port of the range, beginning anywhere, so that the next one cannot be guessed.
pub(super) fn listen(at: IpAddr, ports: &RangeInclusive<u16>) -> io::Result<TcpListener> {
    let count = u32::from(ports.end() - ports.start()) + 1;
    let begin = rand::rng().random_range(0..count);
    let mut refused = io::ErrorKind::AddrInUse.into();
    for step in 0..count {
        let step = u16::try_from((begin + step) % count).unwrap_or(0);
        match bind(SocketAddr::new(at, ports.start() + step)) {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn bind(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = match at {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A port whose last connection lingers can be had again. One that somebody listens on cannot.
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(BACKLOG)
}

/// The connection of the client, and of nobody else.
pub(super) async fn accept(
    listener: TcpListener,
    from: IpAddr,
    tls: Option<TlsAcceptor>,
) -> io::Result<Box<dyn Io>> {
    let until = Instant::now() + PATIENCE;
    let stream = loop {
        let (stream, peer) = timeout_at(until, listener.accept()).await??;
        if peer.ip().to_canonical() == from {
            break stream;
        }
    };
    // What is written goes out at once.
    let _ = stream.set_nodelay(true);
    match tls {
        None => Ok(Box::new(stream)),
        Some(tls) => Ok(Box::new(timeout(PATIENCE, tls.accept(stream)).await??)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn every_port_of_the_range_is_found_and_no_other() {
        let first = listen(HERE, &(0..=0)).unwrap();
        let port = first.local_addr().unwrap().port();
        assert!(listen(HERE, &(port..=port)).is_err());
        drop(first);
        let again = listen(HERE, &(port..=port)).unwrap();
        assert_eq!(again.local_addr().unwrap().port(), port);
    }

    #[tokio::test]
    async fn a_stranger_is_not_let_in() {
        let listener = listen(HERE, &(0..=0)).unwrap();
        let at = listener.local_addr().unwrap();
        let stranger = IpAddr::from([127, 0, 0, 9]);
        let waiting = tokio::spawn(accept(listener, stranger, None));
        let _wrong = tokio::net::TcpStream::connect(at).await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((stranger, 0).into()).unwrap();
        let _right = socket.connect(at).await.unwrap();
        assert!(waiting.await.unwrap().is_ok());
    }
}
