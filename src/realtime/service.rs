//! What live connections need of the house: who may stay, what hello says, who is told of what.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use playhouse_api::chat::{Event, EventKind};
use playhouse_api::realtime::{Hello, PROTOCOL};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use super::ending::Ending;
use super::figures::Figures;
use super::frames;
use super::house::House;
use super::hub::To;
use super::outbox::Weight;
use super::presence::{Looks, Presence};
use super::rooms::Item;
use crate::accounts::{self, Account, Accounts, Role, Via, Viewer};
use crate::chat::{self, Chat, Circle};
use crate::clock::{Clock, Time};
use crate::config::RealtimeConfig;
use crate::db::{self, Conn, Db};
use crate::events::{Audience, Events, Push};
use crate::ids::{AccountId, RoomId};
use crate::notices::{Notices, Reader};

/// How often it is noted of those who stay that they are here: as much is lost when the server dies.
const NOTE_EVERY: Duration = Duration::from_secs(300);
/// Accounts that one transaction notes.
const NOTED_AT_ONCE: usize = 500;
/// How many connections look into the database at once; far fewer than its queue holds.
const LOOKS: usize = 32;

/// The live connections of the house; cheap to copy.
#[derive(Clone)]
pub struct Realtime {
    db: Db,
    clock: Clock,
    events: Events,
    config: Arc<RealtimeConfig>,
    /// Looks into the database that live connections have under way.
    looks: Arc<Semaphore>,
    pub(super) chat: Chat,
    pub(super) house: House,
}

/// Why somebody may not stay.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Access(#[from] accounts::Error),
    #[error(transparent)]
    Chat(#[from] chat::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        match error {
            Error::Access(accounts::Error::Locked) => Self::Locked,
            Error::Access(accounts::Error::NotSignedIn | accounts::Error::NotFound(_)) => {
                Self::SignedOut
            }
            other => {
                tracing::warn!(error = %other, "could not look who a live connection is");
                Self::Busy
            }
        }
    }
}

impl Realtime {
    /// Ends connections from now on when their access ends.
    ///
    /// # Errors
    /// When the figures cannot be made.
    pub fn new(
        db: Db,
        clock: Clock,
        events: Events,
        chat: Chat,
        config: &RealtimeConfig,
    ) -> prometheus::Result<Self> {
        let grace = Duration::from_secs(config.presence_grace_seconds);
        let presence = Presence::new(grace, clock.clone());
        let house = House::new(Figures::new()?, presence);
        let feed = Arc::new(Feed(house.clone()));
        chat.listen(Arc::clone(&feed) as Arc<dyn chat::Listener>);
        chat.show_presence(feed);
        let registry = house.clone();
        events.on_access_ended(move |ended| registry.end(ended));
        Ok(Self {
            db,
            clock,
            events,
            config: Arc::new(config.clone()),
            looks: Arc::new(Semaphore::new(LOOKS)),
            chat,
            house,
        })
    }

