//! From the client to the house.
//!
//! FTP has no other sign of the end of a file than the end of its connection, and the same sign when a client is
//! killed. A file counts as whole when it has the length that `ALLO` announced, or when its connection has ended as TLS
//! wants it and the control connection is still there a moment later. Otherwise it was cut: what arrived waits.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use playhouse_api::problem::ErrorCode;
use playhouse_api::uploads::OnConflict;
use tokio::io::AsyncReadExt as _;

use super::door::House;
use super::reply::Reply;
use super::transfer::{Channel, Stopped};
use super::wire::Io;
use crate::accounts::Viewer;
use crate::drive::content::Asked;
use crate::drive::{DrivePath, Entry, Error as DriveError, policy};
use crate::error::{Error, Result};
use crate::transfers::live::What;
use crate::transfers::reading;
use crate::transfers::uploads::{PathUpload, Target, UploadError};

/// How long the end of a control connection may lag behind that of its data connection.
const GRACE: Duration = Duration::from_millis(25);
/// Bytes that are read at a time.
const PIECE: usize = 128 << 10;

/// Where the bytes of a file begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// `STOR`, from the byte that `REST` named.
    At(i64),
    /// `APPE`: after what is there.
    End,
}

/// A file that may come now.
pub(super) struct Coming {
    upload: PathUpload,
    /// What the file begins with, when it is one of the drive that grows.
    before: Option<BoxStream<'static, io::Result<Bytes>>>,
    offset: i64,
}

/// Decides what an upload goes on with, before a byte is read.
///
/// # Errors
/// As for an upload over HTTP; 554 when nothing ends at the byte that is named.
pub(super) async fn begin(
    house: &House,
    who: &Viewer,
    path: &DrivePath,
    begin: Begin,
    announced: Option<i64>,
) -> Result<Coming> {
    let owner = policy::may_change(who)?;
    if begin == Begin::At(0) {
        need_room(house, who, announced.unwrap_or(0)).await?;
        return fresh(house, who, path).await;
    }
    let text = path.to_string();
    let waiting = house.uploads.waiting_at(owner, &text).await?;
    let file = house.drive.resolve(owner.clone(), path.clone()).await?;
    match (begin, waiting, file) {
        (Begin::End, Some(at), Some(_)) => Err(stands_at(at)),
        (Begin::End, Some(at), None) => resume(house, who, &text, at).await,
        (Begin::End, None, None) => fresh(house, who, path).await,
        (Begin::At(offset), Some(_), _) => resume(house, who, &text, offset).await,
        (Begin::At(offset), None, Some(file)) if file.size != offset => Err(stands_at(file.size)),
        (_, None, Some(file)) => grow(house, who, path, &file).await,
        (Begin::At(_), None, None) => Err(stands_at(0)),
    }
}

fn stands_at(at: i64) -> Error {
    let detail = format!("Nothing to go on with there: what has arrived ends at {at}.");
    Error::new(ErrorCode::OffsetMismatch, detail)
}

async fn need_room(house: &House, who: &Viewer, wanted: i64) -> Result<()> {
    let usage = house.drive.usage(who.id().clone()).await?;
    match wanted > usage.free() {
        true => Err(DriveError::OverQuota {
            wanted,
            free: usage.free(),
        }
        .into()),
        false => Ok(()),
    }
}

async fn fresh(house: &House, who: &Viewer, path: &DrivePath) -> Result<Coming> {
    begin_with(house, who, target(path), true).await
}

fn target(path: &DrivePath) -> Target {
    Target {
        path: path.to_string(),
        on_conflict: OnConflict::Replace,
        modified_at: None,
        if_match: None,
    }
}

async fn begin_with(house: &House, who: &Viewer, target: Target, is_kept: bool) -> Result<Coming> {
    Ok(Coming {
        upload: house.uploads.begin_at(who, target, is_kept).await?,
        before: None,
        offset: 0,
    })
}

async fn resume(house: &House, who: &Viewer, path: &str, offset: i64) -> Result<Coming> {
    let upload = house.uploads.resume_at(who, path, offset).await?;
    Ok(Coming {
        upload,
        before: None,
        offset,
    })
}

