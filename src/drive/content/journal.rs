//! How the progress of a download reaches the screens of the drive's owner. No record is kept of it.

use playhouse_api::events::{Event, TransferEvent, TransferKind, TransferState};

use crate::events::{Audience, Events};
use crate::ids::{AccountId, EntryId};
use crate::transfers::live::{Journal, LiveState, Noted, Progress};

/// One download of an entry.
pub(super) struct EntryJournal {
    pub events: Events,
    pub entry: EntryId,
    pub owner: AccountId,
    /// Bytes of what is sent.
    pub size: u64,
}

impl Journal for EntryJournal {
    fn note(&self, _: Progress, _: bool) -> Noted {
        Box::pin(std::future::ready(Ok(())))
    }

    fn tell(&self, progress: &Progress) {
        let event = TransferEvent {
            id: self.entry.uuid(),
            kind: TransferKind::Download,
            sent: bytes(progress.sent),
            size: Some(bytes(self.size)),
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

fn bytes(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
