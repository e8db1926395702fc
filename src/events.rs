//! What happens in the house, told to whoever listens.
//!
//! Three seams. [`Events::on_access_ended`] calls a listener at once, on the thread that tells: for what must not be missed, such as
//! ending the transfers of an account that was locked. [`Events::subscribe`] gives a stream that forgets the oldest
//! when its reader is slow: for progress and notices on their way to a member's screens, where the next one corrects
//! the last. Neither holds truth; the database does. [`Events::tell_in`] is for those outside of the house: it writes down,
//! within a change, what they are to be told.

mod outbox;

use std::sync::{Arc, RwLock};

use playhouse_api::webhooks::Happening;
use tokio::sync::broadcast;

pub use outbox::Outbox;

use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::{AccessTokenId, AccountId, SessionId};

/// How many pushes a slow reader may lag behind.
const BACKLOG: usize = 1024;

/// Why somebody may no longer be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    SignedOut,
    SignedInElsewhere,
    PasswordChanged,
    TokenRevoked,
    Locked,
    /// Its owner deleted the account.
    Deleted,
}

/// Access that has ended: one login session, one access token, what a password let in, or, when none of them is
/// named, everything of an account.
#[derive(Clone, Debug)]
pub struct AccessEnded {
    pub account: AccountId,
    pub session: Option<SessionId>,
    pub token: Option<AccessTokenId>,
    /// Whether it is what came in by the password that was good until now.
    pub password: bool,
    pub reason: EndReason,
}

impl AccessEnded {
    /// Whether every session and token of the account has ended.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.session.is_none() && self.token.is_none() && !self.password
    }
}

/// Whom a push is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    Account(AccountId),
    /// Every admin of the house.
    Admins,
    Everyone,
}

/// A push in the words of the API, on its way to connected sessions.
#[derive(Clone, Debug)]
pub struct Push {
    pub to: Audience,
    pub event: Arc<playhouse_api::events::Event>,
}

type Listener = Box<dyn Fn(&AccessEnded) + Send + Sync>;

/// The house's in-process bus; cheap to copy.
#[derive(Clone)]
pub struct Events {
    listeners: Arc<RwLock<Vec<Listener>>>,
    pushes: broadcast::Sender<Push>,
    outbox: outbox::Slot,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            listeners: Arc::default(),
            pushes: broadcast::Sender::new(BACKLOG),
            outbox: outbox::Slot::default(),
        }
    }
}

impl Events {
    /// Calls `listener` whenever access ends. It must be quick and must not wait.
    pub fn on_access_ended(&self, listener: impl Fn(&AccessEnded) + Send + Sync + 'static) {
        let mut listeners = self
            .listeners
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        listeners.push(Box::new(listener));
    }

    /// Tells that access has ended; returns when every listener has heard it.
    pub fn access_ended(&self, ended: &AccessEnded) {
        let listeners = self
            .listeners
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        listeners.iter().for_each(|listener| listener(ended));
    }

    /// Sends a push to whoever is connected; nobody may be.
    pub fn push(&self, to: Audience, event: playhouse_api::events::Event) {
        if self.pushes.receiver_count() > 0 {
            drop(self.pushes.send(Push {
                to,
                event: Arc::new(event),
            }));
        }
    }

    /// All pushes from now on. The caller picks those for its account.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Push> {
        self.pushes.subscribe()
    }

    /// Says who writes down what others are to be told. Without one nobody is told.
    pub fn keep_outbox(&self, outbox: impl Outbox + 'static) {
        self.outbox.fill(Box::new(outbox));
    }

    /// Has others told that this has happened, as part of the caller's transaction. After the commit, call
    /// [`Events::committed`].
    ///
    /// # Errors
    /// When the database refuses.
    pub fn tell_in(&self, conn: &mut Conn, now: Time, happening: &Happening) -> db::Result<()> {
        match self.outbox.get() {
            Some(outbox) => outbox.put_in(conn, now, happening),
            None => Ok(()),
        }
    }

    /// What was told within a change can go out.
    pub fn committed(&self) {
        if let Some(outbox) = self.outbox.get() {
            outbox.committed();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn every_listener_hears_before_the_teller_goes_on() {
        let events = Events::default();
        let heard = Arc::new(AtomicU32::new(0));
        for _ in 0..2 {
            let heard = Arc::clone(&heard);
            events.on_access_ended(move |_| {
                heard.fetch_add(1, Ordering::Relaxed);
            });
        }
        let account = AccountId::generate();
        events.access_ended(&AccessEnded {
            account,
            session: None,
            token: None,
            password: false,
            reason: EndReason::Locked,
        });
        assert_eq!(heard.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_slow_reader_loses_the_oldest_and_is_told() {
        let events = Events::default();
        let mut reader = events.subscribe();
        for _ in 0..=BACKLOG {
            events.push(
                Audience::Everyone,
                playhouse_api::events::Event::SessionEnded,
            );
        }
        assert!(matches!(
            reader.recv().await,
            Err(broadcast::error::RecvError::Lagged(1))
        ));
        assert_eq!(reader.recv().await.unwrap().to, Audience::Everyone);
    }
}
