//! The rules of webhooks, and the transactions that keep them. Those of their deliveries are in [`deliveries`].

mod deliveries;

use std::io;

use chrono::TimeDelta;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use playhouse_api::webhooks as api;
use serde_json::json;
use url::Url;

use super::figures::Figures;
use super::model::{Error, MAX_WEBHOOKS, Webhook};
use super::outbox::{self, Mail};
use super::sender::Sender;
use super::signing::Key;
use super::store::{self, Changes, NewRow};
use super::turns::Turns;
use super::{delivering, policy};
use crate::audit::{self, Actor};
use crate::clock::{Clock, Time};
use crate::config::WebhooksConfig;
use crate::db::{self, Conn, Db};
use crate::error::FieldChecks;
use crate::events::Events;
use crate::ids::WebhookId;
use crate::jobs::{Handlers, Jobs};

type Result<T> = std::result::Result<T, Error>;

/// The webhooks of the house; cheap to copy.
#[derive(Clone)]
pub struct Webhooks {
    pub(super) db: Db,
    pub(super) clock: Clock,
    jobs: Jobs,
    pub(super) sender: Sender,
    pub(super) turns: Turns,
    pub(super) figures: Figures,
    allows_private: bool,
    keep: TimeDelta,
}

impl Webhooks {
    /// From here on what the house tells is kept for its webhooks.
    ///
    /// # Errors
    /// When the authorities of the configuration cannot be read, or the figures cannot be made.
    pub fn new(
        db: Db,
        clock: Clock,
        events: &Events,
        jobs: Jobs,
        config: &WebhooksConfig,
    ) -> io::Result<Self> {
        let sender = Sender::new(config)?;
        let figures = Figures::new().map_err(io::Error::other)?;
        events.keep_outbox(Mail::new(jobs.clone()));
        jobs.when_given_up(outbox::KIND, delivering::give_up);
        jobs.when_tried_again(outbox::KIND, |conn, _, job| {
            delivering::tried_again(conn, job.subject_id.as_deref())
        });
        Ok(Self {
            db,
            clock,
            jobs,
            sender,
            turns: Turns::default(),
            figures,
            allows_private: config.allow_private_addresses,
            keep: TimeDelta::days(config.keep_days),
        })
    }

    /// What the workers do for webhooks.
    #[must_use]
    pub fn handlers(&self) -> Handlers {
        let webhooks = self.clone();
        Handlers::default().on(outbox::KIND, move |task| webhooks.clone().deliver(task))
    }

