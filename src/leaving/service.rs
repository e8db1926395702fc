//! The end of an account: one transaction, and a job for what is long.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use playhouse_api::accounts::DELETED_USERNAME;
use serde_json::json;
use uuid::Uuid;

use super::export::Exports;
use super::model::Error;
use crate::accounts::{self, Account, Accounts};
use crate::audit::{self, Actor};
use crate::chat::{self, Chat};
use crate::clock::{Clock, Time};
use crate::dav::Dav;
use crate::db::{self, Conn, Db};
use crate::downloads::Downloads;
use crate::drive::Drive;
use crate::ids::AccountId;
use crate::jobs::{Failure, Handlers, Jobs, NewJob, Outcome, Task};
use crate::membership::{self, Membership};
use crate::movies::Movies;
use crate::notices::Notices;
use crate::playback::Playback;
use crate::profile::Profiles;
use crate::reviews::Reviews;
use crate::shares::Shares;
use crate::transfers::Uploads;
use crate::webhooks::Webhooks;

pub(super) type Result<T> = std::result::Result<T, Error>;

/// Removes what a deleted account has left behind.
const FORGET: &str = "forget_account";

/// Says what the subject of the job names, so that nobody takes it for a film.
const ACCOUNT: &str = "account:";

/// When no request that began before the end of an account can still be under way, nor another node still let one in.
const STRAGGLERS: TimeDelta = TimeDelta::minutes(2);

/// What members take along, and how they leave; cheap to copy.
#[derive(Clone)]
pub struct Leaving {
    pub(super) parts: Arc<Parts>,
    pub(super) exports: Exports,
}

/// The slices that have something of a member.
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub accounts: Accounts,
    pub profiles: Profiles,
    pub membership: Membership,
    pub downloads: Downloads,
    pub playback: Playback,
    pub reviews: Reviews,
    pub notices: Notices,
    pub chat: Chat,
    pub drive: Drive,
    pub shares: Shares,
    pub uploads: Uploads,
    pub jobs: Jobs,
}

impl Leaving {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            exports: Exports::default(),
        }
    }

    /// Deletes an account for its owner. When this returns nobody gets in any more, and whoever was in is out; the rest
    /// is being removed. One that somebody else has deleted meanwhile is deleted.
    ///
    /// # Errors
    /// [`accounts::Error::WrongCredentials`], [`accounts::Error::Throttled`], [`accounts::Error::LastAdmin`].
    pub async fn leave(&self, who: &Account, password: String, address: IpAddr) -> Result<()> {
        let parts = &self.parts;
        parts.accounts.confirm(who, password, address).await?;
        let id = who.id.clone();
        let left = parts
            .chat
            .leave_house(id.clone(), move |conn, now| retire_in(conn, &id, now));
        match left.await {
            Ok(()) | Err(chat::Error::Accounts(accounts::Error::NotFound(_))) => {}
            Err(error) => return Err(error.into()),
        }
        parts.accounts.tell_retired(&who.id);
        parts.jobs.wake();
        Ok(())
    }

    /// What the workers do for those who have left.
    #[must_use]
    pub fn handlers(&self) -> Handlers {
        let leaving = self.clone();
        Handlers::default().on(FORGET, move |task| leaving.clone().forget(task))
    }

    async fn forget(self, task: Task) -> std::result::Result<Outcome, Failure> {
        let id = task.subject.strip_prefix(ACCOUNT).unwrap_or_default();
        let id = AccountId::from(Uuid::try_parse(id).map_err(Failure::lasting)?);
        let parts = &self.parts;
        let (owner, now) = (id.clone(), parts.clock.now());
        let clear = move |conn: &mut Conn| {
            let end = Accounts::end_in(conn, &owner)?;
            if end.is_some() {
                Accounts::forget_in(conn, &owner)?;
                clear_in(conn, &owner, now)?;
            }
            Ok::<_, chat::Error>(end)
        };
        let Some(end) = parts.db.write(clear).await.map_err(Failure::passing)? else {
            return Ok(Outcome::Done);
        };
        let uploads = parts.uploads.discard_all(&id);
        uploads.await.map_err(Failure::passing)?;
        let messages = parts.chat.forget_messages(&id);
        messages.await.map_err(Failure::passing)?;
        let files = parts.drive.remove_all(&id);
        files.await.map_err(Failure::passing)?;
        let last_look = end + STRAGGLERS;
        Ok(match now < last_look {
            true => Outcome::Again(last_look),
            false => Outcome::Done,
        })
    }
}

/// The transaction that ends an account.
fn retire_in(conn: &mut Conn, id: &AccountId, now: Time) -> std::result::Result<(), chat::Error> {
    let account = Accounts::retire_in(conn, id, now)?;
    clear_in(conn, id, now)?;
    if audit::has_acted_in(conn, id)? {
        let (from, to) = (account.username.as_str(), DELETED_USERNAME);
        Movies::rename_publisher_in(conn, from, to)?;
        Membership::rename_maker_in(conn, from, to)?;
        Notices::rename_author_in(conn, from, to)?;
    }
    audit::forget_in(conn, id, DELETED_USERNAME)?;
    let actor = Actor {
        id: Some(id.clone()),
        name: DELETED_USERNAME.to_owned(),
        ..Actor::house()
    };
    let target = id.as_str();
    audit::record(conn, now, &actor, "account.delete", target, &json!({}))?;
    let job = NewJob::new(FORGET, format!("{ACCOUNT}{id}"), now);
    Ok(Jobs::enqueue_in(conn, now, job)?)
}

/// Takes away what is short, or need only be cut off. Also finds what came after the first time.
fn clear_in(conn: &mut Conn, id: &AccountId, now: Time) -> std::result::Result<(), chat::Error> {
    Membership::close_in(conn, id, now).map_err(of_money)?;
    Downloads::forget_in(conn, id)?;
    Playback::forget_in(conn, id)?;
    Reviews::forget_in(conn, id)?;
    Notices::forget_in(conn, id)?;
    Shares::forget_in(conn, id)?;
    Dav::forget_in(conn, id)?;
    Webhooks::forget_in(conn, id)?;
    Ok(Drive::abandon_in(conn, id, now)?)
}

/// Giving up what is in a wallet breaks no rule of money, so what is left is the database.
fn of_money(error: membership::Error) -> chat::Error {
    match error {
        membership::Error::Db(fault) => fault.into(),
        other => {
            tracing::error!(error = %other, "could not close the books of an account");
            db::Error::Unavailable(other.to_string()).into()
        }
    }
}
