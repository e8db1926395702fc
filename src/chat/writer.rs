//! The writer: one thread through which every change of rooms and friends goes, many in one commit.
//!
//! A commit costs a flush of the disk, whatever it holds. While one is under way, changes queue; then all that wait are
//! made in one transaction. Messages are taken together (see [`sending`]), other changes each in a part
//! of its own, so that one that is refused undoes only itself. Keeps true: nothing is answered before the commit; the
//! listeners hear of every room's events in the order of `seq`; changes of one process never conflict with each other on
//! PostgreSQL. When a commit fails as a whole, each of its changes is made alone, so that a bad one costs nobody else.
//! The queue is bounded; a full one answers [`Error::Busy`].

mod jobs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use playhouse_api::chat::Event;
use playhouse_api::events::Event as Push;
use tokio::sync::{mpsc, oneshot};

use super::feed::Sent;
use super::listeners::Listeners;
use super::model::EventRow;
use super::refusal::Error;
use super::sending::{self, Ask};
use crate::clock::{Clock, Time};
use crate::db::{self, Conn, Db};
use crate::ids::{AccountId, RoomId};
use jobs::{Job, Made, Message, Other};

type Result<T> = std::result::Result<T, Error>;

/// Changes in one commit.
const MOST: usize = 256;

/// What a change has done, for those who are to be told after the commit.
pub(super) struct Changed<T> {
    pub value: T,
    /// Events that were added to logs, in the order of their numbers.
    pub events: Vec<EventRow>,
    /// Whom to tell something personal.
    pub pushes: Vec<(AccountId, Push)>,
    /// Whose circle is another one now.
    pub circles: Vec<AccountId>,
    /// Rooms that have gone.
    pub closed: Vec<RoomId>,
}

impl<T> Changed<T> {
    /// Something that nobody else is told of.
    pub(super) fn only(value: T) -> Self {
        Self {
            value,
            events: Vec::new(),
            pushes: Vec::new(),
            circles: Vec::new(),
            closed: Vec::new(),
        }
    }
}

/// What is told after a commit.
#[derive(Default)]
pub(super) struct News {
    pub events: Vec<Arc<Event>>,
    pub pushes: Vec<(AccountId, Push)>,
    pub circles: Vec<AccountId>,
    pub closed: Vec<RoomId>,
}

type Jobs = Vec<Box<dyn Job>>;

/// The queue in front of the writer; cheap to copy.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the thread. It ends with the last copy of the writer.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(
        db: Db,
        clock: Clock,
        listeners: Listeners,
        queue: usize,
    ) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(queue.max(1));
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let desk = Desk {
            db,
            clock,
            listeners,
        };
        std::thread::Builder::new()
            .name("chat-writer".to_owned())
            .spawn(move || runtime.block_on(desk.work(waiting)))?;
        Ok(Self { jobs })
    }

    /// Keeps a message, together with others that wait.
    ///
    /// # Errors
    /// Why it was not kept.
    pub(super) async fn send(&self, ask: Ask) -> Result<Sent> {
        let (answer, answered) = oneshot::channel();
        self.queue(Box::new(Message {
            ask,
            told: None,
            answer,
        }))?;
        answered.await.unwrap_or(Err(Error::Busy))
    }

    /// Makes a change; `change` may run more than once. A change that was queued is made even when its caller has gone.
    ///
    /// # Errors
    /// What `change` answers; then it was undone.
    pub(super) async fn change<T, F>(&self, change: F) -> Result<Made<T>>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn, Time) -> Result<Changed<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.queue(Box::new(Other {
            change,
            told: None,
            news: News::default(),
            answer,
        }))?;
        answered.await.unwrap_or(Err(Error::Busy))
    }

    fn queue(&self, job: Box<dyn Job>) -> Result<()> {
        self.jobs.try_send(job).map_err(|_| Error::Busy)
    }
}

/// What the thread works with.
struct Desk {
    db: Db,
    clock: Clock,
    listeners: Listeners,
}

impl Desk {
    async fn work(self, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
        loop {
            let mut jobs = Vec::new();
            if waiting.recv_many(&mut jobs, MOST).await == 0 {
                return;
            }
            // A stable order: messages first, room by room, then the others as they came. All wait at the same time, so
            // any order is right.
            jobs.sort_by_cached_key(|job| {
                let room = job.ask().map(|ask| ask.room.clone());
                (room.is_none(), room)
            });
            self.make(jobs).await;
        }
    }

    /// Makes changes in one commit; if that fails, each alone.
    async fn make(&self, jobs: Jobs) {
        let (jobs, made) = self.commit(jobs).await;
        match made {
            Ok(()) => self.tell(jobs),
            Err(_) if jobs.len() > 1 => {
                for job in jobs {
                    let (mut jobs, made) = self.commit(vec![job]).await;
                    match (made, jobs.pop()) {
                        (Err(error), Some(job)) => job.answer(Some(error)),
                        (Ok(()), Some(job)) => self.tell(vec![job]),
                        (_, None) => {}
                    }
                }
            }
            Err(error) => {
                if let Some(job) = jobs.into_iter().next() {
                    job.answer(Some(error));
                }
            }
        }
    }

    async fn commit(&self, jobs: Jobs) -> (Jobs, Result<()>) {
        let jobs = Arc::new(Mutex::new(jobs));
        let (shared, clock) = (Arc::clone(&jobs), self.clock.clone());
        let made = self
            .db
            .write::<_, Error, _>(move |conn| Ok(run(conn, clock.now(), &mut lock(&shared))?))
            .await;
        let jobs = std::mem::take(&mut *lock(&jobs));
        (jobs, made)
    }

    /// Tells what is durable now, and answers those who asked: one room after the other, so that what the members of a
    /// room said and their answers can leave together.
    fn tell(&self, jobs: Jobs) {
        let mut jobs = jobs.into_iter().peekable();
        while let Some(first) = jobs.next() {
            let room = first.ask().map(|ask| ask.room.clone());
            let mut together = vec![first];
            while let Some(next) = jobs.next_if(|job| {
                let ask = job.ask();
                ask.is_some_and(|ask| Some(&ask.room) == room.as_ref())
            }) {
                together.push(next);
            }
            self.tell_together(together);
        }
    }

    fn tell_together(&self, mut jobs: Jobs) {
        let news: Vec<News> = jobs.iter_mut().map(|job| job.news()).collect();
        let told = catch_unwind(AssertUnwindSafe(|| self.listeners.tell(news)));
        if told.is_err() {
            tracing::error!("a listener of the rooms panicked");
        }
        jobs.into_iter().for_each(|job| job.answer(None));
    }
}

fn lock(jobs: &Mutex<Jobs>) -> MutexGuard<'_, Jobs> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(conn: &mut Conn, now: Time, jobs: &mut [Box<dyn Job>]) -> db::Result<()> {
    let asks: Vec<&Ask> = jobs.iter().filter_map(|job| job.ask()).collect();
    let told = sending::keep(conn, now, &asks)?;
    let mut told = told.into_iter();
    for job in jobs {
        if job.ask().is_some() {
            job.sent(told.next().unwrap_or(Err(Error::Busy)));
        } else {
            job.run(conn, now)?;
        }
    }
    Ok(())
}
