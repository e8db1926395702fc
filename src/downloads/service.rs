//! Tickets: making them, using them, listing their records.

use std::sync::Arc;
use std::time::SystemTime;

use chrono::TimeDelta;
use playhouse_api::downloads as api;
use playhouse_api::page::Page;
use tokio::sync::OnceCell;

use super::journal::TicketJournal;
use super::model::{Error, Film, RecordKey, Ticket, TicketState};
use super::policy::{self, Asker};
use super::store;
use super::tokens::SigningKey;
use crate::accounts::{Account, Accounts, Role, Viewer};
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::db::{Conn, Db};
use crate::events::Events;
use crate::ids::{AccountId, MovieId, TicketId};
use crate::page::PageRequest;
use crate::storage::{BlobHash, LocalBlobs};
use crate::transfers::disposition::{self, Offer};
use crate::transfers::flow::Flow;
use crate::transfers::live::{Live, LiveKey};
use crate::transfers::registry::{Generation, Transfers};
use crate::transfers::serve::Offering;
use crate::transfers::spans::SpanSet;

pub(super) type Result<T> = std::result::Result<T, Error>;

const KEY_SETTING: &str = "media_signing_key";

/// How often a request asks again when transfers were stopped between question and answer.
const ATTEMPTS: u32 = 3;

/// The downloads of the house; cheap to copy.
#[derive(Clone)]
pub struct Downloads {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) transfers: Transfers,
    pub(super) playback_minutes: i64,
    events: Events,
    blobs: LocalBlobs,
    key: Arc<OnceCell<SigningKey>>,
    wait_seconds: i64,
    ticket_hours: i64,
}

/// A ticket with the facts that say whether it serves.
struct Found {
    ticket: Ticket,
    film: Option<Film>,
    is_locked: bool,
}

impl Downloads {
    pub fn new(
        db: Db,
        clock: Clock,
        events: Events,
        transfers: Transfers,
        blobs: LocalBlobs,
        config: &Config,
    ) -> Downloads {
        transfers.listen(&events);
        Downloads {
            db,
            clock,
            transfers,
            events,
            blobs,
            key: Arc::default(),
            playback_minutes: config.movies.playback_minutes,
            wait_seconds: config.downloads.wait_seconds,
            ticket_hours: config.downloads.ticket_hours,
        }
    }

    /// Makes a ticket for a film.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`], [`Error::NotOwned`], [`Error::Locked`].
    pub async fn create_ticket(&self, who: &Viewer, movie: MovieId) -> Result<api::Ticket> {
        let (account, is_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        let (wait, hours) = (self.wait_seconds, self.ticket_hours);
        let ticket = self
            .db
            .write(move |conn| {
                let rights = rights(conn, &account, &movie, is_admin)?;
                let film = store::find_film(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                policy::may_have_bytes(rights.asker, &film, now)?;
                let is_vip = rights.account.is_vip(now);
                let wait = policy::wait_seconds(rights.asker, is_vip, &film, wait);
                let ticket = new_ticket(&account, &film, rights.price_paid, wait, hours, now);
                store::insert_ticket(conn, &ticket)?;
                store::count_interest(conn, &film.id)?;
                Ok::<_, Error>(ticket)
            })
            .await?;
        let token = self.key().await?.ticket(&ticket.id);
        Ok(view(&ticket, &token, now))
    }

    /// The download that a ticket's address stands for, ready to serve bytes.
    ///
    /// # Errors
    /// [`Error::NoSuchAddress`] and what [`policy::may_use_ticket`] and
    /// [`policy::may_use_address`] refuse.
    pub async fn open_ticket(&self, token: &str, who: Option<&AccountId>) -> Result<Arc<Live>> {
        let id = self.key().await?.open_ticket(token);
        let id = id.ok_or(Error::NoSuchAddress)?;
        let key = LiveKey::Ticket(id.clone());
        if let Some(live) = self.find_live(&key, who)? {
            return Ok(live);
        }
        for _ in 0..ATTEMPTS {
            let asked_at = self.transfers.generation();
            if let Some(live) = self.start_ticket(&id, who, asked_at).await? {
                return Ok(live);
            }
        }
        Err(Error::Stopping)
    }

    /// The records of an account, the latest first. Only an admin sees those of others.
    ///
    /// # Errors
    /// [`Error::RecordsOfOthers`].
    pub async fn list(
        &self,
        who: &Viewer,
        account: Option<AccountId>,
        page: PageRequest<RecordKey>,
    ) -> Result<Page<api::DownloadRecord>> {
        let account = account.unwrap_or_else(|| who.id().clone());
        if account != *who.id() && !who.is_admin() {
            return Err(Error::RecordsOfOthers);
        }
        let (after, limit, now) = (page.after, page.rows_to_fetch(), self.clock.now());
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::list_tickets(conn, &account, after, limit)?))
            .await?;
        let key = |row: &Ticket| RecordKey {
            created_at: row.created_at,
            id: row.id.uuid(),
        };
        Ok(page.page(rows, key).map(|row| row.view(now)))
    }

    /// What is under way already, unless it is being stopped.
    pub(super) fn find_live(
        &self,
        key: &LiveKey,
        who: Option<&AccountId>,
    ) -> Result<Option<Arc<Live>>> {
        let Some(live) = self.transfers.find(key) else {
            return Ok(None);
        };
        policy::may_use_address(&live.owner, who)?;
        if self.clock.now() >= live.expires_at {
            return Err(Error::Expired);
        }
        Ok((!live.flow.is_stopped()).then_some(live))
    }

