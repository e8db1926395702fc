//! What a worker does with a delivery, and what becomes of it afterwards.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::model::{DeliveryState, Errand, Error};
use super::outbox::DELIVERY;
use super::sender::Trouble;
use super::service::Webhooks;
use super::store;
use super::turns::Turn;
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::{WebhookDeliveryId, WebhookId};
use crate::jobs::{Failure, GivenUp, Outcome, Task};

/// A receiver to whom nothing has got through for so long is told nothing more.
const PATIENCE: TimeDelta = TimeDelta::days(3);

impl Webhooks {
    /// The handler of [`super::outbox::KIND`]. It may run again after it has sent: receivers know a delivery by its id.
    pub(super) async fn deliver(self, task: Task) -> Result<Outcome, Failure> {
        let ended = self.attempt(&task).await;
        let is_given_up = |it: &Failure| it.is_final || task.is_last;
        if ended.as_ref().is_err_and(is_given_up) {
            self.figures.given_up.inc();
        }
        ended
    }

    async fn attempt(&self, task: &Task) -> Result<Outcome, Failure> {
        let Some(errand) = self.errand(&task.subject).await? else {
            return Ok(Outcome::Done);
        };
        if !errand.is_wanted() {
            return Err(Failure::lasting("The webhook is switched off."));
        }
        let turn = match self.turn(&errand) {
            Ok(turn) => turn,
            Err(pause) => return Ok(Outcome::Again(self.clock.now() + pause)),
        };
        let begun = Instant::now();
        let sent = self.sender.send(&errand, self.clock.now()).await;
        self.figures.count(sent.is_ok(), begun.elapsed());
        turn.went(sent.is_ok());
        let pause = sent.as_ref().err().and_then(Trouble::pause);
        let rested = pause.map(|it| self.clock.now() + it);
        turn.leave_alone(rested);
        self.note(&errand, &sent).await.map_err(Failure::passing)?;
        match sent {
            Ok(_) => Ok(Outcome::Done),
            Err(trouble) if trouble.is_lasting() => Err(Failure::lasting(trouble)),
            Err(trouble) => Err(Failure::passing(trouble).not_before(rested)),
        }
    }

    /// Begins a delivery, or says for how long it is put off. A test is not put off because the receiver has asked for a
    /// pause: an admin wants to know whether it needs one still.
    fn turn(&self, errand: &Errand) -> Result<Turn, TimeDelta> {
        let rest = match errand.is_test() {
            true => None,
            false => self.turns.rest(&errand.webhook_id, self.clock.now()),
        };
        rest.map_or_else(|| self.turns.begin(&errand.webhook_id), Err)
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
        let sent = sent.clone();
        self.db
            .write::<_, Error, _>(move |conn| {
                match &sent {
                    Ok(status) => {
                        store::note_delivered(conn, &delivery, *status, now)?;
                        store::note_well(conn, &webhook)?;
                    }
                    Err(trouble) => {
                        let (status, error) = (trouble.status(), trouble.to_string());
                        store::note_failed(conn, &delivery, status, &error)?;
                        store::note_failing(conn, &webhook, now)?;
                    }
                }
                if sent == Err(Trouble::Gone) {
                    switch_off(conn, now, &webhook, &json!({"status": 410}))?;
                }
                Ok(())
            })
            .await
    }
}

/// The receiver has said that it wants nothing more, or has not answered well for long.
fn switch_off(conn: &mut Conn, now: Time, webhook: &WebhookId, detail: &Value) -> db::Result<()> {
    if store::switch_off(conn, webhook, now)? {
        let action = "webhook.switch_off";
        audit::record(conn, now, &Actor::house(), action, webhook.as_str(), detail)?;
    }
    Ok(())
}

/// A job that will not be tried again leaves a delivery that failed. If nothing else has got through for long, it is the last.
pub(super) fn give_up(conn: &mut Conn, now: Time, job: &GivenUp) -> db::Result<()> {
    let Some(id) = delivery_of(&job.subject) else {
        return Ok(());
    };
    store::give_up(conn, &id, &job.why, now)?;
    match store::failing_since(conn, &id)? {
        Some((webhook, since)) if now - since >= PATIENCE => {
            let detail = json!({"failing_since": since.and_utc()});
            switch_off(conn, now, &webhook, &detail)
        }
        _ => Ok(()),
    }
}

/// An admin has asked for the job of a delivery that had failed. What has arrived all the same is not sent again.
pub(super) fn tried_again(conn: &mut Conn, subject: Option<&str>) -> db::Result<()> {
    match subject.and_then(delivery_of) {
        Some(id) => store::requeue(conn, &id, &[DeliveryState::Failed]),
        None => Ok(()),
    }
}

fn delivery_of(subject: &str) -> Option<WebhookDeliveryId> {
    let id = subject.strip_prefix(DELIVERY)?;
    Uuid::try_parse(id).ok().map(WebhookDeliveryId::from)
}
