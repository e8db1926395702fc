//! A typed client of the HTTP API.
//!
//! One method for each endpoint, named after what it does; the methods are in the modules by
//! concern, this one says how a request is sent and how an answer is read. Nothing is retried
//! here, except in [`upload`], where an offset makes that safe; [`Retry`] is for callers that know
//! the same of theirs.
//!
//! The TLS provider is the process's own: call
//! `rustls::crypto::aws_lc_rs::default_provider().install_default()` first in `main`.

mod accounts;
mod admin;
mod chat;
mod downloads;
mod drive;
mod error;
pub mod live;
mod membership;
mod movies;
mod notices;
mod retry;
mod reviews;
mod series;
pub mod upload;
mod webhooks;

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use downloads::DownloadBytes;
pub use error::Error;
pub use retry::{Retry, RetryObserver};

use crate::BASE_PATH;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::site::SiteInfo;

/// A request that takes longer has failed.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// No answer of the API is larger; a server that sends more is not one of ours.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A connection to one house, signed in or not. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// Ends with a slash.
    base: Url,
    token: Option<Secret>,
}

impl Client {
    /// A client of the house at `base_url`, such as `https://films.example` (a path is kept).
    /// The token is that of a login session or an access token.
    ///
    /// # Errors
    /// [`Error::BaseUrl`] if the address is not one of http or https.
    pub fn new(base_url: &str, token: Option<Secret>) -> Result<Self> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("playhouse-api/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_keepalive(Duration::from_secs(30))
            .build()
            .map_err(Error::Transport)?;
        Ok(Self {
            http,
            base: parse_base(base_url)?,
            token,
        })
    }

    /// The same connection with another token, or none.
    pub fn with_token(&self, token: Option<Secret>) -> Self {
        Self {
            token,
            ..self.clone()
        }
    }

    /// The address of the house, ending with a slash.
    pub fn base_url(&self) -> &str {
        self.base.as_str()
    }

    /// `GET /site`: what anybody may know about the house.
    pub async fn site(&self) -> Result<SiteInfo> {
        self.get("site", &()).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<T> {
        read(self.request(Method::GET, path)?.query(query)).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        read(self.request(method, path)?.json(body)).await
    }

    /// Sends a body and ignores what a success says.
    async fn tell(&self, method: Method, path: &str, body: &impl Serialize) -> Result<()> {
        answer(self.request(method, path)?.json(body))
            .await
            .map(drop)
    }

    /// Sends no body and ignores what a success says.
    async fn act(&self, method: Method, path: &str) -> Result<()> {
        answer(self.request(method, path)?).await.map(drop)
    }

    /// A request under `/api/v1/`, with the token. `path` holds no user input except ids and tags of languages.
    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let url = self.endpoint(path)?;
        Ok(self
            .sign(self.http.request(method, url))
            .timeout(REQUEST_TIMEOUT))
    }

    fn endpoint(&self, path: &str) -> Result<Url> {
        let relative = format!("{}/{path}", BASE_PATH.trim_start_matches('/'));
        self.base
            .join(&relative)
            .map_err(|_| Error::BaseUrl(self.base.to_string()))
    }

    fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }
}

fn parse_base(text: &str) -> Result<Url> {
    let wrong = || Error::BaseUrl(text.to_owned());
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong());
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong());
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// Sends, and turns every status that is not a success into an error.
async fn answer(request: RequestBuilder) -> Result<Response> {
    let response = request.send().await.map_err(Error::Transport)?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(refusal(response).await)
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let response = answer(request).await?;
    let status = response.status();
    let body = bounded_body(response).await?;
    serde_json::from_slice(&body).map_err(|error| Error::Answer {
        status: status.as_u16(),
        detail: error.to_string(),
    })
}

async fn refusal(response: Response) -> Error {
    let status = response.status();
    let body = match bounded_body(response).await {
        Ok(body) => body,
        Err(error) => return error,
    };
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Error::Problem(Box::new(problem)),
        Err(_) => Error::Status {
            status: status.as_u16(),
            detail: first_line(status, &body),
        },
    }
}

async fn bounded_body(mut response: Response) -> Result<Vec<u8>> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(Error::Transport)? {
        if body.len() + part.len() > ANSWER_LIMIT {
            return Err(Error::Answer {
                status,
                detail: "the answer is too large".to_owned(),
            });
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// Something to show for an answer that is not a problem: from a proxy, or another server.
fn first_line(status: StatusCode, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..300).unwrap_or(body));
    let line = text.lines().next().unwrap_or_default();
    let printable = !line.is_empty() && !line.starts_with('<') && !line.contains(char::is_control);
    if printable {
        line.to_owned()
    } else {
        status
            .canonical_reason()
            .unwrap_or("no reason given")
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_address_keeps_its_path_and_ends_with_a_slash() {
        for (given, endpoint) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v1/site"),
            (
                "https://films.example/",
                "https://films.example/api/v1/site",
            ),
            (
                "https://example.org/club",
                "https://example.org/club/api/v1/site",
            ),
        ] {
            let base = parse_base(given).unwrap();
            let path = format!("{}/site", BASE_PATH.trim_start_matches('/'));
            assert_eq!(base.join(&path).unwrap().as_str(), endpoint);
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for given in [
            "",
            "films",
            "ftp://x",
            "file:///etc",
            "http://u:p@h/",
            "http://h/?q=1",
        ] {
            assert!(
                matches!(parse_base(given), Err(Error::BaseUrl(_))),
                "{given}"
            );
        }
    }

    #[test]
    fn a_page_of_a_proxy_is_shown_by_its_status() {
        let line = |body: &str| first_line(StatusCode::BAD_GATEWAY, body.as_bytes());
        assert_eq!(line("<html>\n"), "Bad Gateway");
        assert_eq!(line(""), "Bad Gateway");
        assert_eq!(line("\u{1b}[2Jgone"), "Bad Gateway");
        assert_eq!(line("upstream is away\nmore"), "upstream is away");
    }
}
