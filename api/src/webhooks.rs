//! Webhooks: where third parties are told what happens in the house, and what they are told.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::secret::Secret;

/// Writes the names of the events with the word of each on the wire. A word is taken as a token, not as a `literal`:
/// utoipa does not see what is renamed to one.
macro_rules! webhook_events {
    ($($(#[$doc:meta])* $variant:ident = $name:tt),+ $(,)?) => {
        /// What a webhook can be told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum WebhookEvent {
            $($(#[$doc])* #[serde(rename = $name)] $variant),+
        }

        impl WebhookEvent {
            /// Every event.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

webhook_events! {
    /// Members can see a film.
    MoviePublished = "movie.published",
    /// A film that was published went into the trash.
    MovieDeleted = "movie.deleted",
    NoticePublished = "notice.published",
    /// Somebody has made an account for themselves.
    AccountRegistered = "account.registered",
    /// Somebody has bought a film.
    OrderPaid = "order.paid",
    /// An admin has asked for a test. Every webhook is sent those that are meant for it.
    Ping = "ping",
}

impl WebhookEvent {
    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == name)
    }
}

impl std::fmt::Display for WebhookEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Body of `POST /admin/webhooks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewWebhook {
    /// `https` or `http`, without user name and password.
    pub url: String,
    /// What it is told; not `ping`.
    pub events: Vec<WebhookEvent>,
}

/// Body of `PATCH /admin/webhooks/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookChanges {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<WebhookEvent>>,
    /// Whether it is told anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
}

/// Somebody who is told what happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    pub id: Uuid,
    pub url: String,
    pub events: Vec<WebhookEvent>,
    /// False when an admin has switched it off, or its receiver has answered 410 or has not answered well for three days.
    pub is_active: bool,
    /// When the first attempt failed after the last one that got through; null when all is well.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub failing_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// The latest delivery; null before the first one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_delivery: Option<WebhookDelivery>,
}

/// Answer of `POST /admin/webhooks` and `POST /admin/webhooks/{id}/secret`: the only ones with the secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookWithSecret {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// `whsec_` and 32 bytes in base64: the key of the signatures.
    pub secret: Secret,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookDeliveryState {
    /// It waits for its first attempt or for the next one.
    Queued,
    /// The receiver has answered 2xx.
    Delivered,
    /// It will not be tried again, unless an admin asks for it.
    Failed,
}

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// The `id` in the body and the header `webhook-id`, the same in each attempt.
    pub id: Uuid,
    /// A string and not a [`WebhookEvent`], so that an older client can read a newer server.
    #[cfg_attr(feature = "openapi", schema(value_type = WebhookEvent))]
    pub event: String,
    /// What is sent.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub body: serde_json::Value,
    pub state: WebhookDeliveryState,
    pub attempts: i32,
    /// The status of the last answer; null when there was none.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub finished_at: Option<DateTime<Utc>>,
}

/// Query of `GET /admin/webhooks/{id}/deliveries`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct WebhookDeliveryQuery {
    /// Only deliveries in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub state: Option<WebhookDeliveryState>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// The body of a delivery. It holds no personal data but ids and public user names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhookMessage {
    pub id: Uuid,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    #[serde(flatten)]
    pub happening: Happening,
}

/// Something that has happened: `type` and `data` of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Happening {
    #[serde(rename = "movie.published")]
    MoviePublished(MovieFacts),
    #[serde(rename = "movie.deleted")]
    MovieDeleted(MovieFacts),
    #[serde(rename = "notice.published")]
    NoticePublished(NoticeFacts),
    #[serde(rename = "account.registered")]
    AccountRegistered(AccountFacts),
    #[serde(rename = "order.paid")]
    OrderPaid(OrderFacts),
    #[serde(rename = "ping")]
    Ping {},
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MovieFacts {
    pub id: Uuid,
    pub title: String,
    /// Minor units.
    pub price: i64,
    /// Since when members see it, if that was set.
    pub publish_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeFacts {
    pub id: Uuid,
    pub title: String,
    pub pinned: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountFacts {
    pub id: Uuid,
    pub username: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderFacts {
    pub id: Uuid,
    pub account_id: Uuid,
    pub movie_id: Uuid,
    /// What was paid, in minor units.
    pub price: i64,
    pub currency: String,
}

impl Happening {
    /// What kind of event it is.
    pub fn event(&self) -> WebhookEvent {
        match self {
            Self::MoviePublished(_) => WebhookEvent::MoviePublished,
            Self::MovieDeleted(_) => WebhookEvent::MovieDeleted,
            Self::NoticePublished(_) => WebhookEvent::NoticePublished,
            Self::AccountRegistered(_) => WebhookEvent::AccountRegistered,
            Self::OrderPaid(_) => WebhookEvent::OrderPaid,
            Self::Ping {} => WebhookEvent::Ping,
        }
    }

    /// The account that it tells of, if it tells of one.
    pub fn account(&self) -> Option<Uuid> {
        match self {
            Self::AccountRegistered(account) => Some(account.id),
            Self::OrderPaid(order) => Some(order.account_id),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_names_read_back() {
        for &event in WebhookEvent::ALL {
            assert_eq!(WebhookEvent::parse(event.as_str()), Some(event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
        assert_eq!(WebhookEvent::parse("movie.watched"), None);
    }

    #[test]
    fn a_message_has_the_shape_of_the_documents() {
        let id = Uuid::nil();
        let facts = NoticeFacts {
            id,
            title: "Closed".to_owned(),
            pinned: true,
        };
        let message = |happening| WebhookMessage {
            id,
            created_at: DateTime::UNIX_EPOCH,
            happening,
        };
        let told = message(Happening::NoticePublished(facts));
        let json = json!({"id": id, "created_at": "1970-01-01T00:00:00Z", "type": "notice.published",
            "data": {"id": id, "title": "Closed", "pinned": true}});
        assert_eq!(serde_json::to_value(&told).unwrap(), json);
        assert_eq!(
            serde_json::from_value::<WebhookMessage>(json).unwrap(),
            told
        );
        let ping = serde_json::to_value(message(Happening::Ping {})).unwrap();
        assert_eq!((&ping["type"], &ping["data"]), (&json!("ping"), &json!({})));
    }
}
