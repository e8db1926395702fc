//! What clients ask over a live connection, and the answers.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use playhouse_api::accounts::Scope;
use playhouse_api::chat::NewMessage;
use playhouse_api::events::Event;
use playhouse_api::problem::{ErrorCode, FieldCode};
use playhouse_api::realtime::{Answer, Hello, Op, PresenceEvent, TypingEvent, Watched};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::ending::Ending;
use super::frames;
use super::hub::Hub;
use super::limits::{Bucket, Rate};
use super::presence::Looks;
use super::seat::Seat;
use super::service::Realtime;
use crate::chat::Caller;
use crate::error::{Error, Result};
use crate::ids::{AccountId, RoomId};

/// Answers the requests of one connection.
pub(super) struct Desk {
    pub(super) realtime: Realtime,
    pub(super) caller: Caller,
    pub(super) hub: Rc<Hub>,
    pub(super) seat: Rc<Seat>,
    bucket: Bucket,
    typing: Typing,
}

/// When and where this connection said last that somebody writes.
#[derive(Default)]
struct Typing {
    last: HashMap<Uuid, Instant>,
    /// The private rooms in which it may, under these circles.
    allowed: HashSet<Uuid>,
    circles: u64,
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
            match outcome {
                Ok(Some(answer)) if re.is_some() => {
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

    async fn answer_one(&mut self, line: &str) -> (Option<u64>, Result<Option<Value>>) {
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
    async fn perform(&mut self, id: Option<u64>, op: Op) -> Result<Option<Value>> {
        let answer = match op {
            Op::Ping {} => json!({}),
            Op::Subscribe {
                room,
                after_seq,
                epoch,
            } => {
                let since = after_seq.zip(epoch);
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
                self.send(room, message).await?
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
        Ok(Some(answer))
    }

    async fn send(&self, room: Uuid, message: NewMessage) -> Result<Value> {
        self.may_write()?;
        let room = RoomId::from(room);
        let sent = self.realtime.chat.send(&self.caller, room, message).await?;
        shown(&**sent.event())
    }

    fn may_write(&self) -> Result<()> {
        let viewer = &self.caller.viewer;
        if viewer.has_scope(Scope::Write) || viewer.is_admin() {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::MissingScope,
            "The access token lacks the scope write.",
        ))
    }

    /// Passes on that somebody writes, to those who listen to a room that this connection listens to itself.
    async fn type_in(&mut self, room: Uuid) -> Result<()> {
        self.may_write()?;
        if !self.seat.listens_to(room) {
            return Err(Error::new(
                ErrorCode::NoSuchRoom,
                "Subscribe to the room first.",
            ));
        }
        let pause = Duration::from_millis(self.realtime.config().typing_pause_ms);
        let (now, last) = (Instant::now(), self.typing.last.get(&room));
        if last.is_some_and(|last| now.saturating_duration_since(*last) < pause) {
            return Ok(());
        }
        if !self.may_type(room).await? {
            return Ok(());
        }
        if self.typing.last.len() >= self.realtime.config().max_subscriptions {
            self.typing.last.clear();
        }
        self.typing.last.insert(room, now);
        let account = &self.caller.viewer.account;
        let event = Event::Typing(TypingEvent {
            room_id: room,
            account_id: account.id.uuid(),
            username: account.username.clone(),
        });
        let json = serde_json::to_vec(&event).map_err(Error::internal)?;
        self.realtime.house.rooms().pass(room, json.into());
        Ok(())
    }

    /// In a private room only who could send a message is seen writing. Asked again when a circle has changed.
    async fn may_type(&mut self, room: Uuid) -> Result<bool> {
        let circles = self.realtime.house.presence().circles();
        if self.typing.circles != circles {
            self.typing.circles = circles;
            self.typing.allowed.clear();
        }
        if self.typing.allowed.contains(&room) {
            return Ok(true);
        }
        let (chat, viewer) = (&self.realtime.chat, &self.caller.viewer);
        let known = chat.get_room(viewer, RoomId::from(room)).await?;
        let may = match known.peer {
            Some(peer) => {
                let circle = chat.circle(viewer.id()).await?;
                circle.accounts.contains(&AccountId::from(peer.id))
            }
            None => true,
        };
        if may {
            self.typing.allowed.insert(room);
        }
        Ok(may)
    }

    /// Looks at the presence of accounts, as far as they are in the circle.
    async fn look_at(&self, accounts: Vec<Uuid>) -> Result<Watched> {
        let most = self.realtime.config().max_watched;
        if accounts.len() > most {
            let detail = format!("accounts has at most {most} ids.");
            return Err(Error::field("accounts", FieldCode::TooLong, &detail));
        }
        let (presence, me) = (self.realtime.house.presence(), self.caller.viewer.id());
        for _ in 0..5 {
            let circles = presence.circles();
            let circle = self.realtime.chat.circle(me).await?;
            let allowed = accounts
                .iter()
                .copied()
                .filter(|it| circle.accounts.contains(&AccountId::from(*it)));
            let looks = Looks {
                accounts: allowed.collect(),
                sees_last: circle.sees_last,
            };
            let (seat, inbox) = (&self.seat, &self.hub.inbox);
            let seen = presence.watch(seat.id, seat.account, inbox, looks, circles);
            if let Some(accounts) = seen {
                return self.with_last_seen(accounts).await;
            }
        }
        Err(busy())
    }
}

impl Desk {
    /// Says of those who are away when they were here last, if both sides show it.
    async fn with_last_seen(&self, mut accounts: Vec<PresenceEvent>) -> Result<Watched> {
        let away = accounts.iter().filter(|it| !it.online);
        let away: Vec<AccountId> = away.map(|it| it.account_id.into()).collect();
        let me = self.caller.viewer.id();
        let seen = self.realtime.chat.last_seen(me, away).await?;
        for event in accounts.iter_mut().filter(|it| !it.online) {
            let at = seen.get(&AccountId::from(event.account_id));
            event.last_seen_at = at.map(chrono::NaiveDateTime::and_utc);
        }
        Ok(Watched { accounts })
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
