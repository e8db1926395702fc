//! A member who talks without a pause and notes what they hear, over whatever happens to their connection or session.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use playhouse_api::chat::{Event, NewMessage};
use playhouse_api::client::Client;
use playhouse_api::client::Error;
use playhouse_api::client::live::{Live, News, Requests};
use playhouse_api::events::Event as Push;
use playhouse_api::realtime::close;
use tokio::sync::watch;
use uuid::Uuid;

use super::Dice;

/// The server pings each second.
const SILENCE: Duration = Duration::from_secs(4);

/// What one member knows.
#[derive(Default)]
pub(super) struct Seen {
    /// By room, in the order in which they came.
    pub(super) events: BTreeMap<Uuid, Vec<Event>>,
    /// After which event, and in which log, this member began to listen.
    begun: BTreeMap<Uuid, (i64, String)>,
    /// Acknowledged: room, number and the sender's own id.
    pub(super) acknowledged: Vec<(Uuid, i64, String)>,
    pub(super) broken: usize,
    /// How often the session was ended by another sign-in.
    pub(super) replaced: usize,
}

pub(super) struct Member {
    pub(super) name: String,
    /// Of the session that is not ended.
    pub(super) token: watch::Sender<String>,
    url: String,
    rooms: Vec<Uuid>,
    seen: Mutex<Seen>,
    requests: watch::Sender<Option<Requests>>,
}

impl Member {
    pub(super) fn new(name: String, token: String, url: String, rooms: Vec<Uuid>) -> Arc<Self> {
        Arc::new(Self {
            name,
            token: watch::Sender::new(token),
            url,
            rooms,
            seen: Mutex::default(),
            requests: watch::Sender::new(None),
        })
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Listens, under one session after the other.
    pub(super) async fn listen(self: Arc<Self>) {
        let mut tokens = self.token.subscribe();
        loop {
            let token = tokens.borrow_and_update().clone();
            let client = Client::new(&self.url, Some(token.as_str().into())).unwrap();
            let live = client.live_with(SILENCE);
            self.begin(&live.requests());
            self.requests.send_replace(Some(live.requests()));
            self.hear(live).await;
            self.seen().replaced += 1;
            tokens.wait_for(|new| *new != token).await.unwrap();
        }
    }

    /// Subscribes to all rooms, from where each stands.
    fn begin(&self, requests: &Requests) {
        for room in &self.rooms {
            let since = {
                let seen = self.seen();
                let last = seen.events.get(room).and_then(|it| it.last());
                let begun = seen.begun.get(room);
                begun.map(|(first, epoch)| (last.map_or(*first, |it| it.seq), epoch.clone()))
            };
            let (requests, room) = (requests.clone(), *room);
            // Fails when the session is replaced before it is answered; then the next one asks again.
            tokio::spawn(async move { requests.subscribe(room, since).await });
        }
    }

    /// Notes everything until the session is over.
    async fn hear(&self, mut live: Live) {
        while let Some(news) = live.next().await {
            let mut seen = self.seen();
            match news {
                Ok(News::Push(Push::Event(event))) => {
                    seen.events.entry(event.room_id).or_default().push(*event);
                }
                Ok(News::StartOver { room, seq, epoch }) => {
                    let before = seen.begun.insert(room, (seq, epoch));
                    assert_eq!(before, None, "{room}: nothing had to be started over");
                }
                Ok(News::Lost { room }) => panic!("{room} is lost"),
                Ok(News::Broken(_)) => seen.broken += 1,
                Ok(News::Push(_)) => {}
                Err(error) => return assert_replaced(&error),
            }
        }
        unreachable!("the end of a live connection is told");
    }

    /// Talks in one room or another; says each thing until it is acknowledged, always as the same message.
    pub(super) async fn talk(self: Arc<Self>, mut dice: Dice) {
        let mut requests = self.requests.subscribe();
        loop {
            let room = self.rooms[dice.below(self.rooms.len() as u64) as usize];
            let id = Uuid::now_v7().to_string();
            let message = NewMessage {
                client_msg_id: id.clone(),
                body: format!("{id} 你好"),
                reply_to: None,
            };
            let event = loop {
                let now = requests.borrow_and_update().clone();
                let Some(now) = now else {
                    requests.changed().await.unwrap();
                    continue;
                };
                match now.send(room, message.clone()).await {
                    Ok(event) => break event,
                    Err(Error::Closed(0)) => requests.changed().await.unwrap(),
                    Err(error) if error.is_transient() => {}
                    Err(error) => panic!("{error}"),
                }
            };
            assert_eq!(event.client_msg_id.as_deref(), Some(id.as_str()));
            self.seen().acknowledged.push((room, event.seq, id));
            tokio::time::sleep(Duration::from_millis(dice.below(8))).await;
        }
    }
}

/// A session ends for good for one reason only here.
fn assert_replaced(error: &Error) {
    let is_replaced = matches!(error, Error::Closed(close::SIGNED_IN_ELSEWHERE));
    assert!(is_replaced || error.status() == Some(401), "{error}");
}
