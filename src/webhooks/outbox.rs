//! What is to be told, written down with the change that it tells of: a row for each webhook, and the job that sends it.

use std::sync::atomic::{AtomicBool, Ordering};

use playhouse_api::webhooks::{Happening, WebhookMessage};

use super::model::{Delivery, DeliveryState, events_of};
use super::store;
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::events::Outbox;
use crate::ids::{AccountId, WebhookDeliveryId, WebhookId};
use crate::jobs::{Jobs, Lane, NewJob};

/// The kind of the jobs that send.
pub(super) const KIND: &str = "webhook";

/// Where they wait.
pub(super) const LANE: Lane = Lane::Outside;

/// Says what the subject of the job names, so that nobody takes it for a film.
pub(super) const DELIVERY: &str = "delivery:";

/// The outbox of the house.
pub(super) struct Mail {
    jobs: Jobs,
    /// Whether anything was ever put in: a house without webhooks wakes nobody.
    is_used: AtomicBool,
}

impl Mail {
    pub(super) fn new(jobs: Jobs) -> Self {
        Self {
            jobs,
            is_used: AtomicBool::new(false),
        }
    }
}

impl Outbox for Mail {
    fn put_in(&self, conn: &mut Conn, now: Time, happening: &Happening) -> db::Result<()> {
        for (webhook, events) in store::list_active(conn)? {
            if events_of(&events).contains(&happening.event()) {
                queue_in(conn, now, &webhook, happening)?;
                self.is_used.store(true, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    fn committed(&self) {
        if self.is_used.load(Ordering::Relaxed) {
            self.jobs.wake();
        }
    }
}

/// Writes one delivery down, and the job that sends it.
pub(super) fn queue_in(
    conn: &mut Conn,
    now: Time,
    webhook: &WebhookId,
    happening: &Happening,
) -> db::Result<Delivery> {
    let id = WebhookDeliveryId::generate();
    let message = WebhookMessage {
        id: id.uuid(),
        created_at: now.and_utc(),
        happening: happening.clone(),
    };
    let delivery = Delivery {
        webhook_id: webhook.clone(),
        event: happening.event().as_str().to_owned(),
        body: db::json(&message)?,
        account_id: happening.account().map(AccountId::from),
        state: DeliveryState::Queued,
        attempts: 0,
        last_status: None,
        last_error: None,
        created_at: now,
        finished_at: None,
        id,
    };
    store::insert_delivery(conn, &delivery)?;
    send_in(conn, now, &delivery.id)?;
    Ok(delivery)
}

/// Asks the workers to send a delivery.
pub(super) fn send_in(conn: &mut Conn, now: Time, id: &WebhookDeliveryId) -> db::Result<()> {
    let job = NewJob {
        lane: LANE,
        ..NewJob::new(KIND, format!("{DELIVERY}{id}"), now)
    };
    Jobs::enqueue_in(conn, now, job)
}
