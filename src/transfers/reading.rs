//! The bytes of what is under way for protocols other than HTTP: counted, throttled and stopped like a response.

use std::io;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, poll_fn};

use super::body::{FileBody, Piece};
use super::chunks::Chunks;
use super::live::{Live, What};
use super::ranges::Span;
use super::remote::RemoteBody;
use super::serve::Refusal;
use crate::storage::Content;

/// The bytes of a file from `start` on. It ends early only with an error.
///
/// # Errors
/// [`Refusal::RangeNotSatisfiable`] when the file ends before `start`, or it is an archive; [`Refusal::Stopped`].
pub fn bytes_from(
    live: &Live,
    start: u64,
) -> Result<BoxStream<'static, io::Result<Bytes>>, Refusal> {
    let What::File(offering) = &live.what else {
        return Err(Refusal::RangeNotSatisfiable { size: 0 });
    };
    let size = offering.size;
    let len = size
        .checked_sub(start)
        .ok_or(Refusal::RangeNotSatisfiable { size })?;
    let leg = live.flow.join(None).ok_or(Refusal::Stopped)?;
    let pieces = match len {
        0 => Vec::new(),
        _ => vec![Piece::File(Span { start, len })],
    };
    Ok(match &offering.content {
        Content::File(file) => stream(FileBody::new(file.clone(), pieces, leg)),
        Content::Remote(object) => stream(RemoteBody::new(object.clone(), pieces, leg)),
    })
}

fn stream<C>(mut chunks: C) -> BoxStream<'static, io::Result<Bytes>>
where
    C: Chunks + Send + 'static,
{
    poll_fn(move |cx| chunks.poll_chunk(cx).map(Result::transpose)).boxed()
}
