//! What clients ask over a live connection, and the answers.

use std::rc::Rc;
use std::sync::Arc;

use playhouse_api::accounts::Scope;
use playhouse_api::chat::{Event, NewMessage};
use playhouse_api::problem::{ErrorCode, FieldCode};
use playhouse_api::realtime::{Answer, Hello, Op};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::ending::Ending;
use super::frames;
use super::hub::Hub;
use super::limits::{Bucket, Rate};
use super::seat::Seat;
use super::service::Realtime;
use super::subscribing::Since;
use super::typing::Typing;
use crate::chat::Caller;
use crate::error::{Error, Result};
use crate::ids::RoomId;

/// Answers the requests of one connection.
pub(super) struct Desk {
    pub(super) realtime: Realtime,
    pub(super) caller: Caller,
    pub(super) hub: Rc<Hub>,
    pub(super) seat: Rc<Seat>,
    pub(super) typing: Typing,
    bucket: Bucket,
}

/// What a request is answered with.
#[derive(Serialize)]
#[serde(untagged)]
enum Answered {
    Json(Value),
    /// As it is, without a copy.
    Event(Arc<Event>),
}

/// Requests of one frame, joined by newlines; more are refused.
const MAX_JOINED: usize = 100;

impl Desk {
    pub(super) fn new(realtime: Realtime, caller: Caller, hub: Rc<Hub>, seat: Rc<Seat>) -> Self {
        Self {
            bucket: Bucket::full(rate(&realtime), Instant::now()),
            realtime,
            caller,
            hub,
            seat,
            typing: Typing::default(),
        }
    }

    pub(super) fn max_frame(&self) -> usize {
        self.realtime.config().max_frame_bytes
    }

    /// # Errors
    /// Why this connection cannot stay.
    pub(super) async fn welcome(&self) -> std::result::Result<Hello, Ending> {
        let connection = self.caller.request_id.parse().unwrap_or_default();
        let viewer = &self.caller.viewer;
        self.realtime.welcome(viewer, connection).await
    }

    /// Answers all requests of a frame.
    pub(super) async fn answer(&mut self, text: &str) {
        let lines = text.split('\n').filter(|line| !line.trim().is_empty());
        for (count, line) in lines.enumerate() {
            let (re, outcome) = match () {
                () if count >= MAX_JOINED => (None, Err(too_many_joined())),
                () => self.answer_one(line).await,
            };
            let frame = match outcome {
                Ok(Some(answer)) if re.is_some() => Some(frames::reply(re, Answer::Ok(answer))),
                Ok(_) => None,
                Err(error) => {
                    let problem = Box::new(error.problem());
                    Some(frames::reply::<Value>(re, Answer::Error(problem)))
                }
            };
            if let Some(frame) = frame {
                self.hub.answer(&self.seat, frame);
            }
            if count >= MAX_JOINED {
                return;
            }
            self.seat.room().await;
        }
    }

    async fn answer_one(&mut self, line: &str) -> (Option<u64>, Result<Option<Answered>>) {
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
            Ok(op) => self.perform(id, op).await,
            Err(error) => Err(error),
        };
        (id, outcome)
    }

    /// Performs a request; none when it has answered by itself.
    async fn perform(&mut self, id: Option<u64>, op: Op) -> Result<Option<Answered>> {
        let answer = match op {
            Op::Ping {} => json!({}),
            Op::Subscribe {
                room,
                after_seq,
                epoch,
            } => {
                let since = Since::read(after_seq, epoch);
                return self.subscribe(id, room, since).await.map(|()| None);
            }
            Op::Unsubscribe { room } => {
                self.hub.quit(room, &self.seat);
                json!({})
            }
            Op::Send {
                room,
                client_msg_id,
                body,
                reply_to,
            } => {
                let message = NewMessage {
                    client_msg_id,
                    body,
                    reply_to,
                };
                return self.send(room, message).await.map(Some);
            }
            Op::Read { room, seq } => {
                self.may_write()?;
                let (viewer, room) = (&self.caller.viewer, RoomId::from(room));
                shown(self.realtime.chat.read_room(viewer, room, seq).await?)?
            }
            Op::Typing { room } => {
                self.type_in(room).await?;
                json!({})
            }
            Op::Presence { accounts } => shown(self.look_at(accounts).await?)?,
        };
        Ok(Some(Answered::Json(answer)))
    }

    async fn send(&self, room: Uuid, message: NewMessage) -> Result<Answered> {
        self.may_write()?;
        let room = RoomId::from(room);
        let sent = self.realtime.chat.send(&self.caller, room, message).await?;
        Ok(Answered::Event(Arc::clone(sent.event())))
    }

    pub(super) fn may_write(&self) -> Result<()> {
        let viewer = &self.caller.viewer;
        if viewer.has_scope(Scope::Write) || viewer.is_admin() {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::MissingScope,
            "The access token lacks the scope write.",
        ))
    }
}

pub(super) fn busy() -> Error {
    Error::new(
        ErrorCode::Busy,
        "The server has more to do than it can queue.",
    )
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
