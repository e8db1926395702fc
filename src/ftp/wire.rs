//! The control connection: lines in, answers out, in the clear or under TLS.

use std::io;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::reply::Reply;

/// Bytes of a line: a path has at most 4096.
const MAX_LINE: usize = 5000;
/// How long a client may take to take an answer, or for its part of a TLS handshake.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A connection, with or without TLS.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

pub(super) struct Wire {
    io: Option<Box<dyn Io>>,
    arrived: BytesMut,
}

/// What the other side did.
pub(super) enum Heard {
    Line(Vec<u8>),
    TooLong,
    Gone,
}

impl Wire {
    pub(super) fn new(io: Box<dyn Io>) -> Self {
        Self {
            io: Some(io),
            arrived: BytesMut::new(),
        }
    }

    /// The next line, without its end. When this is dropped, nothing is lost.
    pub(super) async fn hear(&mut self) -> Heard {
        loop {
            if let Some(end) = self.arrived.iter().position(|it| *it == b'\n') {
                let line = self.arrived.split_to(end);
                self.arrived.advance(1);
                let line = line.strip_suffix(b"\r").unwrap_or(&line);
                return match line.len() > MAX_LINE {
                    true => Heard::TooLong,
                    false => Heard::Line(line.to_vec()),
                };
            }
            if self.arrived.len() > MAX_LINE {
                return Heard::TooLong;
            }
            let Some(io) = &mut self.io else {
                return Heard::Gone;
            };
            self.arrived.reserve(1024);
            match io.read_buf(&mut self.arrived).await {
                Ok(0) | Err(_) => return Heard::Gone,
                Ok(_) => {}
            }
        }
    }

    /// Sends an answer.
    pub(super) async fn say(&mut self, reply: &Reply) -> io::Result<()> {
        let io = self.io.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let text = reply.encode();
        let sent = timeout(PATIENCE, async {
            io.write_all(text.as_bytes()).await?;
            io.flush().await
        });
        sent.await?
    }

    /// Whether the client has said more than was heard.
    pub(super) fn is_ahead(&self) -> bool {
        !self.arrived.is_empty()
    }

    /// Goes on under TLS.
    pub(super) async fn secure(&mut self, tls: &TlsAcceptor) -> io::Result<()> {
        let io = self.io.take().ok_or(io::ErrorKind::NotConnected)?;
        let secured = timeout(PATIENCE, tls.accept(io)).await??;
        self.io = Some(Box::new(secured));
        Ok(())
    }

    /// Takes leave of the other side.
    pub(super) async fn close(&mut self) {
        if let Some(mut io) = self.io.take() {
            // Whoever is gone already need not hear it.
            drop(timeout(Duration::from_secs(1), io.shutdown()).await);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_parted_and_bounded() {
        let (mut client, server) = tokio::io::duplex(64 << 10);
        let mut wire = Wire::new(Box::new(server));
        client.write_all(b"NOOP\r\nQUIT\nPA").await.unwrap();
        assert!(matches!(wire.hear().await, Heard::Line(line) if line == b"NOOP"));
        assert!(wire.is_ahead());
        assert!(matches!(wire.hear().await, Heard::Line(line) if line == b"QUIT"));
        let cut = timeout(Duration::from_millis(20), wire.hear()).await;
        assert!(cut.is_err());
        client.write_all(b"SV\r\n").await.unwrap();
        assert!(matches!(wire.hear().await, Heard::Line(line) if line == b"PASV"));
        client.write_all(&[b'x'; MAX_LINE + 1]).await.unwrap();
        assert!(matches!(wire.hear().await, Heard::TooLong));
        drop(client);
    }
}
