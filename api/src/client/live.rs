//! The live connection: one WebSocket that comes back by itself and misses nothing.
//!
//! [`Client::live`] starts a task that keeps the connection. When it breaks, the task connects again (a little later each
//! time, by chance, so that not all clients come back at once), subscribes to the same rooms from where each stood, and
//! sends again what was not answered. A message keeps its `client_msg_id`, so it is there once. Each event of a room is
//! given once, in order; when the server says to start over, the caller is told. What has to be read is bounded: a
//! caller who does not read stops the connection from being read.

mod link;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use self::link::{Line, Link};
use super::{Client, Error, Result};
use crate::chat::{self, NewMessage};
use crate::events::Event;
use crate::realtime::{Op, Subscribed, close};

/// News that may wait to be read.
const NEWS: usize = 1024;
/// Requests that may wait to be sent.
const REQUESTS: usize = 256;
/// The server pings more often; after so long without a word the connection is dead.
const SILENCE: Duration = Duration::from_secs(60);
/// The first wait after a failure, and the longest.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What the connection tells.
#[derive(Debug)]
pub enum News {
    /// Something was pushed. The first after each connect is [`Event::Hello`].
    Push(Event),
    /// What was seen of this room does not count any more: read its history up to `seq`; all after that is pushed.
    StartOver { room: Uuid, seq: i64, epoch: String },
    /// The room is not there any more for this account.
    Lost { room: Uuid },
    /// The connection broke, with this close code or 1006. It comes back by itself.
    Broken(u16),
}

/// A live connection. Dropping it ends it.
#[derive(Debug)]
pub struct Live {
    requests: Requests,
    news: mpsc::Receiver<Result<News>>,
}

/// The way to ask over a live connection; cheap to clone.
#[derive(Clone, Debug)]
pub struct Requests(mpsc::Sender<Request>);

#[derive(Debug)]
struct Request {
    op: Op,
    answer: oneshot::Sender<Result<Value>>,
}

impl Client {
    /// Opens the live connection. It is kept by a task of its own, until it is dropped or the server says not to come
    /// back.
    #[must_use]
    pub fn live(&self) -> Live {
        self.live_with(SILENCE)
    }

    /// The same, with a time without a word after which the connection is dead. The server has to ping more often.
    #[must_use]
    pub fn live_with(&self, silence: Duration) -> Live {
        let (requests, asked) = mpsc::channel(REQUESTS);
        let (tell, news) = mpsc::channel(NEWS);
        let keeper = Keeper {
            client: self.clone(),
            asked,
            tell,
            rooms: HashMap::new(),
            waiting: VecDeque::new(),
            next: 1,
            silence,
        };
        tokio::spawn(keeper.keep());
        Live {
            requests: Requests(requests),
            news,
        }
    }
}

impl Live {
    /// What comes next; an error once, when the connection does not come back, and nothing after it.
    pub async fn next(&mut self) -> Option<Result<News>> {
        self.news.recv().await
    }

    /// A way to ask that does not hold the connection.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.requests.clone()
    }
}

