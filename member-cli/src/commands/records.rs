//! `records`: one's own downloads.

use playhouse_api::Page;
use playhouse_api::downloads::{DownloadQuery, DownloadRecord, DownloadState};
use playhouse_api::site::SiteInfo;
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Session, money, output, when};

pub(crate) async fn run(session: &Session, window: &Window) -> anyhow::Result<()> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = DownloadQuery {
            account: None,
            cursor,
            limit: Some(limit),
        };
        session.client.list_downloads(&query).await
    });
    let page = page.await?;
    let site = session.site().await?;
    session
        .output
        .show(&page, || record_table(&page, site) + &listing::more(&page))
}

fn record_table(page: &Page<DownloadRecord>, site: &SiteInfo) -> String {
    let mut table = Table::new([
        left("AT (UTC)"),
        left("TITLE"),
        right("PAID"),
        right("SENT"),
        right("SIZE"),
        left("STATE"),
    ]);
    for record in &page.items {
        table.row([
            when::show(record.created_at),
            record.title.clone(),
            money::show_price(record.price_paid, site),
            output::bytes(record.bytes_sent),
            output::bytes(record.size),
            state_word(record.state).to_owned(),
        ]);
    }
    table.to_string()
}

const fn state_word(state: DownloadState) -> &'static str {
    match state {
        DownloadState::Waiting => "waiting",
        DownloadState::Ready => "ready",
        DownloadState::Running => "running",
        DownloadState::Paused => "paused",
        DownloadState::Completed => "completed",
        DownloadState::Aborted => "aborted",
        DownloadState::Expired => "expired",
    }
}