    /// `None` when something was stopped meanwhile, so that the question must be asked again.
    async fn start_ticket(
        &self,
        id: &TicketId,
        who: Option<&AccountId>,
        asked_at: Generation,
    ) -> Result<Option<Arc<Live>>> {
        let found = self.find_ticket(id.clone()).await?;
        let ticket = found.ticket;
        policy::may_use_address(&ticket.account_id, who)?;
        policy::may_use_ticket(
            found.is_locked,
            &ticket,
            found.film.as_ref(),
            self.clock.now(),
        )?;
        let film = found.film.ok_or(Error::FilmGone)?;
        let mut offering = self.offer(&film, Offer::Attachment).await?;
        offering.name.clone_from(&ticket.file_name);
        let sent = u64::try_from(ticket.bytes_sent).unwrap_or_default();
        let flow = Flow::resume(sent, SpanSet::from_text(&ticket.delivered), None);
        let live = Live::new(
            LiveKey::Ticket(ticket.id.clone()),
            ticket.account_id.clone(),
            ticket.movie_id.clone(),
            ticket.expires_at,
            offering,
            flow,
        );
        let journal = TicketJournal {
            db: self.db.clone(),
            clock: self.clock.clone(),
            events: self.events.clone(),
            ticket: ticket.id,
            owner: ticket.account_id,
            size: ticket.size,
        };
        let live = self
            .transfers
            .admit(asked_at, live, Some(Box::new(journal)));
        Ok(live.ok().filter(|live| !live.flow.is_stopped()))
    }

    async fn find_ticket(&self, id: TicketId) -> Result<Found> {
        self.db
            .read(move |conn| {
                let ticket = store::find_ticket(conn, &id)?.ok_or(Error::NoSuchAddress)?;
                let account = Accounts::get_in(conn, &ticket.account_id)?;
                Ok(Found {
                    film: store::find_film(conn, &ticket.movie_id)?,
                    is_locked: account.is_locked,
                    ticket,
                })
            })
            .await
    }

    /// Opens the bytes of a film.
    pub(super) async fn offer(&self, film: &Film, offer: Offer) -> Result<Offering> {
        let damaged = |cause: std::io::Error| Error::Storage(film.id.clone(), cause);
        let hash: BlobHash = film
            .blake3
            .parse()
            .map_err(|error| damaged(std::io::Error::other(error)))?;
        let blobs = self.blobs.clone();
        let opened = tokio::task::spawn_blocking(move || blobs.open(&hash)).await;
        let blob = opened
            .map_err(std::io::Error::other)
            .and_then(std::convert::identity)
            .map_err(damaged)?;
        if i64::try_from(blob.size) != Ok(film.size) {
            let detail = format!("{} bytes instead of {}", blob.size, film.size);
            return Err(damaged(std::io::Error::other(detail)));
        }
        Ok(Offering {
            file: Arc::new(blob.file),
            size: blob.size,
            tag: film.blake3.clone(),
            modified: SystemTime::from(film.stored_at.and_utc()),
            content_type: film.content_type.clone(),
            name: film.file_name.clone(),
            offer,
            sha256: film.sha256.as_deref().and_then(hash_bytes),
        })
    }

    /// The signing key, made by the first node that needs it.
    pub(super) async fn key(&self) -> Result<&SigningKey> {
        self.key
            .get_or_try_init(|| async {
                let fresh = SigningKey::generate().to_text();
                let text = self
                    .db
                    .write::<_, Error, _>(move |conn| {
                        Ok(store::setting_or(conn, KEY_SETTING, &fresh)?)
                    })
                    .await?;
                SigningKey::from_text(&text).ok_or(Error::SigningKey)
            })
            .await
    }
}

/// What a transaction knows of somebody who asks for a film.
pub(super) struct Rights {
    pub account: Account,
    pub asker: Asker,
    pub price_paid: i64,
}

pub(super) fn rights(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
    is_admin: bool,
) -> Result<Rights> {
    let account = Accounts::get_in(conn, account)?;
    let paid = store::find_price_paid(conn, &account.id, movie)?;
    Ok(Rights {
        asker: Asker {
            is_admin: is_admin && account.role == Role::Admin,
            is_locked: account.is_locked,
            owns: paid.is_some(),
        },
        price_paid: paid.unwrap_or_default(),
        account,
    })
}

fn new_ticket(
    account: &AccountId,
    film: &Film,
    price_paid: i64,
    wait_seconds: i64,
    hours: i64,
    now: Time,
) -> Ticket {
    let available_at = now + TimeDelta::seconds(wait_seconds);
    Ticket {
        id: TicketId::generate(),
        account_id: account.clone(),
        movie_id: film.id.clone(),
        movie_title: film.title.clone(),
        file_name: disposition::safe_name(&film.file_name),
        size: film.size,
        price_paid,
        state: TicketState::Waiting,
        bytes_sent: 0,
        delivered: String::new(),
        created_at: now,
        available_at,
        expires_at: available_at + TimeDelta::hours(hours),
        updated_at: now,
    }
}

fn view(ticket: &Ticket, token: &str, now: Time) -> api::Ticket {
    let name = disposition::path_segment(&ticket.file_name);
    api::Ticket {
        id: ticket.id.uuid(),
        url: format!("/media/tickets/{token}/{name}"),
        wait_seconds: (ticket.available_at - now).num_seconds().max(0),
        available_at: ticket.available_at.and_utc(),
        expires_at: ticket.expires_at.and_utc(),
        size: ticket.size,
        file_name: ticket.file_name.clone(),
    }
}

/// The bytes of a SHA-256 in hex.
fn hash_bytes(hex: &str) -> Option<[u8; 32]> {
    // The same 64 digits as a BLAKE3 hash, which knows how to read them.
    blake3::Hash::from_hex(hex)
        .ok()
        .map(|hash| *hash.as_bytes())
}
