//! A receiver of webhooks on loopback that answers as a test tells it to, and keeps what it got.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What it says to whoever calls.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Status(u16),
    /// A status, and when it may be asked again.
    Later(u16, String),
    Redirect(String),
    /// Nothing, while the caller waits.
    Silence,
    /// 200, and then more and more.
    Endless,
    /// One header after the other.
    EndlessHead,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    got: Arc<Mutex<Vec<Request>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Receiver {
    /// One that answers 204.
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    /// The same, behind TLS.
    pub(crate) async fn start_tls(tls: rustls::ServerConfig) -> Self {
        Self::start_with(Some(TlsAcceptor::from(Arc::new(tls)))).await
    }

    async fn start_with(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            got: Arc::default(),
            answer: Arc::new(Mutex::new(Answer::Status(204))),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (receiver, tls) = (own.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => receiver.serve(stream).await,
                        Some(tls) => receiver.serve(tls.accept(stream).await.ok()?).await,
                    }
                });
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?key=hidden", self.port)
    }

    pub(crate) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn got(&self) -> Vec<Request> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until it has got so many, and answers all.
    pub(crate) async fn until(&self, count: usize) -> Vec<Request> {
        for _ in 0..1500 {
            if self.got().len() >= count {
                return self.got();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it got {} and not {count}", self.got().len());
    }

    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Option<()> {
        let request = read(&mut stream).await?;
        let answer = self.answer.lock().unwrap().clone();
        self.got.lock().unwrap().push(request);
        let head = match answer {
            Answer::Status(status) => format!("HTTP/1.1 {status} Said\r\n"),
            Answer::Later(status, when) => {
                format!("HTTP/1.1 {status} Said\r\nRetry-After: {when}\r\n")
            }
            Answer::Redirect(to) => format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n"),
            Answer::Silence => {
                // Until the caller hangs up.
                let _ = stream.read(&mut [0; 1]).await;
                return None;
            }
            Answer::Endless => {
                let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
                return repeat(&mut stream, head, b"more and ").await;
            }
            Answer::EndlessHead => {
                return repeat(&mut stream, b"HTTP/1.1 200 OK\r\n", b"X-More: more\r\n").await;
            }
        };
        let head = format!("{head}Content-Length: 6\r\nConnection: close\r\n\r\nsecret");
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()
    }
}

/// Says this, and then that until the caller hangs up.
async fn repeat(stream: &mut (impl AsyncWrite + Unpin), head: &[u8], more: &[u8]) -> Option<()> {
    stream.write_all(head).await.ok()?;
    loop {
        stream.write_all(&more.repeat(1000)).await.ok()?;
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break at;
        }
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|it| *it > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|it| it.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = bytes.split_off(end + 4);
    let here = body.len();
    body.resize(length, 0);
    stream.read_exact(&mut body[here..]).await.ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Request {
        line,
        headers,
        body,
    })
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checks the signature by the words of the convention and of RFC 2104 alone.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
        let (id, at) = (
            &self.headers["webhook-id"],
            &self.headers["webhook-timestamp"],
        );
        let signed = format!("{id}.{at}.{}", self.body);
        let sum = hmac_sha256(&key.unwrap(), signed.as_bytes());
        self.headers["webhook-signature"] == format!("v1,{}", STANDARD.encode(sum))
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let padded = |with: u8| -> Vec<u8> {
        let bytes = (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with);
        bytes.collect()
    };
    let inner = Sha256::digest([padded(0x36), message.to_vec()].concat());
    Sha256::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}
