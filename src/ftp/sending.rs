//! From the house to the client: files, and folders as lists.

use std::io;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::door::House;
use super::listing::Pages;
use super::reply::Reply;
use super::transfer::{Channel, Stopped};
use super::wire::Io;
use crate::error::Error;

/// What is sent.
pub(super) enum Source {
    File(BoxStream<'static, io::Result<bytes::Bytes>>),
    Folder(Pages),
    /// One entry, told as in a list.
    Line(String),
}

impl Source {
    async fn next(&mut self, house: &House) -> Option<Result<bytes::Bytes, Reply>> {
        match self {
            Self::File(bytes) => {
                let piece = bytes.next().await?;
                Some(piece.map_err(|error| match error.kind() {
                    io::ErrorKind::ConnectionAborted => {
                        Reply::new(426, "The transfer was stopped.")
                    }
                    _ => Reply::from(Error::internal(error)),
                }))
            }
            Self::Folder(pages) => {
                let page = pages.next(house).await.map_err(Reply::from).transpose()?;
                Some(page.map(Into::into))
            }
            Self::Line(line) => {
                let line = std::mem::take(line);
                (!line.is_empty()).then(|| Ok(line.into()))
            }
        }
    }
}

/// Sends all of it, as fast as the client takes it, and says how it ended.
pub(super) async fn send(
    house: &House,
    channel: Channel,
    mut source: Source,
    mut stopped: Stopped,
) -> Reply {
    let mut io = match channel.open().await {
        Ok(io) => io,
        Err(reply) => return reply,
    };
    let sent = tokio::select! {
        biased;
        () = stopped.wait_for_cut() => Err(Reply::new(426, "The transfer was stopped.")),
        sent = send_all(house, &mut io, &mut source) => sent,
    };
    match sent {
        Ok(()) => Reply::new(226, "Sent."),
        Err(reply) => reply,
    }
}

async fn send_all(house: &House, io: &mut Box<dyn Io>, source: &mut Source) -> Result<(), Reply> {
    let gone = |_| Reply::new(426, "The data connection was closed.");
    while let Some(piece) = source.next(house).await {
        let piece = piece?;
        write(io, &piece, house.stall).await.map_err(gone)?;
    }
    // The end of a file is the end of the connection, under TLS a spoken one.
    timeout(house.stall, io.shutdown())
        .await
        .map_err(io::Error::from)
        .and_then(|it| it)
        .map_err(gone)
}

async fn write(io: &mut Box<dyn Io>, piece: &[u8], stall: Duration) -> io::Result<()> {
    timeout(stall, io.write_all(piece)).await?
}