/// A file of the drive grows: what it is now becomes a version. When that is cut, nothing has happened.
async fn grow(house: &House, who: &Viewer, path: &DrivePath, file: &Entry) -> Result<Coming> {
    if file.is_folder() {
        return Err(DriveError::NameTaken(file.name.clone()).into());
    }
    policy::may_read(who)?;
    let live = house
        .contents
        .open(who, file.id.clone(), Asked::Save)
        .await?;
    let What::File(offering) = &live.what else {
        return Err(DriveError::NotAFile.into());
    };
    // What somebody else puts there meanwhile is not lost under it.
    let target = Target {
        if_match: Some(format!("\"{}\"", offering.tag)),
        ..target(path)
    };
    let before = reading::bytes_from(&live, 0).map_err(crate::media::Error::from)?;
    let coming = begin_with(house, who, target, false).await?;
    Ok(Coming {
        before: Some(before),
        offset: file.size,
        ..coming
    })
}

/// Takes the file in, and says how it ended.
pub(super) async fn receive(
    house: &House,
    who: &Viewer,
    coming: Coming,
    channel: Channel,
    announced: Option<i64>,
    stopped: Stopped,
) -> Reply {
    let (io, refused) = match channel.open().await {
        Ok(io) => (Some(io), None),
        Err(reply) => (None, Some(reply)),
    };
    let arriving = Arriving {
        io,
        stopped,
        left: announced.map(|it| it.saturating_sub(coming.offset).max(0)),
        arrived: 0,
    };
    let before = coming.before.unwrap_or_else(|| stream::empty().boxed());
    let body = before.chain(arriving.bytes());
    let received = house.uploads.receive_at(who, coming.upload, body).await;
    match (refused, received) {
        (Some(reply), _) => reply,
        (None, Ok(_)) => Reply::new(226, "The file is in the drive."),
        (None, Err(error)) => failed(error),
    }
}

fn failed(error: UploadError) -> Reply {
    match error {
        UploadError::Cut { at } => Reply::new(
            426,
            format!("The file did not arrive whole. What did waits: go on with REST {at}."),
        ),
        UploadError::Stalled { at } => Reply::new(
            426,
            format!("No byte arrived for too long. Go on with REST {at}."),
        ),
        error => Reply::from(Error::from(error)),
    }
}

/// A data connection that is read.
struct Arriving {
    /// None when it was not made.
    io: Option<Box<dyn Io>>,
    stopped: Stopped,
    /// Bytes to come, if that was announced.
    left: Option<i64>,
    arrived: i64,
}

impl Arriving {
    /// The bytes as they come. An error says that they are not all.
    fn bytes(self) -> impl Stream<Item = io::Result<Bytes>> {
        stream::unfold(Some(self), |arriving| async move {
            let mut arriving = arriving?;
            match arriving.next().await {
                Ok(None) => None,
                Ok(Some(bytes)) => Some((Ok(bytes), Some(arriving))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let io = self.io.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = tokio::select! {
            biased;
            () = self.stopped.wait() => return Err(io::ErrorKind::ConnectionAborted.into()),
            read = io.read_buf(&mut piece) => read,
        };
        let is_announced = self.left.is_some_and(|left| left == self.arrived);
        match read {
            Ok(0) => self.end(is_announced).await,
            Ok(count) => {
                self.arrived += i64::try_from(count).unwrap_or(i64::MAX);
                Ok(Some(piece.freeze()))
            }
            // Some clients end TLS without a word.
            Err(_) if is_announced => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn end(&mut self, is_announced: bool) -> io::Result<Option<Bytes>> {
        if is_announced {
            return Ok(None);
        }
        if self.left.is_some_and(|left| left > self.arrived) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match tokio::time::timeout(GRACE, self.stopped.wait_for_cut()).await {
            Ok(()) => Err(io::ErrorKind::ConnectionAborted.into()),
            Err(_) => Ok(None),
        }
    }
}
