//! `webhook add|list|show|edit|secret|ping|remove|deliveries|retry`.

use clap::{Args, Subcommand};
use playhouse_api::Page;
use playhouse_api::webhooks::{
    NewWebhook, Webhook, WebhookChanges, WebhookDelivery, WebhookDeliveryQuery,
    WebhookDeliveryState, WebhookEvent, WebhookWithSecret,
};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Failure, Session, when};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Add a webhook; its secret is shown once
    Add {
        /// Where it is told: an address that begins with `https://` or `http://`
        url: String,
        /// What it is told, such as movie.published; repeat for several
        #[arg(long = "event", required = true, value_name = "EVENT", value_parser = event)]
        events: Vec<WebhookEvent>,
    },
    /// List the webhooks
    List,
    /// Show one webhook
    Show {
        /// Id of the webhook
        id: Uuid,
    },
    /// Change a webhook, or switch it off and on
    Edit(EditArgs),
    /// Give a webhook another secret, which is shown once
    Secret {
        /// Id of the webhook
        id: Uuid,
    },
    /// Send a test
    Ping {
        /// Id of the webhook
        id: Uuid,
    },
    /// Remove webhooks
    Remove {
        /// Ids of the webhooks
        #[arg(required = true, value_name = "ID")]
        ids: Vec<Uuid>,
    },
    /// List what a webhook was told, the latest first
    Deliveries {
        /// Id of the webhook
        id: Uuid,
        #[command(flatten)]
        window: Window,
    },
    /// Send a finished delivery again
    Retry {
        /// Id of the webhook
        id: Uuid,
        /// Id of the delivery
        delivery: Uuid,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Id of the webhook
    id: Uuid,
    /// New address
    #[arg(long)]
    url: Option<String>,
    /// What it is told, instead of all before; repeat for several
    #[arg(long = "event", value_name = "EVENT", value_parser = event)]
    events: Vec<WebhookEvent>,
    /// Tell it what happens
    #[arg(long)]
    on: bool,
    /// Tell it nothing
    #[arg(long, conflicts_with = "on")]
    off: bool,
}

fn event(name: &str) -> Result<WebhookEvent, String> {
    let known = || {
        let names = WebhookEvent::ALL.iter().map(|it| it.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    WebhookEvent::parse(name).ok_or_else(|| format!("the events are {}", known()))
}

pub(crate) async fn run(session: &Session, command: WebhookCommand) -> anyhow::Result<()> {
    match command {
        WebhookCommand::Add { url, events } => add(session, NewWebhook { url, events }).await,
        WebhookCommand::List => list(session).await,
        WebhookCommand::Show { id } => {
            let webhook = session.client.webhook(id).await?;
            session.output.show(&webhook, || description(&webhook))
        }
        WebhookCommand::Edit(args) => edit(session, args).await,
        WebhookCommand::Secret { id } => {
            let renewed = session.client.renew_webhook_secret(id).await?;
            show_secret(session, &renewed, "Renewed the secret of")
        }
        WebhookCommand::Ping { id } => {
            let delivery = session.client.ping_webhook(id).await?;
            show_delivery(session, &delivery)
        }
        WebhookCommand::Remove { ids } => remove(session, &ids).await,
        WebhookCommand::Deliveries { id, window } => deliveries(session, id, &window).await,
        WebhookCommand::Retry { id, delivery } => {
            let delivery = session.client.retry_webhook_delivery(id, delivery).await?;
            show_delivery(session, &delivery)
        }
    }
}

async fn add(session: &Session, new: NewWebhook) -> anyhow::Result<()> {
    let added = session.client.add_webhook(&new).await?;
    show_secret(session, &added, "Added")
}

fn show_secret(session: &Session, it: &WebhookWithSecret, done: &str) -> anyhow::Result<()> {
    session.output.show(it, || {
        let secret = it.secret.reveal();
        format!(
            "{done} {}.\nThe secret, shown only now: {secret}",
            it.webhook.id
        )
    })
}

async fn list(session: &Session) -> anyhow::Result<()> {
    let page = session.client.list_webhooks().await?;
    session.output.show(&page, || webhook_table(&page))
}

async fn edit(session: &Session, args: EditArgs) -> anyhow::Result<()> {
    let changes = WebhookChanges {
        url: args.url,
        events: Some(args.events).filter(|it| !it.is_empty()),
        is_active: (args.on || args.off).then_some(args.on),
    };
    if changes == WebhookChanges::default() {
        return Err(Failure::usage("nothing to change: see `webhook edit --help`").into());
    }
    let webhook = session.client.change_webhook(args.id, &changes).await?;
    session
        .output
        .show(&webhook, || format!("Changed {}.", webhook.id))
}

async fn remove(session: &Session, ids: &[Uuid]) -> anyhow::Result<()> {
    for id in ids {
        session.client.remove_webhook(*id).await?;
        let done = serde_json::json!({ "id": id, "done": "removed" });
        session.output.show(&done, || format!("Removed {id}."))?;
    }
    Ok(())
}

async fn deliveries(session: &Session, id: Uuid, window: &Window) -> anyhow::Result<()> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = WebhookDeliveryQuery {
            state: None,
            cursor,
            limit: Some(limit),
        };
        session.client.list_webhook_deliveries(id, &query).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || delivery_table(&page) + &listing::more(&page))
}

