//! What a worker does with a delivery, and what becomes of it afterwards.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::model::{DeliveryState, Errand, Error};
use super::outbox::DELIVERY;
use super::sender::Trouble;
use super::service::Webhooks;
use super::store::{self, Attempt};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::{WebhookDeliveryId, WebhookId};
use crate::jobs::{Failure, GivenUp, Outcome, Task};

/// How long the others wait while a receiver in trouble is tried.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

impl Webhooks {
    /// The handler of [`super::outbox::KIND`]. It may run again after it has sent: receivers know a delivery by its id.
    pub(super) async fn deliver(self, task: Task) -> Result<Outcome, Failure> {
        let Some(errand) = self.errand(&task.subject).await? else {
            return Ok(Outcome::Done);
        };
        if !errand.is_wanted() {
            return Err(Failure::lasting("The webhook is switched off."));
        }
        let Some(turn) = self.turns.begin(&errand.webhook_id) else {
            return Ok(Outcome::Again(self.clock.now() + PAUSE));
        };
        let sent = self.sender.send(&errand, self.clock.now()).await;
        turn.went(sent.is_ok());
        self.note(&errand, &sent).await.map_err(Failure::passing)?;
        match sent {
            Ok(_) => Ok(Outcome::Done),
            Err(trouble) if trouble.is_lasting() => Err(Failure::lasting(trouble)),
            Err(trouble) => Err(Failure::passing(trouble)),
        }
    }

    /// What is to be sent; nothing when the webhook is gone or it has arrived already.
    async fn errand(&self, subject: &str) -> Result<Option<Errand>, Failure> {
        let id = delivery_of(subject).ok_or_else(|| Failure::lasting("This is no delivery."))?;
        let look = move |conn: &mut Conn| store::find_errand(conn, &id);
        let errand = self.db.read(look).await.map_err(Failure::passing)?;
        Ok(errand.filter(|it| it.state != DeliveryState::Delivered))
    }

    /// Writes down how an attempt went. A receiver that wants nothing more is switched off.
    async fn note(&self, errand: &Errand, sent: &Result<i32, Trouble>) -> Result<(), Error> {
        let now = self.clock.now();
        let (delivery, webhook) = (errand.id.clone(), errand.webhook_id.clone());
        let attempt = match sent {
            Ok(status) => Attempt::delivered(*status, now),
            Err(trouble) => Attempt::failed(trouble.status(), trouble.to_string()),
        };
        let is_gone = sent == &Err(Trouble::Gone);
        self.db
            .write::<_, Error, _>(move |conn| {
                store::note_attempt(conn, &delivery, &attempt)?;
                if is_gone {
                    switch_off(conn, now, &webhook)?;
                }
                Ok(())
            })
            .await
    }
}

/// The receiver has said that it wants nothing more.
fn switch_off(conn: &mut Conn, now: Time, webhook: &WebhookId) -> db::Result<()> {
    if store::switch_off(conn, webhook, now)? {
        let (action, detail) = ("webhook.switch_off", json!({"status": 410}));
        audit::record(
            conn,
            now,
            &Actor::house(),
            action,
            webhook.as_str(),
            &detail,
        )?;
    }
    Ok(())
}

/// A job that will not be tried again leaves a delivery that failed.
pub(super) fn give_up(conn: &mut Conn, now: Time, job: &GivenUp) -> db::Result<()> {
    match delivery_of(&job.subject) {
        Some(id) => store::give_up(conn, &id, &job.why, now),
        None => Ok(()),
    }
}

fn delivery_of(subject: &str) -> Option<WebhookDeliveryId> {
    let id = subject.strip_prefix(DELIVERY)?;
    Uuid::try_parse(id).ok().map(WebhookDeliveryId::from)
}
