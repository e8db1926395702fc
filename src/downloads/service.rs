//! Tickets: making them, using them, listing their records.

use std::sync::Arc;

use chrono::TimeDelta;
use playhouse_api::downloads as api;
use playhouse_api::page::Page;

use super::journal::TicketJournal;
use super::model::{Error, RecordKey, Ticket, TicketState};
use super::policy;
use super::store;
use crate::accounts::Viewer;
use crate::clock::{Clock, Time};
use crate::config::DownloadsConfig;
use crate::db::{self, Conn, Db};
use crate::events::Events;
use crate::ids::{AccountId, MovieId, TicketId};
use crate::media::{Error as MediaError, Media, Stored, may_use_address};
use crate::membership::{Claim, Membership};
use crate::movies::{Movie, Movies};
use crate::page::PageRequest;
use crate::transfers::disposition::{self, Offer};
use crate::transfers::flow::Flow;
use crate::transfers::live::{Live, LiveKey, Subject, What};
use crate::transfers::registry::Generation;
use crate::transfers::spans::SpanSet;

type Result<T> = std::result::Result<T, Error>;

/// The downloads of the house; cheap to copy.
#[derive(Clone)]
pub struct Downloads {
    db: Db,
    clock: Clock,
    events: Events,
    media: Media,
    wait_seconds: i64,
    ticket_hours: i64,
}

/// A ticket with the facts that say whether it serves.
struct Found {
    ticket: Ticket,
    film: Option<Movie>,
    claim: Claim,
}

impl Downloads {
    pub fn new(
        db: Db,
        clock: Clock,
        events: Events,
        media: Media,
        config: &DownloadsConfig,
    ) -> Downloads {
        Downloads {
            db,
            clock,
            events,
            media,
            wait_seconds: config.wait_seconds,
            ticket_hours: config.ticket_hours,
        }
    }

    /// Makes a ticket for a film.
    ///
    /// # Errors
    /// What [`Membership::admit_in`] refuses.
    pub async fn create_ticket(&self, who: &Viewer, movie: MovieId) -> Result<api::Ticket> {
        let (account, as_admin, now) = (who.id().clone(), who.is_admin(), self.clock.now());
        let (wait, hours) = (self.wait_seconds, self.ticket_hours);
        let ticket = self
            .db
            .write::<_, Error, _>(move |conn| {
                let (film, claim) = Membership::admit_in(conn, &account, &movie, as_admin, now)?;
                let is_vip = claim.account.is_vip(now);
                let wait = policy::wait_seconds(claim.asker, is_vip, film.price, wait);
                let ticket = new_ticket(&claim, &film, wait, hours, now);
                store::insert_ticket(conn, &ticket)?;
                Movies::bump_popularity(conn, &film.id)?;
                Ok(ticket)
            })
            .await?;
        let token = self.media.ticket_token(&ticket.id).await?;
        Ok(view(&ticket, &token, now))
    }

    /// The download that a ticket's address stands for, ready to serve bytes.
    ///
    /// # Errors
    /// Those of [`Media::join`], and what [`policy::may_use_ticket`] refuses.
    pub async fn open(&self, token: &str, who: Option<&AccountId>) -> Result<Arc<Live>> {
        let id = self.media.read_ticket(token).await?;
        let key = LiveKey::Ticket(id.clone());
        let start = |asked_at| self.start(id.clone(), who, asked_at);
        self.media.join(&key, who, start).await
    }

    /// `None` when something was stopped meanwhile, so that the question must be asked again.
    async fn start(
        &self,
        id: TicketId,
        who: Option<&AccountId>,
        asked_at: Generation,
    ) -> Result<Option<Arc<Live>>> {
        let Found {
            ticket,
            film,
            claim,
        } = self.find(id).await?;
        may_use_address(&ticket.account_id, who)?;
        policy::may_use_ticket(claim.asker, &ticket, film.as_ref().into(), self.clock.now())?;
        let mut stored = Stored::from(&film.ok_or(Error::FilmGone)?);
        stored.file_name.clone_from(&ticket.file_name);
        let offering = self.media.open(stored, Offer::Attachment).await?;
        let sent = u64::try_from(ticket.bytes_sent).unwrap_or_default();
        let live = Live::new(
            LiveKey::Ticket(ticket.id.clone()),
            ticket.account_id.clone(),
            Subject::Movie(ticket.movie_id.clone()),
            ticket.expires_at,
            What::File(offering),
            Flow::resume(sent, SpanSet::from_text(&ticket.delivered), None),
        );
        let journal = Box::new(self.journal(ticket));
        let transfers = self.media.transfers();
        Ok(transfers.admit(asked_at, live, Some(journal)).ok())
    }

    fn journal(&self, ticket: Ticket) -> TicketJournal {
        TicketJournal {
            db: self.db.clone(),
            clock: self.clock.clone(),
            events: self.events.clone(),
            ticket: ticket.id,
            owner: ticket.account_id,
            size: ticket.size,
        }
    }

    async fn find(&self, id: TicketId) -> Result<Found> {
        self.db
            .read::<_, Error, _>(move |conn| {
                let ticket = store::find_ticket(conn, &id)?.ok_or(MediaError::NoSuchAddress)?;
                let (account, movie) = (&ticket.account_id, &ticket.movie_id);
                Ok(Found {
                    claim: Membership::claim_in(conn, account, movie, true)?,
                    film: Movies::find_in(conn, movie)?,
                    ticket,
                })
            })
            .await
    }

    /// Removes the records of an account that leaves, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, account: &AccountId) -> db::Result<()> {
        store::delete_all(conn, account)
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
        let shown = |row: Ticket| {
            let live = self
                .media
                .transfers()
                .glance(&LiveKey::Ticket(row.id.clone()));
            row.view(now, live.as_ref())
        };
        Ok(page.page(rows, key).map(shown))
    }
}

fn new_ticket(claim: &Claim, film: &Movie, wait_seconds: i64, hours: i64, now: Time) -> Ticket {
    let available_at = now + TimeDelta::seconds(wait_seconds);
    Ticket {
        id: TicketId::generate(),
        account_id: claim.account.id.clone(),
        movie_id: film.id.clone(),
        movie_title: film.title.clone(),
        file_name: disposition::safe_name(&film.file_name),
        size: film.blob.size,
        price_paid: claim.price_paid,
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
