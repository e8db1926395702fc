//! From a permit to a download under way.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::journal::EntryJournal;
use super::model::{Asked, Error, Permit, rate_of};
use super::rates::Rates;
use super::shelf::BlobShelf;
use crate::accounts::{Accounts, Via, Viewer};
use crate::blobs::Blobs;
use crate::clock::{Clock, Time};
use crate::config::DriveConfig;
use crate::db::{self, Conn, Db};
use crate::drive::{self, Drive, policy};
use crate::events::Events;
use crate::ids::{AccountId, EntryId};
use crate::media::{Error as MediaError, Media, Stored};
use crate::transfers::disposition::bare_type;
use crate::transfers::flow::Flow;
use crate::transfers::live::{Access, Live, LiveKey, Subject, What};
use crate::transfers::registry::Generation;
use crate::transfers::spans::SpanSet;
use crate::transfers::zip::{Archive, Plan, plan::MAX_ENTRIES};

type Result<T> = std::result::Result<T, Error>;

/// How often the gate is asked again when something was stopped while it answered.
const ATTEMPTS: u32 = 3;

/// KiB that the plans of all archives under way may take together.
const ROOM_KIB: usize = 256 << 10;

/// What drives give out; cheap to copy.
#[derive(Clone)]
pub struct Contents {
    house: Arc<House>,
}

struct House {
    db: Db,
    clock: Clock,
    events: Events,
    media: Media,
    blobs: Blobs,
    config: DriveConfig,
    rates: Rates,
    room: Arc<Semaphore>,
}

