//! How the Transfer actor's progress reaches the record of a ticket and the member's screens.

use playhouse_api::events::{Event, TransferEvent, TransferKind, TransferState};

use super::model::Error;
use super::store;
use crate::clock::Clock;
use crate::db::{Conn, Db};
use crate::events::{Audience, Events};
use crate::ids::{AccountId, TicketId};
use crate::transfers::live::{Journal, LiveState, Noted, Progress};

/// The record of one ticket.
pub(super) struct TicketJournal {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub ticket: TicketId,
    pub owner: AccountId,
    pub size: i64,
}

impl Journal for TicketJournal {
    fn note(&self, progress: Progress, is_last: bool) -> Noted {
        let (db, id, now) = (self.db.clone(), self.ticket.clone(), self.clock.now());
        let (state, sent) = (progress.state.into(), bytes(progress.sent));
        let delivered = progress.delivered.to_text();
        let change = move |conn: &mut Conn| -> Result<(), Error> {
            Ok(store::note_progress(
                conn, &id, state, sent, &delivered, now,
            )?)
        };
        Box::pin(async move {
            let noted = match is_last {
                true => db.write(change).await,
                false => db.write_relaxed(change).await,
            };
            noted.map_err(|error| error.to_string())
        })
    }

    fn tell(&self, progress: &Progress) {
        let event = TransferEvent {
            id: self.ticket.uuid(),
            kind: TransferKind::Download,
            sent: bytes(progress.sent),
            size: Some(self.size),
            state: match progress.state {
                LiveState::Running => TransferState::Running,
                LiveState::Paused => TransferState::Paused,
                LiveState::Completed => TransferState::Completed,
                LiveState::Aborted => TransferState::Aborted,
            },
        };
        let owner = Audience::Account(self.owner.clone());
        self.events.push(owner, Event::Transfer(event));
    }
}

/// A count of bytes as the database keeps it.
fn bytes(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
