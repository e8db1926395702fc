//! What clients ask over a live connection, and the answers.

use std::rc::Rc;
use std::sync::Arc;

use playhouse_api::problem::{ErrorCode, FieldCode};
use playhouse_api::realtime::{Answer, Hello, Op};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::ending::Ending;
use super::frames;
use super::limits::{Bucket, Rate};
use super::seat::Seat;
use super::service::Realtime;
use crate::accounts::Viewer;
use crate::error::{Error, Result};

/// Answers the requests of one connection.
pub(super) struct Desk {
    pub(super) connection: Uuid,
    realtime: Realtime,
    viewer: Arc<Viewer>,
    seat: Rc<Seat>,
    bucket: Bucket,
}

/// Requests of one frame, joined by newlines; more are refused.
const MAX_JOINED: usize = 100;

impl Desk {
    pub(super) fn new(realtime: Realtime, viewer: Arc<Viewer>, seat: Rc<Seat>) -> Self {
        Self {
            connection: Uuid::now_v7(),
            bucket: Bucket::full(rate(&realtime), Instant::now()),
            realtime,
            viewer,
            seat,
        }
    }

    pub(super) fn max_frame(&self) -> usize {
        self.realtime.config().max_frame_bytes
    }

    /// # Errors
    /// Why this connection cannot stay.
    pub(super) async fn welcome(&self) -> std::result::Result<Hello, Ending> {
        self.realtime.welcome(&self.viewer, self.connection).await
    }

    /// Answers all requests of a frame.
    pub(super) async fn answer(&mut self, text: &str) {
        let lines = text.split('\n').filter(|line| !line.trim().is_empty());
        for (count, line) in lines.enumerate() {
            let (re, outcome) = match () {
                () if count >= MAX_JOINED => (None, Err(too_many_joined())),
                () => self.answer_one(line).await,
            };
            match outcome {
                Ok(answer) if re.is_some() => {
                    self.seat.send(frames::reply(re, Answer::Ok(answer)));
                }
                Ok(_) => {}
                Err(error) => {
                    let problem = Box::new(error.problem());
                    self.seat
                        .send(frames::reply::<Value>(re, Answer::Error(problem)));
                }
            }
            if count >= MAX_JOINED {
                return;
            }
            self.seat.room().await;
        }
    }

    async fn answer_one(&mut self, line: &str) -> (Option<u64>, Result<Value>) {
        let (id, op) = match read(line) {
            Ok(request) => request,
            Err(error) => return (None, Err(error)),
        };
        let rate = rate(&self.realtime);
        if let Err(wait) = self.bucket.take(rate, Instant::now()) {
            let detail = format!(
                "Too many requests on this connection. Go on in {} ms.",
                wait.as_millis() + 1
            );
            return (id, Err(Error::new(ErrorCode::TooManyRequests, detail)));
        }
        let outcome = match op {
            Ok(op) => self.perform(op).await,
            Err(error) => Err(error),
        };
        (id, outcome)
    }

    #[expect(clippy::unused_async, reason = "the operations of rooms wait")]
    async fn perform(&mut self, op: Op) -> Result<Value> {
        match op {
            Op::Ping {} => shown(json!({})),
        }
    }
}

fn shown(answer: impl Serialize) -> Result<Value> {
    serde_json::to_value(answer).map_err(Error::internal)
}

fn rate(realtime: &Realtime) -> Rate {
    let config = realtime.config();
    Rate {
        per_second: f64::from(config.requests_per_second),
        burst: f64::from(config.requests_burst),
    }
}

fn too_many_joined() -> Error {
    let detail = format!("A frame holds at most {MAX_JOINED} requests.");
    Error::new(ErrorCode::PayloadTooLarge, detail)
}

/// Reads the id first, so that an answer can name it even if the rest is wrong.
fn read(line: &str) -> Result<(Option<u64>, Result<Op>)> {
    let mut fields: Map<String, Value> = serde_json::from_str(line).map_err(|_| {
        Error::new(
            ErrorCode::MalformedJson,
            "A request is one JSON object on a line.",
        )
    })?;
    let id = match fields.remove("id") {
        None | Some(Value::Null) => None,
        Some(id) => Some(id.as_u64().ok_or_else(wrong_id)?),
    };
    let op = serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let path = error.path().to_string();
        let detail = format!("{}.", error.inner());
        match path.as_str() {
            "." | "?" => Error::field("op", FieldCode::InvalidFormat, &detail),
            field => Error::field(field, FieldCode::InvalidFormat, &detail),
        }
    });
    Ok((id, op))
}

fn wrong_id() -> Error {
    Error::field(
        "id",
        FieldCode::InvalidFormat,
        "id is a whole number of at least 0.",
    )
}