impl Contents {
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        events: Events,
        media: Media,
        blobs: Blobs,
        config: &DriveConfig,
    ) -> Contents {
        Contents {
            house: Arc::new(House {
                db,
                clock,
                events,
                media,
                blobs,
                config: config.clone(),
                rates: Rates::default(),
                room: Arc::new(Semaphore::new(ROOM_KIB)),
            }),
        }
    }

    /// A file or folder of the caller's own drive, ready to be sent.
    ///
    /// # Errors
    /// What [`policy::may_read`] and [`Drive::get_in`] refuse; those of [`Contents::admit`].
    pub async fn open(&self, who: &Viewer, id: EntryId, asked: Asked) -> Result<Arc<Live>> {
        let owner = policy::may_read(who)?.clone();
        let via = who.via.clone();
        self.admit(asked, move |conn| {
            let owner = Accounts::get_in(conn, &owner).map_err(drive::Error::from)?;
            Accounts::may_stay_in(conn, &owner, &via).map_err(drive::Error::from)?;
            let entry = Drive::get_in(conn, &owner.id, &id)?;
            Ok::<_, Error>(Permit {
                access: access_of(&owner.id, &via),
                owner,
                node: entry.node,
            })
        })
        .await
    }

    /// Whatever `gate` permits, ready to be sent. The gate is asked for every request, and again when something was
    /// stopped before its answer could count.
    ///
    /// # Errors
    /// What the gate refuses; [`Error::TooMuch`] and [`Error::NoRoom`] for a folder; [`Error::Media`] when the content
    /// is damaged or transfers are being stopped.
    pub async fn admit<E, G>(&self, asked: Asked, gate: G) -> std::result::Result<Arc<Live>, E>
    where
        E: From<Error> + From<db::Error> + Send + 'static,
        G: Fn(&mut Conn) -> std::result::Result<Permit, E> + Clone + Send + 'static,
    {
        for _ in 0..ATTEMPTS {
            let asked_at = self.house.media.transfers().generation();
            let permit = self.house.db.read(gate.clone()).await?;
            if let Some(live) = self.start(asked_at, permit, asked).await? {
                return Ok(live);
            }
        }
        Err(Error::from(MediaError::Stopping).into())
    }

    /// Joins what is under way, or starts it; `None` when something was stopped since `asked_at`.
    async fn start(
        &self,
        asked_at: Generation,
        permit: Permit,
        asked: Asked,
    ) -> Result<Option<Arc<Live>>> {
        let house = &self.house;
        if !permit.node.is_folder() {
            let key = self.key(&permit, &format!("{asked:?}"));
            if let Some(live) = self.find(&key) {
                return Ok(Some(live));
            }
            let stored = stored(&permit, house.clock.now())?;
            let offering = house.media.open(stored, asked.into()).await?;
            return Ok(self.enter(asked_at, key, permit, What::File(offering)));
        }
        let plan = self.plan(&permit).await?;
        let key = self.key(&permit, plan.tag());
        if let Some(live) = self.find(&key) {
            return Ok(Some(live));
        }
        let archive = Archive {
            room: self.room_for(&plan)?,
            plan: Arc::new(plan),
            shelf: Arc::new(BlobShelf {
                blobs: house.blobs.clone(),
                runtime: Handle::current(),
            }),
            name: archive_name(&permit),
        };
        Ok(self.enter(asked_at, key, permit, What::Archive(Arc::new(archive))))
    }

    /// The same entry, unchanged, for the same purpose, by the same right.
    fn key(&self, permit: &Permit, form: &str) -> LiveKey {
        let node = &permit.node;
        let content = node.digests.as_ref().map_or("", |it| &it.blake3);
        LiveKey::Drive {
            access: permit.access.clone(),
            entry: node.id.clone(),
            form: format!("{} {content} {form}", node.revision),
        }
    }

    fn find(&self, key: &LiveKey) -> Option<Arc<Live>> {
        let live = self.house.media.transfers().find(key)?;
        (!live.flow.is_stopped()).then_some(live)
    }

    fn enter(
        &self,
        asked_at: Generation,
        key: LiveKey,
        permit: Permit,
        what: What,
    ) -> Option<Arc<Live>> {
        let house = &self.house;
        let rate = rate_of(&permit.owner, &house.config, house.clock.now());
        let throttle = rate.map(|rate| house.rates.throttle(&permit.owner.id, rate));
        let journal = EntryJournal {
            events: house.events.clone(),
            entry: permit.node.id.clone(),
            owner: permit.owner.id.clone(),
            size: what.size(),
        };
        let live = Live::new(
            key,
            permit.owner.id,
            Subject::Entry(permit.node.id.clone()),
            // The gate is asked for every request.
            Time::MAX,
            what,
            Flow::resume(0, SpanSet::default(), throttle),
        );
        let entered = house
            .media
            .transfers()
            .admit(asked_at, live, Some(Box::new(journal)));
        entered.ok().filter(|live| !live.flow.is_stopped())
    }

    async fn plan(&self, permit: &Permit) -> Result<Plan> {
        let folder = permit.node.id.clone();
        let listed = self
            .house
            .db
            .read(move |conn| Drive::archive_in(conn, &folder, MAX_ENTRIES))
            .await;
        let nodes = listed.map_err(|error| match error {
            drive::Error::TooMany { .. } => Error::TooMuch(crate::transfers::zip::TooMuch),
            error => error.into(),
        })?;
        // Sorting and hashing many names takes a while.
        let planned = tokio::task::spawn_blocking(move || Plan::new(nodes)).await;
        let planned = planned.map_err(|error| Error::NoContent(error.to_string()))?;
        Ok(planned?)
    }

    fn room_for(&self, plan: &Plan) -> Result<OwnedSemaphorePermit> {
        let kib = u32::try_from(plan.weight() / 1024 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.house.room);
        room.try_acquire_many_owned(kib).map_err(|_| Error::NoRoom)
    }
}

fn access_of(owner: &AccountId, via: &Via) -> Access {
    match via {
        Via::Password => Access::Password(owner.clone()),
        Via::Session(id) => Access::Session(id.clone()),
        Via::Token { id, .. } => Access::Token(id.clone()),
    }
}

fn stored(permit: &Permit, now: Time) -> Result<Stored> {
    let node = &permit.node;
    let digests = node.digests.clone();
    let digests = digests.ok_or_else(|| Error::NoContent(node.id.to_string()))?;
    Ok(Stored {
        blake3: digests.blake3,
        size: node.size,
        sha256: digests.sha256,
        // A member's own clock may say anything; a header takes what lies between 1970 and now.
        stored_at: node.modified_at.clamp(EPOCH.min(now), now),
        content_type: bare_type(&node.content_type),
        file_name: node.name.clone(),
    })
}

const EPOCH: Time = chrono::DateTime::UNIX_EPOCH.naive_utc();

fn archive_name(permit: &Permit) -> String {
    match permit.node.is_root() {
        true => "Drive.zip".to_owned(),
        false => format!("{}.zip", permit.node.name),
    }
}
