//! From the connection to the actor: the body of a request in pieces, no more than a few at a time, and smaller ones the
//! more bodies come in at once.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::model::{Error, Standing};
use super::stint::Piece;

/// Fewer bytes than this in the time that one may stall are no progress, however regularly they drip.
const LEAST: usize = 1024;
/// Bytes of a piece, at most: larger ones are not faster.
const MOST: usize = 1 << 20;
/// Bytes of a piece, at least: with smaller ones the way to the disk and back costs more than the bytes.
const FEWEST: usize = 32 << 10;
/// Bytes of all the pieces that are on their way at once, unless that would need smaller ones than [`FEWEST`].
const TOGETHER: usize = 4 << 20;
/// Pieces that fill or wait for the disk. More than one is not faster.
pub(super) const QUEUE: usize = 1;
/// Pieces of one body: those, and one that is written.
const EACH: usize = QUEUE + 1;
/// A piece that fills slowly goes to disk after this time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of a refused body that are read all the same, and how long that may take.
const UNWANTED: usize = 16 << 20;
const FAREWELL: Duration = Duration::from_millis(500);

pub(super) type Answer = oneshot::Receiver<Result<Standing, Error>>;

/// A piece that is filling, and its place in the queue. What it holds goes to disk even when the request is dropped,
/// because its connection was cut.
struct Filling<'a> {
    place: Option<mpsc::Permit<'a, Piece>>,
    bytes: BytesMut,
    /// How many bytes make it full.
    full: usize,
}

/// How large the pieces of a body are while so many come in.
fn piece_size(bodies: usize) -> usize {
    (TOGETHER / (EACH * bodies.max(1))).clamp(FEWEST, MOST)
}

impl Filling<'_> {
    /// Takes what fits of `rest`.
    fn take(&mut self, rest: &mut Bytes) {
        let room = self.full.saturating_sub(self.bytes.len());
        self.bytes.reserve(room);
        let room = room.min(rest.len());
        self.bytes.extend_from_slice(&rest.split_to(room));
    }

    fn is_full(&self) -> bool {
        self.bytes.len() >= self.full
    }
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take().filter(|_| !self.bytes.is_empty()) {
            place.send(Piece::Bytes(std::mem::take(&mut self.bytes)));
        }
    }
}

/// Why a piece is not filled further.
enum Filled {
    Full,
    Late,
    End,
    Cut,
    Stalled,
}

/// Feeds a body to the actor and waits for its word on it, which may come before the end. `bodies` says how many come in
/// now, this one included.
pub(super) async fn pump<S, E>(
    body: S,
    feed: mpsc::Sender<Piece>,
    mut answer: Answer,
    stall: Duration,
    bodies: impl Fn() -> usize,
) -> Result<Standing, Error>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let mut body = std::pin::pin!(body);
    let filled = tokio::select! {
        biased;
        told = &mut answer => Err(told),
        filled = feed_all(body.as_mut(), &feed, stall, bodies) => Ok(filled),
    };
    let filled = match filled {
        Ok(filled) => filled,
        Err(told) => {
            read_out(body).await;
            return word(told);
        }
    };
    if matches!(filled, Filled::End) {
        // The actor may have ended meanwhile; its word says why.
        drop(feed.send(Piece::End).await);
    }
    drop(feed);
    match (word(answer.await), filled) {
        (Err(Error::Cut { at }), Filled::Stalled) => Err(Error::Stalled { at }),
        (told, _) => told,
    }
}

/// Takes the rest of a body that is not wanted, within bounds: a client that sends on finds its answer, and its connection
/// goes on being read. One that sends more, or slowly, is answered all the same.
async fn read_out<S, E>(mut body: std::pin::Pin<&mut S>)
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let mut left = UNWANTED;
    let until = Instant::now() + FAREWELL;
    while let Ok(Some(Ok(bytes))) = timeout_at(until, body.next()).await {
        left = left.saturating_sub(bytes.len());
        if left == 0 {
            return;
        }
    }
}

/// Sends the body piece by piece, and says how it ended.
async fn feed_all<S, E>(
    mut body: std::pin::Pin<&mut S>,
    feed: &mpsc::Sender<Piece>,
    stall: Duration,
    bodies: impl Fn() -> usize,
) -> Filled
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let mut rest = Bytes::new();
    let mut pace = Pace::new(stall);
    loop {
        let Ok(place) = feed.reserve().await else {
            return Filled::Cut;
        };
        let mut filling = Filling {
            place: Some(place),
            bytes: BytesMut::new(),
            full: piece_size(bodies()),
        };
        let begun = Instant::now();
        match fill(&mut filling, &mut rest, &mut body, stall).await {
            Filled::Full | Filled::Late => {}
            ended => return ended,
        }
        if pace.is_too_slow(filling.bytes.len(), begun.elapsed()) {
            return Filled::Stalled;
        }
    }
}

/// How fast a body comes. What the disk takes is not the client's time.
struct Pace {
    window: Duration,
    waited: Duration,
    bytes: usize,
}

impl Pace {
    fn new(window: Duration) -> Self {
        Self {
            window,
            waited: Duration::ZERO,
            bytes: 0,
        }
    }

    /// Counts bytes that took so long to come; true at the end of a window in which there were too few.
    fn is_too_slow(&mut self, bytes: usize, waited: Duration) -> bool {
        self.bytes += bytes;
        self.waited += waited;
        if self.waited < self.window {
            return false;
        }
        let is_too_slow = self.bytes < LEAST;
        *self = Self::new(self.window);
        is_too_slow
    }
}

fn word(
    told: Result<Result<Standing, Error>, oneshot::error::RecvError>,
) -> Result<Standing, Error> {
    told.unwrap_or(Err(Error::Busy))
}

async fn fill<S, E>(
    filling: &mut Filling<'_>,
    rest: &mut Bytes,
    body: &mut std::pin::Pin<&mut S>,
    stall: Duration,
) -> Filled
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let mut late = None;
    loop {
        if !rest.is_empty() {
            filling.take(rest);
        }
        if filling.is_full() {
            return Filled::Full;
        }
        let next = if filling.bytes.is_empty() {
            timeout(stall, body.next())
                .await
                .map_err(|_| Filled::Stalled)
        } else {
            let late = *late.get_or_insert_with(|| Instant::now() + PATIENCE);
            timeout_at(late, body.next())
                .await
                .map_err(|_| Filled::Late)
        };
        match next {
            Ok(Some(Ok(bytes))) => *rest = bytes,
            Ok(Some(Err(_))) => return Filled::Cut,
            Ok(None) => return Filled::End,
            Err(why) => return why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_body_has_large_pieces() {
        assert_eq!(piece_size(1), MOST);
        assert_eq!(piece_size(2), MOST);
    }

    #[test]
    fn many_bodies_share_the_room() {
        for bodies in 1..=64 {
            assert!(
                piece_size(bodies) * EACH * bodies <= TOGETHER,
                "{bodies} bodies"
            );
        }
    }

    #[test]
    fn a_crowd_keeps_pieces_that_are_worth_writing() {
        assert_eq!(piece_size(65), FEWEST);
        assert_eq!(piece_size(usize::MAX / EACH), FEWEST);
    }
}