fn show_delivery(session: &Session, delivery: &WebhookDelivery) -> anyhow::Result<()> {
    session.output.show(delivery, || {
        format!("{} is on its way as {}.", delivery.event, delivery.id)
    })
}

fn names(events: &[WebhookEvent]) -> String {
    let names: Vec<&str> = events.iter().map(|it| it.as_str()).collect();
    names.join(" ")
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn state(delivery: &WebhookDelivery) -> &'static str {
    match delivery.state {
        WebhookDeliveryState::Queued => "queued",
        WebhookDeliveryState::Delivered => "delivered",
        WebhookDeliveryState::Failed => "failed",
    }
}

fn last(webhook: &Webhook) -> &'static str {
    webhook.last_delivery.as_ref().map_or("", state)
}

fn description(webhook: &Webhook) -> String {
    let mut lines = vec![
        format!("id       {}", webhook.id),
        format!("url      {}", webhook.url),
        format!("events   {}", names(&webhook.events)),
        format!("active   {}", yes(webhook.is_active)),
        format!("created  {}", when::show(webhook.created_at)),
        format!("last     {}", last(webhook)),
    ];
    if let Some(since) = webhook.failing_since {
        lines.push(format!("failing  since {}", when::show(since)));
    }
    let trouble = webhook.last_delivery.as_ref();
    if let Some(error) = trouble.and_then(|it| it.last_error.as_deref()) {
        lines.push(format!("error    {error}"));
    }
    lines.join("\n")
}

fn webhook_table(page: &Page<Webhook>) -> String {
    let columns = [
        left("ID"),
        left("URL"),
        left("EVENTS"),
        left("ACTIVE"),
        left("LAST"),
    ];
    let mut table = Table::new(columns);
    for webhook in &page.items {
        table.row([
            webhook.id.to_string(),
            webhook.url.clone(),
            names(&webhook.events),
            yes(webhook.is_active),
            last(webhook).to_owned(),
        ]);
    }
    table.to_string()
}

fn delivery_table(page: &Page<WebhookDelivery>) -> String {
    let columns = [
        left("ID"),
        left("EVENT"),
        left("STATE"),
        right("ATTEMPTS"),
        right("STATUS"),
        left("CREATED (UTC)"),
        left("ERROR"),
    ];
    let mut table = Table::new(columns);
    for delivery in &page.items {
        let status = delivery.last_status.map(|it| it.to_string());
        table.row([
            delivery.id.to_string(),
            delivery.event.clone(),
            state(delivery).to_owned(),
            delivery.attempts.to_string(),
            status.unwrap_or_default(),
            when::show(delivery.created_at),
            delivery.last_error.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}
