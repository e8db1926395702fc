//! The types of this slice, and what can go wrong in it.

use playhouse_api::problem::{ErrorCode, FieldProblem};
use playhouse_api::webhooks as api;
use serde::{Deserialize, Serialize};

use super::signing::Key;
use crate::clock::Time;
use crate::db::schema::{webhook_deliveries, webhooks};
use crate::db::{self, text_enum};
use crate::ids::{AccountId, WebhookDeliveryId, WebhookId};

/// More than these a house does not speak to.
pub(super) const MAX_WEBHOOKS: i64 = 20;

text_enum! {
    /// How a delivery stands.
    pub(super) enum DeliveryState { Queued = "queued", Delivered = "delivered", Failed = "failed" }
}

impl From<DeliveryState> for api::WebhookDeliveryState {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Queued => Self::Queued,
            DeliveryState::Delivered => Self::Delivered,
            DeliveryState::Failed => Self::Failed,
        }
    }
}

impl From<api::WebhookDeliveryState> for DeliveryState {
    fn from(state: api::WebhookDeliveryState) -> Self {
        match state {
            api::WebhookDeliveryState::Queued => Self::Queued,
            api::WebhookDeliveryState::Delivered => Self::Delivered,
            api::WebhookDeliveryState::Failed => Self::Failed,
        }
    }
}

/// A row of `webhooks` without its secret, so that it cannot be shown.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = webhooks)]
pub(super) struct Webhook {
    pub id: WebhookId,
    pub url: String,
    pub events: String,
    pub is_active: bool,
    /// When the first attempt failed after the last one that got through.
    pub failing_since: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Webhook {
    /// What it is told. A name that this server does not know is passed over.
    pub(super) fn events(&self) -> Vec<api::WebhookEvent> {
        events_of(&self.events)
    }

    /// The webhook as the API shows it.
    pub(super) fn view(self, last: Option<Delivery>) -> api::Webhook {
        api::Webhook {
            id: self.id.uuid(),
            events: self.events(),
            url: self.url,
            is_active: self.is_active,
            failing_since: self.failing_since.map(|at| at.and_utc()),
            created_at: self.created_at.and_utc(),
            updated_at: self.updated_at.and_utc(),
            last_delivery: last.map(Delivery::view),
        }
    }
}

/// Reads the list of names of a row.
pub(super) fn events_of(json: &str) -> Vec<api::WebhookEvent> {
    let names: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    let known = |name: &String| api::WebhookEvent::parse(name);
    names.iter().filter_map(known).collect()
}

/// A row of `webhook_deliveries`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = webhook_deliveries)]
pub(super) struct Delivery {
    pub id: WebhookDeliveryId,
    pub webhook_id: WebhookId,
    pub event: String,
    pub body: String,
    /// Whom it tells of.
    pub account_id: Option<AccountId>,
    pub state: DeliveryState,
    pub attempts: i32,
    pub last_status: Option<i32>,
    pub last_error: Option<String>,
    pub created_at: Time,
    pub finished_at: Option<Time>,
}

impl Delivery {
    /// The delivery as the API shows it.
    pub(super) fn view(self) -> api::WebhookDelivery {
        api::WebhookDelivery {
            id: self.id.uuid(),
            event: self.event,
            body: serde_json::from_str(&self.body).unwrap_or_default(),
            state: self.state.into(),
            attempts: self.attempts,
            last_status: self.last_status,
            last_error: self.last_error,
            created_at: self.created_at.and_utc(),
            finished_at: self.finished_at.map(|at| at.and_utc()),
        }
    }
}

/// What a worker must know to send a delivery.
#[derive(Debug, diesel::Queryable)]
pub(super) struct Errand {
    pub id: WebhookDeliveryId,
    pub event: String,
    pub body: String,
    pub state: DeliveryState,
    pub webhook_id: WebhookId,
    pub url: String,
    pub key: Key,
    pub is_active: bool,
}

impl Errand {
    /// Whether it may be sent now: a webhook that is switched off is sent tests only.
    pub(super) fn is_wanted(&self) -> bool {
        self.is_active || self.is_test()
    }

    /// Whether an admin has asked for it to see what comes of it.
    pub(super) fn is_test(&self) -> bool {
        self.event == api::WebhookEvent::Ping.as_str()
    }
}

/// The key of a page of deliveries: the latest first. Ids sort by time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryKey(pub(super) uuid::Uuid);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    #[error("no such webhook")]
    NotFound,
    #[error("no such delivery")]
    NoSuchDelivery,
    #[error("there are too many webhooks")]
    TooMany,
    #[error("the delivery is waiting already")]
    Waiting,
    #[error("the webhook is switched off")]
    SwitchedOff,
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let conflict = |detail: String| Self::new(ErrorCode::Conflict, detail);
        match error {
            Error::Invalid(fields) => Self::invalid(fields),
            Error::NotFound => Self::not_found("webhook"),
            Error::NoSuchDelivery => Self::not_found("delivery"),
            Error::TooMany => conflict(format!("There are {MAX_WEBHOOKS} webhooks already.")),
            Error::Waiting => conflict("The delivery waits for its next attempt.".to_owned()),
            Error::SwitchedOff => conflict("The webhook is switched off.".to_owned()),
            Error::Db(cause) => cause.into(),
        }
    }
}
