//! Download tickets, their bytes and their records.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode, Url};
use uuid::Uuid;

use super::{Client, Error, Result, answer, read};
use crate::downloads::{DownloadQuery, DownloadRecord, Ticket};
use crate::page::Page;

/// A connection over which nothing comes for so long is given up.
const STALL: Duration = Duration::from_secs(60);

/// The bytes of a file, as they arrive.
#[derive(Debug)]
pub struct DownloadBytes {
    /// Where in the file the first byte belongs: what was asked for, or 0 if the file is another
    /// one by now.
    pub offset: u64,
    /// Names this version of the file; give it back to go on later.
    pub etag: Option<String>,
    response: Response,
}

impl DownloadBytes {
    /// The next piece, or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        tokio::time::timeout(STALL, self.response.chunk())
            .await
            .map_err(|_| Error::Stalled(STALL.as_secs()))?
            .map_err(Error::Transport)
    }
}

impl Client {
    /// `POST /movies/{id}/downloads`.
    pub async fn create_ticket(&self, movie: Uuid) -> Result<Ticket> {
        read(self.request(Method::POST, &format!("movies/{movie}/downloads"))?).await
    }

    /// `GET /downloads`: one's own records, the latest first.
    pub async fn list_downloads(&self, query: &DownloadQuery) -> Result<Page<DownloadRecord>> {
        self.get("downloads", query).await
    }

    /// Opens a ticket's URL from `offset` on. With the `etag` of an earlier part, a file that
    /// has changed since starts again at 0.
    pub async fn open_ticket(
        &self,
        ticket: &Ticket,
        offset: u64,
        etag: Option<&str>,
    ) -> Result<DownloadBytes> {
        let url = self.ticket_url(&ticket.url)?;
        self.open_bytes(url, offset, etag).await
    }

    /// Bytes from `offset` on, of the version that `etag` names or from 0 of another one.
    pub(super) async fn open_bytes(
        &self,
        url: Url,
        offset: u64,
        etag: Option<&str>,
    ) -> Result<DownloadBytes> {
        let mut request = self.sign(self.http.get(url));
        if offset > 0 {
            request = request.header(RANGE, format!("bytes={offset}-"));
            if let Some(etag) = etag {
                request = request.header(IF_RANGE, etag);
            }
        }
        let answered = tokio::time::timeout(STALL, answer(request)).await;
        download(answered.map_err(|_| Error::Stalled(STALL.as_secs()))??)
    }

    /// A ticket's URL is relative to the house, or absolute. The token goes to the house only.
    fn ticket_url(&self, url: &str) -> Result<Url> {
        let relative = url.strip_prefix('/').unwrap_or(url);
        let joined = self
            .base
            .join(relative)
            .map_err(|_| Error::BaseUrl(url.to_owned()))?;
        if joined.origin() == self.base.origin() {
            Ok(joined)
        } else {
            Err(Error::BaseUrl(url.to_owned()))
        }
    }
}

fn download(response: Response) -> Result<DownloadBytes> {
    let headers = response.headers();
    let etag = headers
        .get(ETAG)
        .and_then(|it| it.to_str().ok())
        .map(str::to_owned);
    let offset = if response.status() == StatusCode::PARTIAL_CONTENT {
        headers
            .get(CONTENT_RANGE)
            .and_then(|it| range_start(it.to_str().ok()?))
            .ok_or_else(|| Error::Answer {
                status: 206,
                detail: "no Content-Range".to_owned(),
            })?
    } else {
        0
    };
    Ok(DownloadBytes {
        offset,
        etag,
        response,
    })
}

/// The first position of `bytes 5-9/10`.
fn range_start(header: &str) -> Option<u64> {
    header
        .strip_prefix("bytes ")?
        .split('-')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_content_range() {
        assert_eq!(range_start("bytes 5-9/10"), Some(5));
        assert_eq!(range_start("bytes */10"), None);
        assert_eq!(range_start("lines 5-9/10"), None);
    }
}
