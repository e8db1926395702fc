//! One WebSocket, from the handshake to its end.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::client::{Client, Error, Result};
use crate::events::Event;
use crate::problem::Problem;
use crate::realtime::{self, Op, Request};

const CONNECT_WITHIN: Duration = Duration::from_secs(15);

pub(super) struct Link {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    lines: VecDeque<Line>,
    silence: Duration,
}

/// What the server says.
pub(super) enum Line {
    Event(Box<Event>),
    Reply(u64, Result<Value, Box<Problem>>),
}

impl Link {
    pub(super) async fn open(client: &Client, silence: Duration) -> Result<Self> {
        let mut url = client.endpoint(realtime::PATH)?;
        let scheme = match url.scheme() {
            "https" => "wss",
            _ => "ws",
        };
        let wrong = || Error::BaseUrl(client.base_url().to_owned());
        url.set_scheme(scheme).map_err(|()| wrong())?;
        let mut request = url.as_str().into_client_request().map_err(|_| wrong())?;
        if let Some(token) = &client.token {
            let value = format!("Bearer {}", token.reveal());
            let value = HeaderValue::from_str(&value).map_err(|_| wrong())?;
            request.headers_mut().insert("authorization", value);
        }
        // Without Nagle's algorithm: what is written goes.
        let opened = tokio::time::timeout(
            CONNECT_WITHIN,
            connect_async_with_config(request, None, true),
        )
        .await;
        match opened {
            Ok(Ok((stream, _))) => Ok(Self {
                stream,
                lines: VecDeque::new(),
                silence,
            }),
            Ok(Err(error)) => Err(refusal(error)),
            Err(_) => Err(Error::Stalled(CONNECT_WITHIN.as_secs())),
        }
    }

    pub(super) async fn send(&mut self, id: u64, op: &Op) -> Result<(), tungstenite::Error> {
        let request = Request {
            id: Some(id),
            op: op.clone(),
        };
        let text = serde_json::to_string(&request).unwrap_or_default();
        self.stream.send(Message::text(text)).await
    }

    /// The next word of the server; the close code when there is none. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<Line, u16> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Ok(line);
            }
            let message = tokio::time::timeout(self.silence, self.stream.next()).await;
            match message {
                Ok(Some(Ok(Message::Text(text)))) => {
                    self.lines.extend(text.lines().filter_map(read));
                }
                Ok(Some(Ok(Message::Close(frame)))) => {
                    return Err(frame.map_or(1006, |it| it.code.into()));
                }
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) | Err(_) => return Err(1006),
            }
        }
    }
}

/// A line of the server. What this version does not know is left out.
fn read(line: &str) -> Option<Line> {
    let mut value: Value = serde_json::from_str(line).ok()?;
    if value.get("ev").is_some() {
        let event = serde_json::from_value(value).ok()?;
        return Some(Line::Event(Box::new(event)));
    }
    let id = value.get("re")?.as_u64()?;
    let answer = match value.get_mut("error") {
        Some(problem) => Err(serde_json::from_value(problem.take()).ok()?),
        None => Ok(value.get_mut("ok")?.take()),
    };
    Some(Line::Reply(id, answer))
}

fn refusal(error: tungstenite::Error) -> Error {
    let tungstenite::Error::Http(answer) = error else {
        return Error::Unreachable(error.to_string());
    };
    let status = answer.status().as_u16();
    let body = answer.body().as_deref().unwrap_or_default();
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Error::Problem(Box::new(problem)),
        Err(_) => Error::Status {
            status,
            detail: "this is not the address of a live connection".to_owned(),
        },
    }
}
