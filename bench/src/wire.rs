//! Just enough of the protocols to speak to a server: a WebSocket handshake and the frames of a client.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Turns a connection into a WebSocket. `extra` are header lines, each with its end.
///
/// # Errors
/// When the server refuses.
pub async fn upgrade(
    stream: &mut TcpStream,
    host: &str,
    path: &str,
    extra: &str,
) -> anyhow::Result<()> {
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extra}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut seen = Vec::new();
    // Byte by byte, to leave what follows the head.
    while !seen.ends_with(b"\r\n\r\n") {
        seen.push(stream.read_u8().await?);
    }
    anyhow::ensure!(
        seen.starts_with(b"HTTP/1.1 101"),
        "the handshake was answered {}",
        String::from_utf8_lossy(&seen)
    );
    Ok(())
}

/// Reads until the bytes have come.
///
/// # Errors
/// When the connection ends before.
pub async fn wait_for(stream: &mut TcpStream, wanted: &[u8]) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    let mut piece = [0; 4096];
    while !seen.windows(wanted.len()).any(|it| it == wanted) {
        let count = stream.read(&mut piece).await?;
        anyhow::ensure!(count > 0, "the server closed the connection");
        seen.extend_from_slice(piece.get(..count).unwrap_or_default());
    }
    Ok(())
}

/// A text frame of a client; the mask is 0.
#[must_use]
pub fn masked(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(payload.len()) {
        Ok(short) if short < 126 => frame.push(0x80 | short),
        _ => {
            let length = u16::try_from(payload.len()).unwrap_or(u16::MAX);
            frame.push(0x80 | 126);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}
