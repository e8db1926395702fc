//! WebSocket frames (RFC 6455) of the server: encoded once, shared by everybody who gets them.

use actix_http::ws::{CloseCode, CloseReason, OpCode, Parser};
use bytes::{Bytes, BytesMut};
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
