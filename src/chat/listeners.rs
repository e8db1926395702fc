//! Those who are told what has been committed.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use playhouse_api::chat::Event;

use super::feed::{Listener, Presence};
use super::writer::News;
use crate::events::{Audience, Events};
use crate::ids::{AccountId, RoomId};

/// Cheap to copy.
#[derive(Clone)]
pub(super) struct Listeners {
    all: Arc<RwLock<Vec<Arc<dyn Listener>>>>,
    presence: Arc<OnceLock<Arc<dyn Presence>>>,
    events: Events,
}

impl Listeners {
    pub(super) fn new(events: Events) -> Self {
        Self {
            all: Arc::default(),
            presence: Arc::default(),
            events,
        }
    }

    pub(super) fn add(&self, listener: Arc<dyn Listener>) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.push(listener);
    }

    pub(super) fn show_presence(&self, presence: Arc<dyn Presence>) {
        // Whoever comes first stays: there is one register of who is connected.
        drop(self.presence.set(presence));
    }

    /// Whether somebody is connected; nobody is while nobody says so.
    pub(super) fn is_online(&self, account: &AccountId) -> bool {
        self.presence
            .get()
            .is_some_and(|presence| presence.is_online(account))
    }

    /// Tells what one commit held: the events of each room in the order of their numbers, then the rest.
    pub(super) fn tell(&self, news: Vec<News>) {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let mut rooms: Vec<(RoomId, Vec<Arc<Event>>)> = Vec::new();
        for event in news.iter().flat_map(|it| &it.events) {
            let room = RoomId::from(event.room_id);
            match rooms.iter_mut().find(|(known, _)| *known == room) {
                Some((_, events)) => events.push(Arc::clone(event)),
                None => rooms.push((room, vec![Arc::clone(event)])),
            }
        }
        for (room, events) in &rooms {
            all.iter().for_each(|it| it.committed(room, events));
        }
        for one in news {
            for (account, push) in one.pushes {
                self.events.push(Audience::Account(account), push);
            }
            for account in &one.circles {
                all.iter().for_each(|it| it.circle_changed(account));
            }
            for room in &one.closed {
                all.iter().for_each(|it| it.closed(room));
            }
        }
    }
}
