//! Uploads over tus 1.0.0: from disk in pieces, through broken connections, and again after the
//! program was killed.
//!
//! A piece is read once, hashed and sent from the same memory, so its checksum is that of the
//! bytes on the wire. The server's offset decides where to go on, never what was sent.

mod whole;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::stream;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use reqwest::{Body, Method, RequestBuilder};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use uuid::Uuid;

pub use whole::Uploaded;
use whole::Whole;

use super::{Client, Error, Result, Retry, RetryObserver, answer};
use crate::problem::ErrorCode;
use crate::uploads::{
    ChecksumAlgorithm, OFFSET_OCTET_STREAM, OnConflict, Purpose, TUS_CHECKSUM_ALGORITHM,
    TUS_RESUMABLE, TUS_VERSION, UPLOAD_CHECKSUM, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET,
    metadata,
};

/// Bytes of one PATCH. Each one costs the server a flush to disk.
pub const PIECE: u64 = 8 * 1024 * 1024;
/// Bytes handed to the connection at a time; progress is told this often.
const SLICE: usize = 64 * 1024;
/// A piece may take this long, and a second more for each [`SLOWEST`] bytes.
const PIECE_TIMEOUT: Duration = Duration::from_secs(60);
const SLOWEST: u64 = 16 * 1024;

/// What to send.
#[derive(Clone, Debug)]
pub struct UploadSource {
    /// The file.
    pub path: PathBuf,
    /// What the server learns about it.
    pub metadata: UploadMetadata,
    /// An upload of the same file that was begun before.
    pub resume: Option<Uuid>,
}

/// What the server learns about a file.
#[derive(Clone, Debug)]
pub struct UploadMetadata {
    pub filename: String,
    pub filetype: Option<String>,
    pub purpose: Purpose,
    /// Drive: the target file.
    pub path: Option<String>,
    /// Drive: what to do when the name is taken.
    pub on_conflict: Option<OnConflict>,
    /// Drive: when the content changed.
    pub modified_at: Option<DateTime<Utc>>,
}

/// What happens on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadEvent {
    /// The upload exists on the server and stands at `offset`. Keep the id to go on after a kill.
    Opened { id: Uuid, offset: u64, size: u64 },
    /// So many bytes of the file have been handed to the connection.
    Sent(u64),
    /// So many bytes of the file are durable.
    Acknowledged(u64),
    /// It did not work, and is tried again after the pause.
    Retrying { pause: Duration, reason: String },
}

/// Told about every event. Called from the sending task: be quick.
pub type Observer = Arc<dyn Fn(UploadEvent) + Send + Sync>;

impl Client {
    /// Uploads a file, or the rest of it, and returns the upload's id.
    ///
    /// # Errors
    /// The server's refusal; [`Error::Transport`] when the server stayed away for about two
    /// minutes; [`Error::File`] and [`Error::FileChanged`].
    pub async fn upload_file(&self, source: &UploadSource, observer: Observer) -> Result<Uuid> {
        let mut file = File::open(&source.path).await.map_err(Error::File)?;
        let size = file.metadata().await.map_err(Error::File)?.len();
        let mut retry = Retry::new(pauses(&observer));
        let checksum = retry.run(|| self.checksum_algorithm()).await?;
        let (id, offset) = self.open_upload(source, size, &mut retry).await?;
        observer(UploadEvent::Opened { id, offset, size });
        let mut sending = Sending {
            client: self,
            id,
            size,
            checksum,
            observer,
            whole: None,
        };
        sending.send_all(&mut file, offset, &mut retry).await?;
        Ok(id)
    }

    /// How many bytes of an upload are durable, and how many it will have.
    pub async fn upload_offset(&self, id: Uuid) -> Result<(u64, Option<u64>)> {
        let response = answer(self.tus(Method::HEAD, &format!("uploads/{id}"))?).await?;
        let offset = number(response.headers(), UPLOAD_OFFSET).ok_or_else(|| Error::Answer {
            status: response.status().as_u16(),
            detail: "no Upload-Offset".to_owned(),
        })?;
        Ok((offset, number(response.headers(), UPLOAD_LENGTH)))
    }

