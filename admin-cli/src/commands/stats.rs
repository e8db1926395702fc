//! `stats`: figures of the house.

use playhouse_api::admin::{RequestStats, Stats};
use playhouse_api::site::SiteInfo;
use playhouse_cli_support::table::fields;
use playhouse_cli_support::{Session, money, output};

pub(crate) async fn run(session: &Session) -> anyhow::Result<()> {
    let stats = session.client.stats().await?;
    let site = session.site().await?;
    session.output.show(&stats, || as_text(&stats, site))
}

fn as_text(stats: &Stats, site: &SiteInfo) -> String {
    let number = |n: i64| n.to_string();
    fields(&[
        ("accounts", number(stats.accounts)),
        ("  vip", number(stats.vip_accounts)),
        ("  locked", number(stats.locked_accounts)),
        ("films", number(stats.movies)),
        ("  processing", number(stats.movies_processing)),
        ("  failed", number(stats.movies_failed)),
        ("  in the trash", number(stats.movies_deleted)),
        ("  size", output::bytes(stats.movie_bytes)),
        ("notices", number(stats.notices)),
        ("orders", number(stats.orders)),
        ("revenue", money::show(stats.revenue, site)),
        ("in wallets", money::show(stats.wallet_total, site)),
        ("downloads", number(stats.downloads)),
        ("  running", number(stats.downloads_running)),
        ("  delivered", output::bytes(stats.bytes_sent)),
        ("open uploads", number(stats.uploads_open)),
        ("jobs waiting", number(stats.jobs.waiting)),
        ("  running", number(stats.jobs.running)),
        ("  failed", number(stats.jobs.failed)),
        ("stored", output::bytes(stats.storage.used)),
        (
            "  free",
            stats
                .storage
                .free
                .map_or_else(|| "-".to_owned(), output::bytes),
        ),
        ("connected", number(stats.live.accounts_online)),
        ("  connections", number(stats.live.connections)),
        ("films watched", number(stats.live.streams)),
        ("sending", number(stats.live.transfers)),
        ("receiving", number(stats.live.uploads)),
        ("requests", recently(&stats.requests)),
    ])
}

fn recently(requests: &RequestStats) -> String {
    let minutes = &requests.minutes;
    let (all, failed) = minutes.iter().fold((0, 0), |(all, failed), it| {
        (all + it.requests, failed + it.errors)
    });
    format!("{all} in {} minutes, {failed} failed", minutes.len())
}
