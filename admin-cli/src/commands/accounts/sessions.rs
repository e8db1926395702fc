//! `account sessions`: where somebody is signed in, and ending that.

use clap::Args;
use playhouse_api::Page;
use playhouse_api::admin::AccountSession;
use playhouse_api::page::PageQuery;
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Session, when};
use uuid::Uuid;

use super::{Who, resolve};

#[derive(Debug, Args)]
pub(crate) struct SessionsArgs {
    #[command(flatten)]
    who: Who,
    /// End this one: its transfers and live connections end at once
    #[arg(long, value_name = "ID")]
    end: Option<Uuid>,
    #[command(flatten)]
    window: Window,
}

pub(super) async fn run(session: &Session, args: SessionsArgs) -> anyhow::Result<()> {
    let account = resolve(session, &args.who.account).await?;
    if let Some(id) = args.end {
        session.client.end_account_session(account, id).await?;
        let done = serde_json::json!({ "id": id, "done": "ended" });
        return session
            .output
            .show(&done, || format!("Session {id} has ended."));
    }
    let page = listing::collect(&args.window, |Step { cursor, limit }| async move {
        let query = PageQuery {
            cursor,
            limit: Some(limit),
        };
        session.client.account_sessions(account, &query).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || sessions_table(&page) + &listing::more(&page))
}

fn sessions_table(page: &Page<AccountSession>) -> String {
    let mut table = Table::new([
        left("ID"),
        left("DEVICE"),
        left("ADDRESS"),
        left("SIGNED IN (UTC)"),
        left("LAST SEEN (UTC)"),
        right("CONNECTIONS"),
    ]);
    for it in &page.items {
        table.row([
            it.session.id.to_string(),
            it.session.device.clone(),
            it.session.address.clone().unwrap_or_default(),
            when::show(it.session.created_at),
            when::show(it.session.last_seen_at),
            it.connections.to_string(),
        ]);
    }
    table.to_string()
}