    /// Ends an upload and clears its bytes.
    pub async fn delete_upload(&self, id: Uuid) -> Result<()> {
        answer(self.tus(Method::DELETE, &format!("uploads/{id}"))?)
            .await
            .map(drop)
    }

    /// The one that is begun, if it still fits; else a new one.
    async fn open_upload(
        &self,
        source: &UploadSource,
        size: u64,
        retry: &mut Retry,
    ) -> Result<(Uuid, u64)> {
        if let Some(id) = source.resume {
            match retry.run(|| self.upload_offset(id)).await {
                Ok((offset, Some(length))) if length == size && offset <= size => {
                    return Ok((id, offset));
                }
                Ok(_) => {}
                Err(error) if error.is_gone() => {}
                Err(error) => return Err(error),
            }
        }
        let id = retry
            .run(|| self.create_upload(&source.metadata, size))
            .await?;
        Ok((id, 0))
    }

    async fn create_upload(&self, metadata: &UploadMetadata, size: u64) -> Result<Uuid> {
        let request = self
            .tus(Method::POST, "uploads")?
            .header(UPLOAD_LENGTH, size)
            .header(UPLOAD_METADATA, metadata.to_header());
        let response = answer(request).await?;
        last_id(response.headers(), LOCATION).ok_or_else(|| Error::Answer {
            status: response.status().as_u16(),
            detail: "no Location of the upload".to_owned(),
        })
    }

    /// The best checksum that the server takes.
    async fn checksum_algorithm(&self) -> Result<Option<ChecksumAlgorithm>> {
        let response = answer(self.tus(Method::OPTIONS, "uploads")?).await?;
        let offered = response.headers().get(TUS_CHECKSUM_ALGORITHM);
        let offered = offered.and_then(|it| it.to_str().ok()).unwrap_or_default();
        Ok([ChecksumAlgorithm::Blake3].into_iter().find(|algorithm| {
            offered
                .split(',')
                .any(|name| name.trim() == algorithm.as_str())
        }))
    }

    fn tus(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        Ok(self
            .request(method, path)?
            .header(TUS_RESUMABLE, TUS_VERSION))
    }
}

impl UploadMetadata {
    /// `Upload-Metadata`: keys and base64 values.
    pub fn to_header(&self) -> String {
        let mut pairs = vec![
            (metadata::FILENAME, self.filename.as_str()),
            (metadata::PURPOSE, self.purpose.as_str()),
        ];
        pairs.extend(self.filetype.as_deref().map(|it| (metadata::FILETYPE, it)));
        pairs.extend(self.path.as_deref().map(|it| (metadata::PATH, it)));
        pairs.extend(
            self.on_conflict
                .map(|it| (metadata::ON_CONFLICT, it.as_str())),
        );
        let modified_at = self
            .modified_at
            .map(|it| it.to_rfc3339_opts(SecondsFormat::Micros, true));
        pairs.extend(modified_at.as_deref().map(|it| (metadata::MODIFIED_AT, it)));
        let pairs: Vec<_> = pairs
            .into_iter()
            .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
            .collect();
        pairs.join(",")
    }
}

/// One upload under way.
struct Sending<'a> {
    client: &'a Client,
    id: Uuid,
    size: u64,
    checksum: Option<ChecksumAlgorithm>,
    observer: Observer,
    /// What is learned of the file as a whole, if somebody asks.
    whole: Option<Whole>,
}