impl Requests {
    /// Asks, and waits for the answer, over as many connections as it takes.
    ///
    /// # Errors
    /// The server's problem; [`Error::Closed`] when the connection does not come back.
    pub async fn ask<T: DeserializeOwned>(&self, op: Op) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| Error::Closed(0);
        self.0
            .send(Request { op, answer })
            .await
            .map_err(|_| Error::Closed(0))?;
        let value = answered.await.map_err(gone)??;
        serde_json::from_value(value).map_err(|error| Error::Answer {
            status: 200,
            detail: error.to_string(),
        })
    }

    /// Listens to a room, since an event of its log if one is given. The events follow as news, also those that were
    /// missed.
    ///
    /// # Errors
    /// As [`Requests::ask`].
    pub async fn subscribe(&self, room: Uuid, since: Option<(i64, String)>) -> Result<Subscribed> {
        let (after_seq, epoch) = since.unzip();
        self.ask(Op::Subscribe {
            room,
            after_seq,
            epoch,
        })
        .await
    }

    /// Sends a message; it is durable when this returns, and there once however often the connection broke.
    ///
    /// # Errors
    /// As [`Requests::ask`].
    pub async fn send(&self, room: Uuid, message: NewMessage) -> Result<chat::Event> {
        self.ask(Op::Send {
            room,
            client_msg_id: message.client_msg_id,
            body: message.body,
            reply_to: message.reply_to,
        })
        .await
    }

    /// Tells that one writes. Nothing waits for it.
    pub fn typing(&self, room: Uuid) {
        self.mention(Op::Typing { room });
    }

    /// Marks everything up to an event as read. Nothing waits for it.
    pub fn read(&self, room: Uuid, seq: i64) {
        self.mention(Op::Read { room, seq });
    }

    /// Asks without listening to the answer. Left out when much is waiting.
    fn mention(&self, op: Op) {
        let (answer, _) = oneshot::channel();
        let _ = self.0.try_send(Request { op, answer });
    }
}

/// Where a room stands.
#[derive(Clone, Debug)]
struct Standing {
    seq: i64,
    epoch: String,
}

/// A request on its way.
struct Waiting {
    id: u64,
    op: Op,
    /// None for a subscription that the keeper renews by itself.
    answer: Option<oneshot::Sender<Result<Value>>>,
}

/// Nobody reads the news any more.
struct Dropped;

/// Keeps the connection.
struct Keeper {
    client: Client,
    asked: mpsc::Receiver<Request>,
    tell: mpsc::Sender<Result<News>>,
    rooms: HashMap<Uuid, Standing>,
    /// In the order in which they were asked.
    waiting: VecDeque<Waiting>,
    next: u64,
    silence: Duration,
}