    /// All webhooks, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(&self) -> Result<Page<api::Webhook>> {
        let items = self
            .db
            .read::<_, Error, _>(|conn| {
                let rows = store::list(conn)?;
                let views = rows.into_iter().map(|row| view_in(conn, row));
                Ok(views.collect::<db::Result<_>>()?)
            })
            .await?;
        Ok(Page {
            items,
            next_cursor: None,
        })
    }

    /// One webhook.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, id: WebhookId) -> Result<api::Webhook> {
        self.db.read(move |conn| get_in(conn, &id)).await
    }

    /// Adds a webhook. Its secret is in this answer only.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::TooMany`].
    pub async fn add(&self, actor: Actor, new: api::NewWebhook) -> Result<api::WebhookWithSecret> {
        let (url, events) = self.check(Some(&new.url), Some(&new.events))?;
        let (now, key) = (self.clock.now(), Key::generate());
        let secret = key.to_secret();
        let row = NewRow {
            id: WebhookId::generate(),
            url: url.map(String::from).unwrap_or_default(),
            secret: key,
            events: events.unwrap_or_default(),
            is_active: true,
            created_at: now,
            updated_at: now,
        };
        let webhook = self
            .db
            .write(move |conn| {
                if store::count(conn)? >= MAX_WEBHOOKS {
                    return Err(Error::TooMany);
                }
                store::insert(conn, &row)?;
                note(conn, now, &actor, "webhook.add", &row.id)?;
                get_in(conn, &row.id)
            })
            .await?;
        Ok(api::WebhookWithSecret { webhook, secret })
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change(
        &self,
        actor: Actor,
        id: WebhookId,
        asked: api::WebhookChanges,
    ) -> Result<api::Webhook> {
        let (url, events) = self.check(asked.url.as_deref(), asked.events.as_deref())?;
        let now = self.clock.now();
        // Somebody has seen to it: it has all the time again.
        let is_new = url.is_some() || asked.is_active == Some(true);
        let changes = Changes {
            url: url.map(String::from),
            secret: None,
            events,
            is_active: asked.is_active,
            failing_since: is_new.then_some(None),
            updated_at: now,
        };
        let is_change = asked != api::WebhookChanges::default();
        let changed = id.clone();
        let webhook = self
            .db
            .write::<_, Error, _>(move |conn| {
                let before = get_in(conn, &id)?;
                if !is_change {
                    return Ok(before);
                }
                store::update(conn, &id, &changes)?;
                note(conn, now, &actor, "webhook.change", &id)?;
                get_in(conn, &id)
            })
            .await?;
        if is_new {
            self.turns.end_rest(&changed);
        }
        Ok(webhook)
    }

    /// Gives a webhook another secret. The one before is good for nothing from then on.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn renew_secret(
        &self,
        actor: Actor,
        id: WebhookId,
    ) -> Result<api::WebhookWithSecret> {
        let (now, key) = (self.clock.now(), Key::generate());
        let secret = key.to_secret();
        let changes = Changes {
            url: None,
            secret: Some(key),
            events: None,
            is_active: None,
            failing_since: None,
            updated_at: now,
        };
        let webhook = self
            .db
            .write(move |conn| {
                get_in(conn, &id)?;
                store::update(conn, &id, &changes)?;
                note(conn, now, &actor, "webhook.renew_secret", &id)?;
                get_in(conn, &id)
            })
            .await?;
        Ok(api::WebhookWithSecret { webhook, secret })
    }

    /// Removes a webhook and what it was to be told. What is being sent at this moment may still arrive.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn remove(&self, actor: Actor, id: WebhookId) -> Result<()> {
        let (now, removed) = (self.clock.now(), id.clone());
        self.db
            .write::<_, Error, _>(move |conn| {
                get_in(conn, &id)?;
                note(conn, now, &actor, "webhook.remove", &id)?;
                Ok(store::delete(conn, &id)?)
            })
            .await?;
        self.turns.forget(&removed);
        Ok(())
    }

    /// The address and the list as they are kept.
    fn check(
        &self,
        url: Option<&str>,
        events: Option<&[api::WebhookEvent]>,
    ) -> Result<(Option<Url>, Option<String>)> {
        let mut checks = FieldChecks::default();
        let url = url.map(|url| policy::receiver(url, self.allows_private));
        if let Some(Err(detail)) = &url {
            checks.require(false, "url", FieldCode::InvalidFormat, detail);
        }
        if let Some(events) = events {
            let detail = "events names at least one.";
            checks.require(!events.is_empty(), "events", FieldCode::Required, detail);
            let detail = "ping is sent when it is asked for; no list names it.";
            let names_ping = events.contains(&api::WebhookEvent::Ping);
            checks.require(!names_ping, "events", FieldCode::OutOfRange, detail);
        }
        checks.finish().map_err(Error::Invalid)?;
        Ok((url.and_then(std::result::Result::ok), events.map(names)))
    }
}

/// The names of events as they are kept: each once, in their order.
fn names(events: &[api::WebhookEvent]) -> String {
    let mut events = events.to_vec();
    events.sort_unstable();
    events.dedup();
    json!(events).to_string()
}

fn get_in(conn: &mut Conn, id: &WebhookId) -> Result<api::Webhook> {
    let row = store::find(conn, id)?.ok_or(Error::NotFound)?;
    Ok(view_in(conn, row)?)
}

fn view_in(conn: &mut Conn, row: Webhook) -> db::Result<api::Webhook> {
    let last = store::list_deliveries(conn, &row.id, None, None, 1)?;
    Ok(row.view(last.into_iter().next()))
}

/// Notes what an admin does. Of the address the log names the host only: the rest may be a key.
fn note(conn: &mut Conn, now: Time, actor: &Actor, action: &str, id: &WebhookId) -> Result<()> {
    let row = store::find(conn, id)?.ok_or(Error::NotFound)?;
    let url = Url::parse(&row.url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    let detail = json!({"host": host, "events": row.events(), "is_active": row.is_active});
    Ok(audit::record(
        conn,
        now,
        actor,
        action,
        id.as_str(),
        &detail,
    )?)
}
