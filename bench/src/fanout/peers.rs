//! How each server is spoken to: just enough of its protocol to join, publish and stay.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use playhouse_bench::wire::{masked, upgrade, wait_for};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::Settings;

/// In each frame once, and nowhere else in what a server sends.
pub(crate) const MARK: &[u8; 4] = b"____";
/// Bytes of a frame.
pub(crate) const FRAME: usize = 150;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Playhouse,
    Ws,
    SocketIo,
    Nats,
    Mosquitto,
}

impl FromStr for Peer {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        Ok(match name {
            "playhouse" => Self::Playhouse,
            "ws" => Self::Ws,
            "socket.io" => Self::SocketIo,
            "nats" => Self::Nats,
            "mosquitto" => Self::Mosquitto,
            other => bail!("{other} is not one of playhouse, ws, socket.io, nats, mosquitto"),
        })
    }
}

impl Peer {
    /// A connection that gets every frame from now on.
    pub(crate) async fn join(
        self,
        settings: &Settings,
        publishes: bool,
    ) -> anyhow::Result<TcpStream> {
        let joined = self.shake_hands(settings, publishes);
        let joined = tokio::time::timeout(Duration::from_secs(60), joined).await;
        joined.context("the server does not answer")?
    }

    async fn shake_hands(self, settings: &Settings, publishes: bool) -> anyhow::Result<TcpStream> {
        let address = &settings.address;
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        match self {
            Self::Playhouse => {
                let token = match publishes {
                    true => &settings.publisher,
                    false => &settings.listener,
                };
                let extra = format!("Authorization: Bearer {token}\r\n");
                upgrade(&mut stream, address, "/api/v1/realtime", &extra).await?;
                wait_for(&mut stream, b"\"hello\"").await?;
                if !settings.room.is_empty() {
                    let op = format!(r#"{{"id":1,"op":"subscribe","room":"{}"}}"#, settings.room);
                    stream.write_all(&masked(op.as_bytes())).await?;
                    wait_for(&mut stream, b"\"recovered\"").await?;
                }
            }
            Self::Ws => upgrade(&mut stream, address, "/", "").await?,
            Self::SocketIo => {
                let path = "/socket.io/?EIO=4&transport=websocket";
                upgrade(&mut stream, address, path, "").await?;
                wait_for(&mut stream, b"\"sid\"").await?;
                stream.write_all(&masked(b"40")).await?;
                wait_for(&mut stream, b"40{").await?;
            }
            Self::Nats => {
                wait_for(&mut stream, b"INFO ").await?;
                let sub = if publishes { "" } else { "SUB room 1\r\n" };
                let hello = format!(
                    "CONNECT {{\"verbose\":false,\"pedantic\":false,\"lang\":\"bench\",\"version\":\"1\"}}\r\n{sub}PING\r\n"
                );
                stream.write_all(hello.as_bytes()).await?;
                wait_for(&mut stream, b"PONG").await?;
            }
            Self::Mosquitto => {
                // CONNECT, clean, keep-alive 600 s, no client id; then SUBSCRIBE to "room" at most once.
                let connect = b"\x10\x0c\x00\x04MQTT\x04\x02\x02\x58\x00\x00";
                stream.write_all(connect).await?;
                wait_for(&mut stream, b"\x20\x02\x00\x00").await?;
                if !publishes {
                    stream
                        .write_all(b"\x82\x09\x00\x01\x00\x04room\x00")
                        .await?;
                    wait_for(&mut stream, b"\x90\x03\x00\x01\x00").await?;
                }
            }
        }
        Ok(stream)
    }

    /// What publishes one frame.
    pub(crate) fn frame(self, settings: &Settings) -> Vec<u8> {
        let mut payload = vec![b'x'; FRAME - MARK.len()];
        payload.extend_from_slice(MARK);
        let text = String::from_utf8_lossy(&payload).into_owned();
        match self {
            Self::Playhouse => {
                let op = format!(r#"{{"op":"typing","room":"{}"}}"#, settings.room);
                masked(op.as_bytes())
            }
            Self::Ws => masked(&payload),
            Self::SocketIo => masked(format!(r#"42["m","{text}"]"#).as_bytes()),
            Self::Nats => format!("PUB room {FRAME}\r\n{text}\r\n").into_bytes(),
            Self::Mosquitto => {
                let length = 2 + 4 + FRAME;
                let mut packet = vec![0x30, (length % 128) as u8 | 0x80, (length / 128) as u8];
                packet.extend_from_slice(b"\x00\x04room");
                packet.extend_from_slice(&payload);
                packet
            }
        }
    }

    /// The answer to what asks whether one is still there.
    pub(crate) fn pulse(self, seen: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Nats if seen.ends_with(b"PING\r\n") => Some(b"PONG\r\n".to_vec()),
            Self::SocketIo if seen.ends_with(b"\x81\x012") => Some(masked(b"3")),
            Self::Playhouse if seen.ends_with(b"\x89\x00") => Some(vec![0x8a, 0x80, 0, 0, 0, 0]),
            _ => None,
        }
    }
}
