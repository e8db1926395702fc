//! The changes that wait for the writer.

use std::sync::Arc;

use playhouse_api::chat::Event;
use tokio::sync::oneshot;

use super::{Changed, News, Result};
use crate::chat::feed::Sent;
use crate::chat::refusal::Error;
use crate::chat::sending::{self, Ask};
use crate::chat::store::log;
use crate::clock::Time;
use crate::db::{self, Conn};

/// One change that waits.
pub(super) trait Job: Send {
    /// The message that it is, if it is one.
    fn ask(&self) -> Option<&Ask> {
        None
    }
    /// Makes the change. Called again when the transaction is tried again.
    fn run(&mut self, conn: &mut Conn, now: Time) -> db::Result<()>;
    /// Notes what became of a message.
    fn sent(&mut self, _told: Result<Sent>) {}
    /// What to tell of it; empties it.
    fn news(&mut self) -> News;
    /// Answers who asked; `fault` is why it is not committed.
    fn answer(self: Box<Self>, fault: Option<Error>);
}

/// A message that somebody sends.
pub(super) struct Message {
    pub(super) ask: Ask,
    pub(super) told: Option<Result<Sent>>,
    pub(super) answer: oneshot::Sender<Result<Sent>>,
}

impl Job for Message {
    fn ask(&self) -> Option<&Ask> {
        Some(&self.ask)
    }

    fn run(&mut self, conn: &mut Conn, now: Time) -> db::Result<()> {
        self.told = sending::keep(conn, now, &[&self.ask])?.pop();
        Ok(())
    }

    fn sent(&mut self, told: Result<Sent>) {
        self.told = Some(told);
    }

    fn news(&mut self) -> News {
        let events = match &self.told {
            Some(Ok(Sent::New(event))) => vec![Arc::clone(event)],
            _ => Vec::new(),
        };
        News {
            events,
            ..News::default()
        }
    }

    fn answer(self: Box<Self>, fault: Option<Error>) {
        let told = match fault {
            Some(fault) => Err(fault),
            None => self.told.unwrap_or(Err(Error::Busy)),
        };
        // The sender may have hung up; the message is kept all the same.
        drop(self.answer.send(told));
    }
}

/// What a change answers, and the events that it added.
pub(super) type Made<T> = (T, Vec<Arc<Event>>);

/// Any other change.
pub(super) struct Other<T, F> {
    pub(super) change: F,
    pub(super) told: Option<Result<Made<T>>>,
    pub(super) news: News,
    pub(super) answer: oneshot::Sender<Result<Made<T>>>,
}

impl<T, F> Job for Other<T, F>
where
    T: Send,
    F: FnMut(&mut Conn, Time) -> Result<Changed<T>> + Send,
{
    fn run(&mut self, conn: &mut Conn, now: Time) -> db::Result<()> {
        self.news = News::default();
        let changed = db::in_part::<_, Error>(conn, |conn| {
            let changed = (self.change)(conn, now)?;
            let names = log::names_in(conn, &changed.events)?;
            let events: Vec<_> = changed.events.iter().map(|it| it.view(&names)).collect();
            Ok((changed, events))
        });
        self.told = Some(match changed {
            Ok((changed, events)) => {
                let events: Vec<_> = events.into_iter().map(Arc::new).collect();
                self.news = News {
                    events: events.clone(),
                    pushes: changed.pushes,
                    circles: changed.circles,
                    closed: changed.closed,
                };
                Ok((changed.value, events))
            }
            Err(error) => Err(error.not_of_the_database()?),
        });
        Ok(())
    }

    fn news(&mut self) -> News {
        std::mem::take(&mut self.news)
    }

    fn answer(self: Box<Self>, fault: Option<Error>) {
        let told = match fault {
            Some(fault) => Err(fault),
            None => self.told.unwrap_or(Err(Error::Busy)),
        };
        drop(self.answer.send(told));
    }
}
