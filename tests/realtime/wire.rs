//! A WebSocket client for tests, and one that knows no manners.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use playhouse_test_support::{Person, TestApp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Nothing in these tests takes longer, unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A live connection.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Lines of a frame that have not been looked at.
    lines: std::collections::VecDeque<Value>,
    pub(crate) hello: Value,
    next: u64,
}

/// What a refused handshake answered.
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) problem: Value,
}

pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what)
        .await
        .expect("this takes too long")
}

impl Socket {
    pub(crate) async fn open(app: &TestApp, who: &Person) -> Self {
        let token = format!("Bearer {}", who.token.as_ref().unwrap());
        let opened = Self::open_with(app, &[("authorization", &token)]).await;
        opened.unwrap_or_else(|it| panic!("{} {}", it.status, it.problem))
    }

    pub(crate) async fn open_with(
        app: &TestApp,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Refusal> {
        let url = format!("{}/api/v1/realtime", app.url.replace("http", "ws"));
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (stream, _) = match within(Box::pin(connect_async(request))).await {
            Ok(opened) => opened,
            Err(Error::Http(answer)) => {
                let body = answer.body().clone().unwrap_or_default();
                return Err(Refusal {
                    status: answer.status().as_u16(),
                    problem: serde_json::from_slice(&body).unwrap_or_default(),
                });
            }
            Err(error) => panic!("{error}"),
        };
        Ok(Self::over(stream).await)
    }

    /// Waits for hello.
    pub(crate) async fn over(stream: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        let mut socket = Self {
            stream,
            lines: std::collections::VecDeque::new(),
            hello: Value::Null,
            next: 1,
        };
        socket.hello = socket.push("hello").await;
        socket
    }

    pub(crate) async fn say(&mut self, words: &str) {
        within(self.stream.send(Message::text(words)))
            .await
            .unwrap();
    }

    /// What comes next; the close code when nothing more does.
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Ok(line);
            }
            match within(self.stream.next()).await {
                Some(Ok(Message::Text(frame))) => {
                    let lines = frame.lines().map(|it| serde_json::from_str(it).unwrap());
                    self.lines.extend(lines);
                }
                Some(Ok(Message::Close(close))) => {
                    return Err(close.map_or(1005, |it| it.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// The next push of a kind; others before it are not looked at.
    pub(crate) async fn push(&mut self, kind: &str) -> Value {
        loop {
            let next = self.next().await;
            let next = next.unwrap_or_else(|code| panic!("closed with {code}, not {kind}"));
            if next["ev"] == kind {
                return next;
            }
        }
    }

    /// Sends a request and returns the answer to it; pushes before it are kept.
    pub(crate) async fn ask(&mut self, request: Value) -> Value {
        let id = self.next;
        self.next += 1;
        let mut request = request;
        request["id"] = json!(id);
        self.say(&request.to_string()).await;
        let mut pushes = Vec::new();
        loop {
            let next = self.next().await.unwrap();
            if next["re"] == json!(id) {
                pushes.extend(self.lines.drain(..));
                self.lines = pushes.into();
                return next;
            }
            pushes.push(next);
        }
    }

    /// The answer to a request that must succeed.
    pub(crate) async fn done(&mut self, request: Value) -> Value {
        let answer = self.ask(request.clone()).await;
        assert!(answer["error"].is_null(), "{request}: {answer}");
        answer["ok"].clone()
    }

    /// The close code; what comes before it is not looked at.
    pub(crate) async fn end(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Says goodbye and waits for the answer.
    pub(crate) async fn close(mut self) -> u16 {
        self.stream.close(None).await.unwrap();
        self.end().await
    }
}

/// A connection on which every byte can be sent.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
}

impl Raw {
    /// Shakes hands and reads, at least, the beginning of hello.
    pub(crate) async fn open(app: &TestApp, who: &Person) -> Self {
        let address = app.url.strip_prefix("http://").unwrap();
        let mut stream = within(TcpStream::connect(address)).await.unwrap();
        let head = format!(
            "GET /api/v1/realtime HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {}\r\n\r\n",
            who.token.as_ref().unwrap()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut raw = Self { stream };
        let mut seen = Vec::new();
        while !seen.windows(7).any(|it| it == b"\"hello\"") {
            let read = within(raw.stream.read_buf(&mut seen)).await.unwrap();
            assert!(read > 0, "refused");
        }
        assert!(seen.starts_with(b"HTTP/1.1 101 "));
        raw
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        within(self.stream.write_all(bytes)).await.unwrap();
    }

    /// The code of the close frame that ends what is read; 1006 when there is none.
    pub(crate) async fn end(&mut self) -> u16 {
        let mut rest = Vec::new();
        let _ = within(self.stream.read_to_end(&mut rest)).await;
        let close = rest.windows(4).rev().find(|it| it[0] == 0x88);
        close.map_or(1006, |it| u16::from_be_bytes([it[2], it[3]]))
    }
}

/// Bytes of this process, which is also the server.
pub(crate) fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kib.parse::<usize>().unwrap() * 1024
}

/// A masked frame.
pub(crate) fn frame(code: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![code];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        middle @ 126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend((middle as u16).to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

/// A figure of `/metrics`.
pub(crate) async fn figure(app: &TestApp, name: &str) -> f64 {
    let page = app.nobody().get("//metrics").await.text().await.unwrap();
    let found = page
        .lines()
        .find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
    found.map_or(0.0, |it| it.parse().unwrap())
}

/// Waits until a figure is what it should be.
pub(crate) async fn settles(app: &TestApp, name: &str, at: f64) {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let found = figure(app, name).await;
        if found == at {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{name} stays {found}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
