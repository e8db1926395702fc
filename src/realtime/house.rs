//! The registry of who is connected to this node: each account's connections, and the hubs that reach them.
//!
//! Keeps true: whoever is in the registry is told when their access ends, at once and from whatever thread that happens
//! on; whoever entered before their access was looked at again cannot slip through. A [`Stay`] leaves when it is dropped,
//! so every way out of a session tells the house.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use uuid::Uuid;

use super::ending::{Bell, Ending};
use super::figures::Figures;
use super::hub::{Delivery, Inbox, To};
use super::limits::{Doors, Refused};
use super::outbox::Weight;
use super::presence::Presence;
use super::rooms::Rooms;
use super::seat::SeatId;
use crate::accounts::{Via, Viewer};
use crate::config::RealtimeConfig;
use crate::events::AccessEnded;

/// The registry; cheap to copy.
#[derive(Clone)]
pub(super) struct House {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Mutex<Registry>,
    next: AtomicU64,
    is_stopping: AtomicBool,
    emptied: Notify,
    figures: Figures,
    presence: Presence,
    rooms: Rooms,
}

#[derive(Default)]
struct Registry {
    doors: Doors,
    accounts: HashMap<Uuid, Vec<Entry>>,
    hubs: Vec<Arc<Inbox>>,
    count: usize,
}

/// One connection.
struct Entry {
    id: SeatId,
    via: Via,
    bell: Arc<Bell>,
    hub: Arc<Inbox>,
}

/// A connection's place in the registry, as long as this is there.
pub(super) struct Stay {
    house: House,
    pub(super) id: SeatId,
    pub(super) bell: Arc<Bell>,
    account: Uuid,
    address: IpAddr,
}

impl House {
    pub(super) fn new(figures: Figures, presence: Presence) -> Self {
        let rooms = Rooms::new(figures.rooms.clone());
        Self {
            inner: Arc::new(Inner {
                registry: Mutex::default(),
                next: AtomicU64::new(1),
                is_stopping: AtomicBool::new(false),
                emptied: Notify::new(),
                figures,
                presence,
                rooms,
            }),
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        let registry = self.inner.registry.lock();
        registry.unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn figures(&self) -> &Figures {
        &self.inner.figures
    }

    pub(super) fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    pub(super) fn rooms(&self) -> &Rooms {
        &self.inner.rooms
    }

    /// Another worker's hub can be reached.
    pub(super) fn add_hub(&self, inbox: &Arc<Inbox>) {
        let mut registry = self.registry();
        registry.hubs.retain(|it| !it.is_closed());
        registry.hubs.push(Arc::clone(inbox));
    }

    /// Lets a connection in.
    ///
    /// # Errors
    /// Which limit it would break.
    pub(super) fn enter(
        &self,
        viewer: &Viewer,
        address: IpAddr,
        hub: &Arc<Inbox>,
        config: &RealtimeConfig,
    ) -> Result<Stay, Refused> {
        let account = viewer.id().uuid();
        let bell = Arc::new(Bell::default());
        let id = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let mut registry = self.registry();
        if registry.count >= config.max_connections {
            return Err(Refused::House);
        }
        registry.doors.enter(account, address, config)?;
        registry.count += 1;
        let entries = registry.accounts.entry(account).or_default();
        entries.push(Entry {
            id,
            via: viewer.via.clone(),
            bell: Arc::clone(&bell),
            hub: Arc::clone(hub),
        });
        drop(registry);
        self.inner.figures.sockets.inc();
        self.inner.presence.enter(account);
        if self.is_stopping() {
            bell.ring(Ending::Stopping);
        }
        Ok(Stay {
            house: self.clone(),
            id,
            bell,
            account,
            address,
        })
    }

    /// How many accounts are connected, and by how many connections.
    pub(super) fn count(&self) -> (usize, usize) {
        let registry = self.registry();
        (registry.accounts.len(), registry.count)
    }

    /// How many connections each login session of an account has.
    pub(super) fn by_session(&self, account: Uuid) -> HashMap<Uuid, i64> {
        let mut counts = HashMap::new();
        let registry = self.registry();
        for entry in registry.accounts.get(&account).into_iter().flatten() {
            if let Via::Session(id) = &entry.via {
                *counts.entry(id.uuid()).or_default() += 1;
            }
        }
        counts
    }

    /// Ends the connections whose access has ended.
    pub(super) fn end(&self, ended: &AccessEnded) {
        let registry = self.registry();
        let entries = registry.accounts.get(&ended.account.uuid());
        for entry in entries.into_iter().flatten() {
            let is_meant = match &entry.via {
                Via::Session(id) => ended.session.as_ref() == Some(id),
                Via::Password => ended.password,
                Via::Token { id, .. } => ended.token.as_ref() == Some(id),
            };
            if is_meant || ended.is_everything() {
                entry.bell.ring(ended.reason.into());
            }
        }
    }

    /// Sends a frame to whom it is for. Waits while their workers are behind.
    pub(super) async fn send(&self, to: &To, frames: &Bytes, weight: Weight) {
        for hub in self.hubs_of(to) {
            hub.room().await;
            hub.send(Delivery {
                to: to.clone(),
                frames: frames.clone(),
                weight,
            });
        }
    }

    fn hubs_of(&self, to: &To) -> Vec<Arc<Inbox>> {
        let registry = self.registry();
        let To::Account(account) = to else {
            return registry.hubs.clone();
        };
        let mut hubs: Vec<Arc<Inbox>> = Vec::new();
        for entry in registry.accounts.get(account).into_iter().flatten() {
            if !hubs.iter().any(|it| Arc::ptr_eq(it, &entry.hub)) {
                hubs.push(Arc::clone(&entry.hub));
            }
        }
        hubs
    }

    /// Ends every connection.
    pub(super) fn end_all(&self, why: Ending) {
        let registry = self.registry();
        let entries = registry.accounts.values().flatten();
        entries.for_each(|entry| entry.bell.ring(why));
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.inner.is_stopping.load(Ordering::SeqCst)
    }

    /// Ends every connection, now and from now on, and returns when all have said goodbye or `within` is over.
    pub(super) async fn stop(&self, within: Duration) {
        self.inner.is_stopping.store(true, Ordering::SeqCst);
        self.end_all(Ending::Stopping);
        let emptied = async {
            loop {
                let notified = self.inner.emptied.notified();
                if self.registry().count == 0 {
                    return;
                }
                notified.await;
            }
        };
        // Who does not read must not hold up the rest.
        let _ = tokio::time::timeout(within, emptied).await;
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut registry = self.house.registry();
        registry.doors.leave(self.account, self.address);
        registry.count -= 1;
        if let Some(entries) = registry.accounts.get_mut(&self.account) {
            entries.retain(|it| it.id != self.id);
            if entries.is_empty() {
                registry.accounts.remove(&self.account);
            }
        }
        let is_empty = registry.count == 0;
        drop(registry);
        self.house.inner.figures.sockets.dec();
        self.house.inner.presence.unwatch(self.id);
        self.house.inner.presence.leave(self.account);
        if is_empty {
            self.house.inner.emptied.notify_waiters();
        }
    }
}