impl Keeper {
    async fn keep(mut self) {
        let mut wait = FIRST_WAIT;
        loop {
            let code = match Link::open(&self.client, self.silence).await {
                Ok(link) => match self.live(link, &mut wait).await {
                    Ok(code) => code,
                    Err(Dropped) => return,
                },
                Err(error) if error.is_final() => {
                    let _ = self.tell.send(Err(error)).await;
                    return;
                }
                Err(_) => 1006,
            };
            if !close::may_return(code) {
                let _ = self.tell.send(Err(Error::Closed(code))).await;
                return;
            }
            if self.tell.send(Ok(News::Broken(code))).await.is_err() {
                return;
            }
            tokio::time::sleep(wait.mul_f64(chance())).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Serves one connection until it ends; gives the close code.
    async fn live(&mut self, mut link: Link, wait: &mut Duration) -> Result<u16, Dropped> {
        let unanswered = self.renew();
        for waiting in unanswered {
            if link.send(waiting.0, &waiting.1).await.is_err() {
                return Ok(1006);
            }
        }
        loop {
            tokio::select! {
                line = link.next() => match line {
                    Ok(Line::Event(event)) => {
                        if matches!(*event, Event::Hello(_)) {
                            *wait = FIRST_WAIT;
                        }
                        self.pushed(*event).await?;
                    }
                    Ok(Line::Reply(id, answer)) => {
                        if self.must_come_back(id, &answer) {
                            return Ok(close::BUSY);
                        }
                        self.answered(id, answer).await?;
                    }
                    Err(code) => return Ok(code),
                },
                request = self.asked.recv() => {
                    let Some(Request { op, answer }) = request else {
                        return Err(Dropped);
                    };
                    let id = self.note(op.clone(), Some(answer));
                    if link.send(id, &op).await.is_err() {
                        return Ok(1006);
                    }
                }
            }
        }
    }

    fn note(&mut self, op: Op, answer: Option<oneshot::Sender<Result<Value>>>) -> u64 {
        let id = self.next;
        self.next += 1;
        self.waiting.push_back(Waiting { id, op, answer });
        id
    }

    /// What is sent on a new connection: the rooms from where they stand, then what was not answered.
    fn renew(&mut self) -> Vec<(u64, Op)> {
        let old = std::mem::take(&mut self.waiting);
        let rooms: Vec<_> = self.rooms.clone().into_iter().collect();
        for (room, standing) in rooms {
            let op = Op::Subscribe {
                room,
                after_seq: Some(standing.seq),
                epoch: Some(standing.epoch),
            };
            self.note(op, None);
        }
        for it in old {
            let is_passing = matches!(it.op, Op::Typing { .. });
            if it.answer.is_some() && !is_passing {
                self.note(it.op, it.answer);
            }
        }
        let sent = self.waiting.iter();
        sent.map(|it| (it.id, it.op.clone())).collect()
    }

    async fn pushed(&mut self, event: Event) -> Result<(), Dropped> {
        if let Event::Event(said) = &event {
            match self.rooms.get_mut(&said.room_id) {
                // Seen already.
                Some(standing) if said.seq <= standing.seq => return Ok(()),
                Some(standing) => standing.seq = said.seq,
                None => return Ok(()),
            }
        }
        self.tell(News::Push(event)).await
    }

    /// The server is too busy to let this connection go on in one of its rooms. The room is not lost for that.
    fn must_come_back(&self, id: u64, answer: &Result<Value, Box<crate::Problem>>) -> bool {
        let is_renewal = |it: &Waiting| it.id == id && it.answer.is_none();
        let is_ours = self
            .waiting
            .iter()
            .any(|it| is_renewal(it) && is_subscribe(&it.op));
        is_ours
            && answer
                .as_ref()
                .is_err_and(|it| matches!(it.status, 429 | 500..))
    }

    async fn answered(
        &mut self,
        id: u64,
        answer: Result<Value, Box<crate::Problem>>,
    ) -> Result<(), Dropped> {
        let Some(at) = self.waiting.iter().position(|it| it.id == id) else {
            return Ok(());
        };
        let Some(waiting) = self.waiting.remove(at) else {
            return Ok(());
        };
        match (&waiting.op, &answer) {
            (
                Op::Subscribe {
                    room, after_seq, ..
                },
                Ok(value),
            ) => {
                if let Ok(found) = serde_json::from_value::<Subscribed>(value.clone()) {
                    self.subscribed(*room, *after_seq, found).await?;
                }
            }
            (Op::Subscribe { room, .. }, Err(_)) if waiting.answer.is_none() => {
                self.rooms.remove(room);
                self.tell(News::Lost { room: *room }).await?;
            }
            (Op::Unsubscribe { room }, Ok(_)) => {
                self.rooms.remove(room);
            }
            _ => {}
        }
        if let Some(sender) = waiting.answer {
            // Who asked may have stopped waiting.
            let _ = sender.send(answer.map_err(Error::Problem));
        }
        Ok(())
    }

    async fn subscribed(
        &mut self,
        room: Uuid,
        after: Option<i64>,
        found: Subscribed,
    ) -> Result<(), Dropped> {
        let (seq, epoch) = (found.seq, found.epoch);
        let from = match found.recovered {
            true => after.unwrap_or(seq),
            false => seq,
        };
        let standing = Standing {
            seq: from,
            epoch: epoch.clone(),
        };
        self.rooms.insert(room, standing);
        if !found.recovered {
            return self.tell(News::StartOver { room, seq, epoch }).await;
        }
        for event in found.events.unwrap_or_default() {
            let event = Event::Event(Box::new((*event).clone()));
            self.pushed(event).await?;
        }
        Ok(())
    }

    async fn tell(&self, news: News) -> Result<(), Dropped> {
        self.tell.send(Ok(news)).await.map_err(|_| Dropped)
    }
}

fn is_subscribe(op: &Op) -> bool {
    matches!(op, Op::Subscribe { .. })
}

/// Between a half and one.
fn chance() -> f64 {
    let (_, low) = Uuid::now_v7().as_u64_pair();
    0.5 + f64::from(u16::try_from(low & 0xffff).unwrap_or(0)) / 131_072.0
}
