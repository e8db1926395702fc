//! What a webhook was told and is to be told: tests, the list, once more, how much waits, and what is cleared away.

use playhouse_api::page::Page;
use playhouse_api::webhooks as api;
use prometheus::core::Collector;
use serde_json::json;

use super::{Result, Webhooks, get_in, note};
use crate::audit::{self, Actor};
use crate::clock::Time;
use crate::db::{self, Conn};
use crate::ids::{AccountId, WebhookDeliveryId, WebhookId};
use crate::jobs::Jobs;
use crate::page::PageRequest;
use crate::webhooks::model::{Delivery, DeliveryKey, DeliveryState, Error};
use crate::webhooks::{outbox, store};

impl Webhooks {
    /// Sends a webhook a test, whether it is switched on or not.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn ping(&self, actor: Actor, id: WebhookId) -> Result<api::WebhookDelivery> {
        let now = self.clock.now();
        let delivery = self
            .db
            .write::<_, Error, _>(move |conn| {
                get_in(conn, &id)?;
                note(conn, now, &actor, "webhook.ping", &id)?;
                Ok(outbox::queue_in(conn, now, &id, &api::Happening::Ping {})?)
            })
            .await?;
        self.jobs.wake();
        Ok(delivery.view())
    }

    /// What a webhook was told and is to be told, the latest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn list_deliveries(
        &self,
        id: WebhookId,
        state: Option<api::WebhookDeliveryState>,
        page: PageRequest<DeliveryKey>,
    ) -> Result<Page<api::WebhookDelivery>> {
        let (state, fetch) = (state.map(DeliveryState::from), page.rows_to_fetch());
        let before = page.after.as_ref().map(|key| key.0);
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                get_in(conn, &id)?;
                let before = before.map(WebhookDeliveryId::from);
                Ok(store::list_deliveries(
                    conn,
                    &id,
                    state,
                    before.as_ref(),
                    fetch,
                )?)
            })
            .await?;
        let page = page.page(rows, |row| DeliveryKey(row.id.uuid()));
        Ok(page.map(Delivery::view))
    }

    /// Sends a finished delivery again, with all its attempts; the receiver knows it by its id.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoSuchDelivery`]; [`Error::Waiting`] when it is not finished, [`Error::SwitchedOff`].
    pub async fn retry(
        &self,
        actor: Actor,
        webhook: WebhookId,
        id: WebhookDeliveryId,
    ) -> Result<api::WebhookDelivery> {
        let now = self.clock.now();
        let delivery = self
            .db
            .write(move |conn| retry(conn, now, &actor, &webhook, &id))
            .await?;
        self.jobs.wake();
        Ok(delivery.view())
    }

    /// Removes deliveries that were finished long ago, and what is left of their jobs.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self) -> Result<usize> {
        let before = self.clock.now() - self.keep;
        self.db
            .write_relaxed::<_, Error, _>(move |conn| {
                Jobs::forget_failed_in(conn, outbox::KIND, before)?;
                Ok(store::delete_finished(conn, before)?)
            })
            .await
    }

    /// Removes what tells of an account that leaves, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, account: &AccountId) -> db::Result<()> {
        store::delete_about(conn, account)
    }

    /// What is measured, for the metrics of the house.
    #[must_use]
    pub fn measured(&self) -> Vec<Box<dyn Collector>> {
        self.figures.collectors()
    }

    /// Counts what waits, for whoever looks at the metrics now. When the database does not answer, the last count stays.
    pub async fn measure(&self) {
        match self.jobs.count_open(outbox::LANE, outbox::KIND).await {
            Ok(count) => self.figures.waiting.set(count),
            Err(error) => tracing::warn!(%error, "could not count the deliveries that wait"),
        }
    }
}

fn retry(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    webhook: &WebhookId,
    id: &WebhookDeliveryId,
) -> Result<Delivery> {
    let is_active = get_in(conn, webhook)?.is_active;
    let find =
        |conn: &mut Conn| store::find_delivery(conn, webhook, id)?.ok_or(Error::NoSuchDelivery);
    let before = find(conn)?;
    if before.state == DeliveryState::Queued {
        return Err(Error::Waiting);
    }
    if !is_active && before.event != api::WebhookEvent::Ping.as_str() {
        return Err(Error::SwitchedOff);
    }
    let finished = [DeliveryState::Delivered, DeliveryState::Failed];
    store::requeue(conn, id, &finished)?;
    outbox::send_in(conn, now, id)?;
    let detail = json!({"delivery": id.as_str(), "event": before.event});
    audit::record(conn, now, actor, "webhook.retry", webhook.as_str(), &detail)?;
    find(conn)
}
