//! `audit`: what admins have done.

use clap::Args;
use playhouse_api::Page;
use playhouse_api::admin::{AuditEntry, AuditQuery};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left};
use playhouse_cli_support::{Session, when};

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Only what this user name did
    #[arg(long, value_name = "USER")]
    actor: Option<String>,
    /// Only this action, such as movie.publish
    #[arg(long)]
    action: Option<String>,
    #[command(flatten)]
    window: Window,
}

pub(crate) async fn run(session: &Session, args: AuditArgs) -> anyhow::Result<()> {
    let filter = AuditQuery {
        actor: args.actor,
        action: args.action,
        ..AuditQuery::default()
    };
    let page = listing::collect(&args.window, |Step { cursor, limit }| {
        let query = AuditQuery {
            cursor,
            limit: Some(limit),
            ..filter.clone()
        };
        async move { session.client.list_audit(&query).await }
    });
    let page = page.await?;
    session
        .output
        .show(&page, || audit_table(&page) + &listing::more(&page))
}

fn audit_table(page: &Page<AuditEntry>) -> String {
    let columns = [
        left("AT (UTC)"),
        left("ACTOR"),
        left("ACTION"),
        left("TARGET"),
        left("DETAIL"),
        left("ADDRESS"),
    ];
    let mut table = Table::new(columns);
    for entry in &page.items {
        let target = entry.target_id.as_deref().unwrap_or_default();
        table.row([
            when::show(entry.at),
            entry.actor.clone().unwrap_or_else(|| "(server)".to_owned()),
            entry.action.clone(),
            format!("{} {target}", entry.target_kind),
            detail_text(&entry.detail),
            entry.address.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}

/// Nothing for an action that has no detail.
fn detail_text(detail: &serde_json::Value) -> String {
    let empty = detail.is_null() || detail.as_object().is_some_and(serde_json::Map::is_empty);
    if empty {
        String::new()
    } else {
        detail.to_string()
    }
}