    /// Waits for one's turn to look into the database. When thousands come back at once, they queue here one after the
    /// other, and not in front of everybody else's requests.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed; and without a turn it is only slower for others.
        self.looks.acquire().await.ok()
    }

    pub(super) fn config(&self) -> &RealtimeConfig {
        &self.config
    }

    pub(super) fn figures(&self) -> &Figures {
        self.house.figures()
    }

    /// What is measured, for the metrics of the house.
    #[must_use]
    pub fn measured(&self) -> Vec<Box<dyn prometheus::core::Collector>> {
        self.figures().collectors()
    }

    /// How many accounts are connected to this server, and by how many live connections.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        self.house.count()
    }

    /// How many live connections each login session of an account has to this server.
    #[must_use]
    pub fn connections_of(&self, account: &AccountId) -> HashMap<Uuid, i64> {
        self.house.by_session(account.uuid())
    }

    /// Passes pushes on to whoever is connected, until it is dropped. Does not return.
    pub async fn relay(self) {
        let mut pushes = self.events.subscribe();
        loop {
            match pushes.recv().await {
                Ok(push) => self.pass_on(&push).await,
                Err(RecvError::Lagged(missed)) => {
                    // Nobody knows whose pushes are lost: all come back and see for themselves.
                    tracing::warn!(missed, "pushes came faster than they could be passed on");
                    self.house.end_all(Ending::TooSlow);
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn pass_on(&self, push: &Push) {
        let to = match &push.to {
            Audience::Account(account) => To::Account(account.uuid()),
            Audience::Admins => To::Admins,
            Audience::Everyone => To::Everyone,
        };
        let frame = frames::text(&*push.event);
        self.house.send(&to, &frame, Weight::Needed).await;
    }

    /// Tells presence in waves, until it is dropped. Does not return.
    pub async fn watch(self) {
        let every = Duration::from_millis(self.config.presence_every_ms);
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let presence = self.house.presence();
        let mut noted_at = Instant::now();
        loop {
            ticks.tick().await;
            for account in presence.stale() {
                let circles = presence.circles();
                match self.chat.circle(&AccountId::from(account)).await {
                    Ok(circle) => presence.confine(account, &looks(&circle), circles),
                    Err(error) => tracing::warn!(%error, "could not look who may see whom"),
                }
            }
            let departed = presence.departed();
            let shown = self.note_seen(departed).await;
            presence.show_last_seen(&shown);
            presence.announce();
            if noted_at.elapsed() >= NOTE_EVERY {
                noted_at = Instant::now();
                self.note_seen(presence.present()).await;
            }
        }
    }

    /// Notes when accounts were here last, some at a time; answers of which it may be shown.
    async fn note_seen(&self, seen: Vec<(AccountId, Time)>) -> Vec<(AccountId, Time)> {
        let mut shown = Vec::new();
        for some in seen.chunks(NOTED_AT_ONCE) {
            let all = some.to_vec();
            let noted = self
                .db
                .write_relaxed::<_, db::Error, _>(move |conn| Accounts::note_seen_in(conn, &all));
            match noted.await {
                Ok(ids) => shown.extend(some.iter().filter(|(id, _)| ids.contains(id)).cloned()),
                Err(error) => tracing::warn!(%error, "could not note who was here last"),
            }
        }
        shown
    }

    /// Ends every connection with a code that says to come back, and waits a little for their goodbyes.
    pub async fn stop(&self) {
        self.house.stop(super::STOP_WITHIN).await;
        self.note_seen(self.house.presence().present()).await;
    }

    /// What a connection is told first. Asked after it is in the registry, so nothing falls in between.
    ///
    /// # Errors
    /// Why it cannot stay.
    pub(super) async fn welcome(&self, viewer: &Viewer, connection: Uuid) -> Result<Hello, Ending> {
        let (id, via) = (viewer.id().clone(), viewer.via.clone());
        let chat = self.chat.clone();
        let read = self.db.read::<_, Error, _>(move |conn| {
            let account = stay_in(conn, &id, &via)?;
            let unread = Notices::unread_in(conn, &Reader::from(&account))?;
            Ok((account, unread, chat.hello_in(conn, &id)?))
        });
        let turn = self.turn().await;
        let (account, unread_notices, known) = read.await?;
        drop(turn);
        Ok(Hello {
            rooms: known.rooms,
            friends: known.friends.friends,
            incoming: known.friends.incoming,
            protocol: PROTOCOL,
            connection,
            account: account.view(self.clock.now()),
            unread_notices,
        })
    }

    /// Whether somebody who came in may still be here, and whether they are an admin now.
    ///
    /// # Errors
    /// Why not; [`Ending::Busy`] when nobody could look.
    pub(super) async fn may_stay(&self, viewer: &Viewer) -> Result<bool, Ending> {
        let (id, via) = (viewer.id().clone(), viewer.via.clone());
        let read = self
            .db
            .read::<_, Error, _>(move |conn| stay_in(conn, &id, &via));
        let account = read.await?;
        let now = Viewer {
            account: Arc::new(account),
            via: viewer.via.clone(),
        };
        Ok(now.account.role == Role::Admin && now.is_admin())
    }
}

fn looks(circle: &Circle) -> Looks {
    Looks {
        accounts: circle.accounts.iter().map(AccountId::uuid).collect(),
        sees_last: circle.sees_last,
    }
}

fn stay_in(conn: &mut Conn, id: &AccountId, via: &Via) -> Result<Account, Error> {
    let account = Accounts::get_in(conn, id)?;
    Accounts::may_stay_in(conn, &account, via)?;
    Ok(account)
}

/// What the rooms tell.
struct Feed(House);

impl chat::Listener for Feed {
    fn committed(&self, room: &RoomId, events: &[Arc<Event>]) {
        for event in events {
            let changes_circle = matches!(
                event.kind,
                EventKind::Join | EventKind::Leave | EventKind::Kick
            );
            if let Some(account) = event.account.as_ref().filter(|_| changes_circle) {
                self.0.presence().circle_changed(account.id);
            }
        }
        self.0.rooms().add(room.uuid(), events);
    }

    fn circle_changed(&self, account: &AccountId) {
        self.0.presence().circle_changed(account.uuid());
    }

    fn closed(&self, room: &RoomId) {
        self.0.rooms().tell(room.uuid(), Item::Closed);
    }
}

impl chat::Presence for Feed {
    fn is_online(&self, account: &AccountId) -> bool {
        self.0.presence().is_here(account.uuid())
    }
}