impl Sending<'_> {
    async fn send_all(&mut self, file: &mut File, from: u64, retry: &mut Retry) -> Result<()> {
        let mut offset = from;
        while offset < self.size {
            let piece = read_piece(file, offset, PIECE.min(self.size - offset)).await?;
            if let Some(whole) = &mut self.whole {
                whole.read(file, offset, &piece).await?;
            }
            let next = match self.send_piece(offset, piece).await {
                Ok(next) => next,
                Err(error) if worth_another_try(&error) => {
                    retry.pause(error).await?;
                    let (offset, _) = retry.run(|| self.client.upload_offset(self.id)).await?;
                    offset
                }
                Err(error) => return Err(error),
            };
            if next > self.size {
                return Err(Error::UploadMismatch(format!(
                    "offset {next} of {}",
                    self.size
                )));
            }
            if next > offset {
                retry.succeeded();
            }
            offset = next;
            (self.observer)(UploadEvent::Acknowledged(offset));
        }
        Ok(())
    }

    /// Sends one piece and returns the server's offset after it.
    async fn send_piece(&mut self, offset: u64, piece: Bytes) -> Result<u64> {
        let length = piece.len() as u64;
        let mut request = self
            .client
            .tus(Method::PATCH, &format!("uploads/{}", self.id))?
            .header(CONTENT_TYPE, OFFSET_OCTET_STREAM)
            .header(UPLOAD_OFFSET, offset)
            .header(reqwest::header::CONTENT_LENGTH, length)
            .timeout(PIECE_TIMEOUT + Duration::from_secs(length / SLOWEST));
        if self.checksum == Some(ChecksumAlgorithm::Blake3) {
            request = request.header(UPLOAD_CHECKSUM, checksum_of(&piece));
        }
        let response = answer(request.body(body(&self.observer, offset, piece))).await?;
        if let Some(whole) = &mut self.whole {
            whole.hear(response.headers());
        }
        number(response.headers(), UPLOAD_OFFSET).ok_or_else(|| Error::Answer {
            status: response.status().as_u16(),
            detail: "no Upload-Offset".to_owned(),
        })
    }
}

/// The piece in slices of the same memory, telling the observer of each one taken.
fn body(observer: &Observer, offset: u64, piece: Bytes) -> Body {
    let observer = Arc::clone(observer);
    Body::wrap_stream(stream::unfold((offset, piece), move |(at, mut rest)| {
        let slice = rest.split_to(SLICE.min(rest.len()));
        let at = at + slice.len() as u64;
        let more = (!slice.is_empty()).then(|| {
            observer(UploadEvent::Sent(at));
            (Ok::<_, std::io::Error>(slice), (at, rest))
        });
        std::future::ready(more)
    }))
}

fn checksum_of(piece: &[u8]) -> String {
    format!("blake3 {}", STANDARD.encode(blake3::hash(piece).as_bytes()))
}

fn pauses(observer: &Observer) -> RetryObserver {
    let observer = Arc::clone(observer);
    Arc::new(move |pause, error| {
        let reason = error.to_string();
        observer(UploadEvent::Retrying { pause, reason });
    })
}

/// Besides what is transient: another writer moved the offset (409), holds the upload (423), or
/// the bytes were spoiled on the way (460). A name that is taken (409 too) stays taken.
fn worth_another_try(error: &Error) -> bool {
    let offset_or_bytes = matches!(error.status(), Some(409 | 423 | 460));
    error.is_transient() || (offset_or_bytes && !error.is(ErrorCode::NameTaken))
}

async fn read_piece(file: &mut File, offset: u64, length: u64) -> Result<Bytes> {
    file.seek(std::io::SeekFrom::Start(offset))
        .await
        .map_err(Error::File)?;
    let mut piece = Vec::new();
    file.take(length)
        .read_to_end(&mut piece)
        .await
        .map_err(Error::File)?;
    if piece.len() as u64 == length {
        Ok(piece.into())
    } else {
        Err(Error::FileChanged)
    }
}

/// The id at the end of an address. Only the id is taken: behind a proxy the host may be an inner
/// one.
fn last_id(headers: &HeaderMap, name: HeaderName) -> Option<Uuid> {
    let address = headers.get(name)?.to_str().ok()?;
    address
        .trim_end_matches('/')
        .rsplit('/')
        .next()?
        .parse()
        .ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
