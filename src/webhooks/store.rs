//! The rows of webhooks and of what they are told.

use diesel::prelude::*;

use super::model::{Delivery, DeliveryState, Errand, Webhook};
use super::signing::Key;
use crate::clock::Time;
use crate::db::schema::{webhook_deliveries as deliveries, webhooks};
use crate::db::{Conn, Result};
use crate::ids::{AccountId, WebhookDeliveryId, WebhookId};

/// A webhook with its secret, on its way into the database.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = webhooks)]
pub(super) struct NewRow {
    pub id: WebhookId,
    pub url: String,
    pub secret: Key,
    pub events: String,
    pub is_active: bool,
    pub created_at: Time,
    pub updated_at: Time,
}

/// What changes in a webhook; None leaves a column.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = webhooks)]
pub(super) struct Changes {
    pub url: Option<String>,
    pub secret: Option<Key>,
    pub events: Option<String>,
    pub is_active: Option<bool>,
    pub failing_since: Option<Option<Time>>,
    pub updated_at: Time,
}

/// The webhooks that are switched on, with the list of what each is told.
pub(super) fn list_active(conn: &mut Conn) -> Result<Vec<(WebhookId, String)>> {
    Ok(webhooks::table
        .filter(webhooks::is_active.eq(true))
        .order(webhooks::id)
        .select((webhooks::id, webhooks::events))
        .load(conn)?)
}

/// The oldest first. There are never many.
pub(super) fn list(conn: &mut Conn) -> Result<Vec<Webhook>> {
    Ok(webhooks::table
        .order(webhooks::id)
        .select(Webhook::as_select())
        .load(conn)?)
}

pub(super) fn count(conn: &mut Conn) -> Result<i64> {
    Ok(webhooks::table.count().get_result(conn)?)
}

