//! The types of this slice, and what can go wrong in it.

use playhouse_api::downloads as api;
use playhouse_api::problem::ErrorCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Time;
use crate::db::{self, text_enum};
use crate::ids::{AccountId, MovieId, TicketId};
use crate::media;
use crate::membership;
use crate::transfers::live::{LiveState, Progress};

text_enum! {
    /// How the download of a ticket stands, as its row says.
    pub enum TicketState {
        Waiting = "waiting",
        Running = "running",
        Paused = "paused",
        Completed = "completed",
        Aborted = "aborted",
    }
}

impl From<LiveState> for TicketState {
    fn from(state: LiveState) -> Self {
        match state {
            LiveState::Running => Self::Running,
            LiveState::Paused => Self::Paused,
            LiveState::Completed => Self::Completed,
            LiveState::Aborted => Self::Aborted,
        }
    }
}

/// A running download notes its progress every second; without a note for this long, the node
/// that ran it is gone, or its client takes nothing.
const STALE: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

/// A row of `download_tickets`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::download_tickets)]
pub struct Ticket {
    pub id: TicketId,
    pub account_id: AccountId,
    pub movie_id: MovieId,
    pub movie_title: String,
    pub file_name: String,
    pub size: i64,
    pub price_paid: i64,
    pub state: TicketState,
    pub bytes_sent: i64,
    /// Which bytes were delivered, as `0-99,200-299`.
    pub delivered: String,
    pub created_at: Time,
    pub available_at: Time,
    pub expires_at: Time,
    pub updated_at: Time,
}

impl Ticket {
    /// The state as the API shows it at `now`.
    pub fn state_at(&self, now: Time) -> api::DownloadState {
        use api::DownloadState as Shown;
        let is_running = self.state == TicketState::Running && now - self.updated_at < STALE;
        match self.state {
            TicketState::Completed => Shown::Completed,
            TicketState::Aborted => Shown::Aborted,
            _ if is_running => Shown::Running,
            _ if now >= self.expires_at => Shown::Expired,
            TicketState::Waiting if now < self.available_at => Shown::Waiting,
            TicketState::Waiting => Shown::Ready,
            _ => Shown::Paused,
        }
    }

    /// The record as the API shows it. What is under way on this node is ahead of what has been written down.
    pub fn view(&self, now: Time, live: Option<&Progress>) -> api::DownloadRecord {
        let sent = live.map_or(0, |it| i64::try_from(it.sent).unwrap_or(i64::MAX));
        let state = match live {
            Some(live) if sent > self.bytes_sent || live.state != LiveState::Running => {
                shown(live.state)
            }
            _ => self.state_at(now),
        };
        api::DownloadRecord {
            id: self.id.uuid(),
            movie_id: self.movie_id.uuid(),
            title: self.movie_title.clone(),
            price_paid: self.price_paid,
            created_at: self.created_at.and_utc(),
            bytes_sent: self.bytes_sent.max(sent),
            size: self.size,
            state,
        }
    }
}

fn shown(state: LiveState) -> api::DownloadState {
    match state {
        LiveState::Running => api::DownloadState::Running,
        LiveState::Paused => api::DownloadState::Paused,
        LiveState::Completed => api::DownloadState::Completed,
        LiveState::Aborted => api::DownloadState::Aborted,
    }
}

/// The key of a page of records: the latest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordKey {
    pub created_at: Time,
    pub id: Uuid,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] membership::Error),
    #[error("the wait is not over")]
    TooEarly { seconds: u64 },
    #[error("the ticket has expired")]
    Expired,
    #[error("the film has been taken away")]
    FilmGone,
    #[error("only an admin sees the records of others")]
    RecordsOfOthers,
    #[error(transparent)]
    Media(#[from] media::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let new = |code, detail: &str| Self::new(code, detail);
        match error {
            Error::Refused(error) => error.into(),
            Error::TooEarly { seconds } => {
                let detail = format!("The wait is not over. Come back in {seconds} seconds.");
                Self::new(ErrorCode::TooEarly, detail).retry_after(seconds)
            }
            Error::Expired => media::Error::Expired.into(),
            Error::FilmGone => new(ErrorCode::Expired, "This film has been taken away."),
            Error::RecordsOfOthers => new(
                ErrorCode::Forbidden,
                "Only an admin may see the records of another account.",
            ),
            Error::Media(error) => error.into(),
            Error::Db(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfers::spans::SpanSet;
    use chrono::TimeDelta;

    fn at(seconds: i64) -> Time {
        Time::default() + TimeDelta::seconds(seconds)
    }

    fn ticket(state: TicketState) -> Ticket {
        Ticket {
            id: TicketId::generate(),
            account_id: AccountId::generate(),
            movie_id: MovieId::generate(),
            movie_title: "Film".into(),
            file_name: "film.mp4".into(),
            size: 100,
            price_paid: 0,
            state,
            bytes_sent: 0,
            delivered: String::new(),
            created_at: at(0),
            available_at: at(30),
            expires_at: at(3600),
            updated_at: at(0),
        }
    }

    #[test]
    fn what_is_under_way_is_ahead_of_its_row() {
        use api::DownloadState as Shown;
        let live = |sent, state| Progress {
            sent,
            delivered: SpanSet::default(),
            state,
        };
        let mut row = ticket(TicketState::Waiting);
        let seen = |row: &Ticket, live: &Progress| {
            let record = row.view(at(50), Some(live));
            (record.bytes_sent, record.state)
        };
        let begun = live(0, LiveState::Running);
        assert_eq!(seen(&row, &begun), (0, Shown::Ready));
        let running = live(40, LiveState::Running);
        assert_eq!(seen(&row, &running), (40, Shown::Running));
        let whole = live(100, LiveState::Completed);
        assert_eq!(seen(&row, &whole), (100, Shown::Completed));
        // Its client has taken nothing for a while.
        row.state = TicketState::Running;
        row.bytes_sent = 40;
        assert_eq!(seen(&row, &running), (40, Shown::Paused));
    }

    #[test]
    fn the_state_follows_the_clock() {
        use api::DownloadState as Shown;
        let cases = [
            (TicketState::Waiting, 29, Shown::Waiting),
            (TicketState::Waiting, 30, Shown::Ready),
            (TicketState::Waiting, 3600, Shown::Expired),
            (TicketState::Running, 29, Shown::Running),
            (TicketState::Running, 60, Shown::Paused),
            (TicketState::Running, 3600, Shown::Expired),
            (TicketState::Paused, 60, Shown::Paused),
            (TicketState::Paused, 3600, Shown::Expired),
            (TicketState::Completed, 9999, Shown::Completed),
            (TicketState::Aborted, 60, Shown::Aborted),
        ];
        for (state, second, shown) in cases {
            assert_eq!(
                ticket(state).state_at(at(second)),
                shown,
                "{state:?} {second}"
            );
        }
    }
}
