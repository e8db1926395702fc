//! One download under way, as the requests for its bytes see it.
//!
//! A player or a download manager asks for a file in many ranges, often on many connections. The
//! first request asks the database and makes a [`Live`]; the others find it in memory, so they
//! cost neither a query nor a file to open.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::clock::Time;
use crate::ids::{AccessTokenId, AccountId, EntryId, MovieId, SessionId, ShareId, TicketId};

use super::flow::Flow;
use super::serve::Offering;
use super::spans::SpanSet;
use super::zip::Archive;

/// What requests have in common when they belong to the same download.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LiveKey {
    /// A download by ticket: it has a record.
    Ticket(TicketId),
    /// An account that watches a film: it has none. The text names the file, and how much of it.
    Watch(AccountId, MovieId, String),
    /// A file or folder of a drive, in the state and for the purpose that the form names.
    Drive {
        access: Access,
        entry: EntryId,
        form: String,
    },
}

/// What lets somebody have the bytes of a drive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// The owner's login session.
    Session(SessionId),
    /// The owner's password, sent with each request.
    Password(AccountId),
    /// The owner's access token.
    Token(AccessTokenId),
    /// One use of a share.
    Share { share: ShareId, usage: Uuid },
}

/// What a download is of, so that it can be stopped when that is taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Movie(MovieId),
    Entry(EntryId),
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum What {
    File(Offering),
    /// A folder, as a zip archive.
    Archive(Arc<Archive>),
}

impl What {
    /// In bytes.
    pub fn size(&self) -> u64 {
        match self {
            What::File(offering) => offering.size,
            What::Archive(archive) => archive.plan.size(),
        }
    }
}

/// A download under way.
#[derive(Debug)]
pub struct Live {
    pub key: LiveKey,
    pub owner: AccountId,
    pub subject: Subject,
    /// No request joins from this moment on.
    pub expires_at: Time,
    pub what: What,
    pub flow: Arc<Flow>,
    /// Requests that found it; the actor ends only when none came meanwhile.
    pub(super) joins: AtomicU64,
}

impl Live {
    pub fn new(
        key: LiveKey,
        owner: AccountId,
        subject: Subject,
        expires_at: Time,
        what: What,
        flow: Flow,
    ) -> Live {
        Live {
            key,
            owner,
            subject,
            expires_at,
            what,
            flow: Arc::new(flow),
            joins: AtomicU64::new(1),
        }
    }

    /// Whether every byte of the file has been delivered at least once.
    pub fn is_whole(&self) -> bool {
        self.flow.delivered().covers(self.what.size())
    }

    /// How it stands. It is over when no more requests are waited for; it is complete as soon as everything is
    /// delivered and nobody is being sent anything.
    pub fn progress(&self, is_over: bool) -> Progress {
        let is_open = self.flow.tally().open > 0;
        let delivered = self.flow.delivered();
        let state = match is_over || !is_open {
            true if delivered.covers(self.what.size()) => LiveState::Completed,
            true if self.flow.is_stopped() => LiveState::Aborted,
            true if is_over => LiveState::Paused,
            _ => LiveState::Running,
        };
        Progress {
            sent: delivered.total(),
            delivered,
            state,
        }
    }

    pub(super) fn join(&self) {
        self.joins.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn joins(&self) -> u64 {
        self.joins.load(Ordering::Relaxed)
    }
}

/// How a download stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveState {
    Running,
    /// Nobody asks for bytes at present; a range request goes on.
    Paused,
    /// Every byte was delivered.
    Completed,
    /// Stopped by the house.
    Aborted,
}

/// What a record keeps of a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Different bytes delivered.
    pub sent: u64,
    pub delivered: SpanSet,
    pub state: LiveState,
}

/// An answer of a [`Journal`].
pub type Noted = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Where the progress of a download is kept, if it is kept.
pub trait Journal: Send + Sync + 'static {
    /// Writes it down; the last word of a transfer must be durable.
    fn note(&self, progress: Progress, is_last: bool) -> Noted;

    /// Tells the owner's screens, without waiting.
    fn tell(&self, progress: &Progress);
}
