//! Uploads whose end is looked at: the hash of the whole file, computed while it is sent, and what
//! it became on the server.

use reqwest::Method;
use reqwest::header::{CONTENT_LOCATION, CONTENT_TYPE, HeaderMap, LOCATION};
use tokio::fs::File;
use uuid::Uuid;

use super::super::{Client, Error, Result, Retry, answer};
use super::{
    Observer, PIECE, Sending, UploadEvent, UploadSource, body, checksum_of, last_id, number,
    pauses, read_piece,
};
use crate::uploads::{
    ChecksumAlgorithm, OFFSET_OCTET_STREAM, UPLOAD_CHECKSUM, UPLOAD_LENGTH, UPLOAD_METADATA,
    UPLOAD_OFFSET,
};

/// An upload that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    pub id: Uuid,
    /// The entry of the drive that it became.
    pub entry: Option<Uuid>,
    /// Of the bytes as they were read here, in lower-case hex.
    pub blake3: String,
}

/// What is learned of a file as a whole.
pub(super) struct Whole {
    hasher: blake3::Hasher,
    /// The hash covers the bytes before this one.
    hashed: u64,
    entry: Option<Uuid>,
}

impl Client {
    /// Uploads a file, or the rest of it. Small ones take a single request.
    ///
    /// # Errors
    /// As those of [`Client::upload_file`].
    pub async fn upload_whole(
        &self,
        source: &UploadSource,
        checksum: Option<ChecksumAlgorithm>,
        observer: Observer,
    ) -> Result<Uploaded> {
        let mut file = File::open(&source.path).await.map_err(Error::File)?;
        let size = file.metadata().await.map_err(Error::File)?.len();
        let mut retry = Retry::new(pauses(&observer));
        let whole = Some(Whole::new());
        let mut sending = Sending {
            client: self,
            id: Uuid::nil(),
            size,
            checksum,
            observer,
            whole,
        };
        let offset = if source.resume.is_none() && size <= PIECE {
            sending.send_at_once(&mut file, source, &mut retry).await?
        } else {
            let (id, offset) = self.open_upload(source, size, &mut retry).await?;
            sending.id = id;
            offset
        };
        (sending.observer)(UploadEvent::Opened {
            id: sending.id,
            offset,
            size,
        });
        sending.send_all(&mut file, offset, &mut retry).await?;
        (sending.observer)(UploadEvent::Acknowledged(size));
        let id = sending.id;
        let mut whole = sending.whole.take().unwrap_or_else(Whole::new);
        if whole.entry.is_none() {
            // The answer to the last bytes was lost, or an earlier run sent them.
            let head = || async { answer(self.tus(Method::HEAD, &format!("uploads/{id}"))?).await };
            whole.hear(retry.run(head).await?.headers());
        }
        whole.end(&mut file, id, size).await
    }

    /// The checksum that the server takes, for [`Client::upload_whole`]. Ask once for many files.
    ///
    /// # Errors
    /// As those of every call.
    pub async fn upload_checksum(&self) -> Result<Option<ChecksumAlgorithm>> {
        self.checksum_algorithm().await
    }
}

impl Sending<'_> {
    /// Creates the upload with all its bytes in the same request, and returns the offset.
    async fn send_at_once(
        &mut self,
        file: &mut File,
        source: &UploadSource,
        retry: &mut Retry,
    ) -> Result<u64> {
        let piece = read_piece(file, 0, self.size).await?;
        if let Some(whole) = &mut self.whole {
            whole.read(file, 0, &piece).await?;
        }
        let attempt = || async {
            let mut request = self
                .client
                .tus(Method::POST, "uploads")?
                .header(UPLOAD_LENGTH, self.size)
                .header(UPLOAD_METADATA, source.metadata.to_header());
            if !piece.is_empty() {
                if self.checksum == Some(ChecksumAlgorithm::Blake3) {
                    request = request.header(UPLOAD_CHECKSUM, checksum_of(&piece));
                }
                request = request
                    .header(CONTENT_TYPE, OFFSET_OCTET_STREAM)
                    .header(reqwest::header::CONTENT_LENGTH, piece.len())
                    .body(body(&self.observer, 0, piece.clone()));
            }
            answer(request).await
        };
        let response = retry.run(attempt).await?;
        let headers = response.headers();
        self.id = last_id(headers, LOCATION).ok_or_else(|| Error::Answer {
            status: response.status().as_u16(),
            detail: "no Location of the upload".to_owned(),
        })?;
        if let Some(whole) = &mut self.whole {
            whole.hear(headers);
        }
        // What was not taken with the creation follows in pieces.
        Ok(number(headers, UPLOAD_OFFSET).unwrap_or(0).min(self.size))
    }
}

impl Whole {
    fn new() -> Self {
        Self {
            hasher: blake3::Hasher::new(),
            hashed: 0,
            entry: None,
        }
    }

    /// Takes in a piece that was read at `offset`. What an earlier run sent is read again; what
    /// is sent again is not hashed twice.
    pub(super) async fn read(&mut self, file: &mut File, offset: u64, piece: &[u8]) -> Result<()> {
        self.catch_up(file, offset).await?;
        let known = usize::try_from(self.hashed - offset).unwrap_or(usize::MAX);
        if let Some(new) = piece.get(known..) {
            self.hasher.update(new);
            self.hashed += new.len() as u64;
        }
        Ok(())
    }

    /// Learns from an answer what the upload became.
    pub(super) fn hear(&mut self, headers: &HeaderMap) {
        self.entry = last_id(headers, CONTENT_LOCATION).or(self.entry);
    }

    async fn catch_up(&mut self, file: &mut File, to: u64) -> Result<()> {
        while self.hashed < to {
            let piece = read_piece(file, self.hashed, PIECE.min(to - self.hashed)).await?;
            self.hasher.update(&piece);
            self.hashed += piece.len() as u64;
        }
        Ok(())
    }

    async fn end(mut self, file: &mut File, id: Uuid, size: u64) -> Result<Uploaded> {
        self.catch_up(file, size).await?;
        if file.metadata().await.map_err(Error::File)?.len() != size {
            return Err(Error::FileChanged);
        }
        Ok(Uploaded {
            id,
            entry: self.entry,
            blake3: self.hasher.finalize().to_hex().to_string(),
        })
    }
}
