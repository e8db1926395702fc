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
    pub updated_at: Time,
}

/// How an attempt ended.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_null = true)]
pub(super) struct Attempt {
    state: DeliveryState,
    last_status: Option<i32>,
    last_error: Option<String>,
    finished_at: Option<Time>,
}

impl Attempt {
    pub(super) fn delivered(status: i32, now: Time) -> Self {
        Self {
            state: DeliveryState::Delivered,
            last_status: Some(status),
            last_error: None,
            finished_at: Some(now),
        }
    }

    /// It is tried again until its job is given up.
    pub(super) fn failed(status: Option<i32>, error: String) -> Self {
        Self {
            state: DeliveryState::Queued,
            last_status: status,
            last_error: Some(error),
            finished_at: None,
        }
    }
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

/// One attempt more, and how it ended.
pub(super) fn note_attempt(
    conn: &mut Conn,
    id: &WebhookDeliveryId,
    attempt: &Attempt,
) -> Result<()> {
    diesel::update(deliveries::table.find(id))
        .set((attempt, deliveries::attempts.eq(deliveries::attempts + 1)))
        .execute(conn)?;
    Ok(())
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

/// A delivery waits again.
pub(super) fn requeue(conn: &mut Conn, id: &WebhookDeliveryId) -> Result<()> {
    diesel::update(deliveries::table.find(id))
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