pub(super) fn find(conn: &mut Conn, id: &WebhookId) -> Result<Option<Webhook>> {
    Ok(webhooks::table
        .find(id)
        .select(Webhook::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn insert(conn: &mut Conn, row: &NewRow) -> Result<()> {
    diesel::insert_into(webhooks::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn update(conn: &mut Conn, id: &WebhookId, changes: &Changes) -> Result<()> {
    diesel::update(webhooks::table.find(id))
        .set(changes)
        .execute(conn)?;
    Ok(())
}

/// Says whether it was on.
pub(super) fn switch_off(conn: &mut Conn, id: &WebhookId, now: Time) -> Result<bool> {
    let on = webhooks::table
        .filter(webhooks::id.eq(id))
        .filter(webhooks::is_active.eq(true));
    let changed = diesel::update(on)
        .set((webhooks::is_active.eq(false), webhooks::updated_at.eq(now)))
        .execute(conn)?;
    Ok(changed > 0)
}

/// Its deliveries go with it.
pub(super) fn delete(conn: &mut Conn, id: &WebhookId) -> Result<()> {
    diesel::delete(webhooks::table.find(id)).execute(conn)?;
    Ok(())
}

pub(super) fn insert_delivery(conn: &mut Conn, row: &Delivery) -> Result<()> {
    diesel::insert_into(deliveries::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

/// A delivery of this webhook.
pub(super) fn find_delivery(
    conn: &mut Conn,
    webhook: &WebhookId,
    id: &WebhookDeliveryId,
) -> Result<Option<Delivery>> {
    Ok(deliveries::table
        .filter(deliveries::id.eq(id))
        .filter(deliveries::webhook_id.eq(webhook))
        .select(Delivery::as_select())
        .first(conn)
        .optional()?)
}

/// The latest first, older than `before`, only those in `state`, if given. Ids sort by time.
pub(super) fn list_deliveries(
    conn: &mut Conn,
    webhook: &WebhookId,
    state: Option<DeliveryState>,
    before: Option<&WebhookDeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let mut query = deliveries::table
        .filter(deliveries::webhook_id.eq(webhook))
        .select(Delivery::as_select())
        .order(deliveries::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(deliveries::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(deliveries::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// What a worker must know.
pub(super) fn find_errand(conn: &mut Conn, id: &WebhookDeliveryId) -> Result<Option<Errand>> {
    Ok(deliveries::table
        .inner_join(webhooks::table)
        .filter(deliveries::id.eq(id))
        .select((
            deliveries::id,
            deliveries::event,
            deliveries::body,
            deliveries::state,
            webhooks::id,
            webhooks::url,
            webhooks::secret,
            webhooks::is_active,
        ))
        .first(conn)
        .optional()?)
}

/// One attempt more, and the delivery has arrived.
pub(super) fn note_delivered(
    conn: &mut Conn,
    id: &WebhookDeliveryId,
    status: i32,
    now: Time,
) -> Result<()> {
    diesel::update(deliveries::table.find(id))
        .set((
            deliveries::state.eq(DeliveryState::Delivered),
            deliveries::attempts.eq(deliveries::attempts + 1),
            deliveries::last_status.eq(status),
            deliveries::last_error.eq(None::<String>),
            deliveries::finished_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// One attempt more, in vain. Whether there will be another is for the job to say, and a delivery that has arrived by
/// another worker meanwhile stays so.
pub(super) fn note_failed(
    conn: &mut Conn,
    id: &WebhookDeliveryId,
    status: Option<i32>,
    error: &str,
) -> Result<()> {
    let open = deliveries::table
        .filter(deliveries::id.eq(id))
        .filter(deliveries::state.ne(DeliveryState::Delivered));
    diesel::update(open)
        .set((
            deliveries::attempts.eq(deliveries::attempts + 1),
            deliveries::last_status.eq(status),
            deliveries::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}

/// Something has got through.
pub(super) fn note_well(conn: &mut Conn, id: &WebhookId) -> Result<()> {
    let failing = webhooks::table
        .filter(webhooks::id.eq(id))
        .filter(webhooks::failing_since.is_not_null());
    diesel::update(failing)
        .set(webhooks::failing_since.eq(None::<Time>))
        .execute(conn)?;
    Ok(())
}

/// Something has not got through. The first time counts.
pub(super) fn note_failing(conn: &mut Conn, id: &WebhookId, now: Time) -> Result<()> {
    let well = webhooks::table
        .filter(webhooks::id.eq(id))
        .filter(webhooks::failing_since.is_null());
    diesel::update(well)
        .set(webhooks::failing_since.eq(now))
        .execute(conn)?;
    Ok(())
}

/// The webhook of a delivery, and since when nothing gets through to it, if that is so.
pub(super) fn failing_since(
    conn: &mut Conn,
    id: &WebhookDeliveryId,
) -> Result<Option<(WebhookId, Time)>> {
    let found: Option<(WebhookId, Option<Time>)> = deliveries::table
        .inner_join(webhooks::table)
        .filter(deliveries::id.eq(id))
        .select((webhooks::id, webhooks::failing_since))
        .first(conn)
        .optional()?;
    Ok(found.and_then(|(webhook, since)| Some((webhook, since?))))
}

/// A delivery that waits is not tried again.
pub(super) fn give_up(conn: &mut Conn, id: &WebhookDeliveryId, why: &str, now: Time) -> Result<()> {
    let waiting = deliveries::table
        .filter(deliveries::id.eq(id))
        .filter(deliveries::state.eq(DeliveryState::Queued));
    diesel::update(waiting)
        .set((
            deliveries::state.eq(DeliveryState::Failed),
            deliveries::last_error.eq(why),
            deliveries::finished_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A delivery that is in one of these states waits again.
pub(super) fn requeue(
    conn: &mut Conn,
    id: &WebhookDeliveryId,
    from: &[DeliveryState],
) -> Result<()> {
    let it = deliveries::table.find(id);
    diesel::update(it.filter(deliveries::state.eq_any(from)))
        .set((
            deliveries::state.eq(DeliveryState::Queued),
            deliveries::finished_at.eq(None::<Time>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes what was finished before then.
pub(super) fn delete_finished(conn: &mut Conn, before: Time) -> Result<usize> {
    let old = deliveries::table.filter(deliveries::finished_at.lt(before));
    Ok(diesel::delete(old).execute(conn)?)
}

/// Removes what tells of somebody.
pub(super) fn delete_about(conn: &mut Conn, account: &AccountId) -> Result<()> {
    let about = deliveries::table.filter(deliveries::account_id.eq(account));
    diesel::delete(about).execute(conn)?;
    Ok(())
}
