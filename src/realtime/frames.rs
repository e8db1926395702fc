//! WebSocket frames (RFC 6455) of the server: encoded once, shared by everybody who gets them.

use actix_http::ws::{CloseCode, CloseReason, OpCode, Parser};
use bytes::{BufMut as _, Bytes, BytesMut};
use playhouse_api::realtime::{Answer, Reply};
use serde::Serialize;

use super::ending::Ending;

/// A text frame of one JSON object.
pub(super) fn text(value: &impl Serialize) -> Bytes {
    let json = serde_json::to_vec(value).unwrap_or_default();
    let mut frame = BytesMut::with_capacity(json.len() + 10);
    Parser::write_message(&mut frame, json, OpCode::Text, true, false);
    frame.freeze()
}

/// The answer to a request.
pub(super) fn reply<T: Serialize>(re: Option<u64>, answer: Answer<T>) -> Bytes {
    text(&Reply { re, answer })
}

/// A ping without content.
pub(super) fn ping() -> Bytes {
    Bytes::from_static(&[0x89, 0])
}

pub(super) fn pong(of: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(of.len() + 2);
    Parser::write_message(&mut frame, of, OpCode::Pong, true, false);
    frame.freeze()
}

pub(super) fn close(ending: Ending) -> Bytes {
    let mut frame = BytesMut::with_capacity(64);
    let reason = CloseReason {
        code: CloseCode::from(ending.code()),
        description: Some(ending.reason().to_owned()),
    };
    Parser::write_close(&mut frame, Some(reason), false);
    frame.freeze()
}

/// Joins texts of JSON by newlines into text frames of at most about [`JOINED`] bytes each.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    text: Vec<u8>,
    frames: BytesMut,
}

/// Above this a frame is closed and another one begun.
const JOINED: usize = 32 * 1024;

impl Joiner {
    pub(super) fn add(&mut self, value: &impl Serialize) {
        self.begin_line();
        // Types of the API have a form in JSON.
        let _ = serde_json::to_writer((&mut self.text).writer(), value);
    }

    /// Adds what is JSON already.
    pub(super) fn add_text(&mut self, json: &[u8]) {
        self.begin_line();
        self.text.extend_from_slice(json);
    }

    fn begin_line(&mut self) {
        if self.text.len() > JOINED {
            self.close_frame();
        }
        if !self.text.is_empty() {
            self.text.push(b'\n');
        }
    }

    /// Bytes so far.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.frames.len()
    }

    fn close_frame(&mut self) {
        if !self.text.is_empty() {
            Parser::write_message(&mut self.frames, &self.text, OpCode::Text, true, false);
            self.text.clear();
        }
    }

    /// Takes the frames so far; none when nothing was added.
    pub(super) fn take(&mut self) -> Bytes {
        self.close_frame();
        self.frames.split().freeze()
    }
}
