//! `wallet`: the balance, the ledger, vouchers.

use clap::Subcommand;
use playhouse_api::membership::{LedgerEntry, LedgerKind, RedeemVoucher};
use playhouse_api::page::PageQuery;
use playhouse_api::site::SiteInfo;
use playhouse_api::{Page, Secret};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Failure, Session, money, when};

#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// What the wallet holds (the same as `wallet` alone)
    Balance,
    /// Every amount that came or went
    Ledger(Window),
    /// Put a voucher's amount into the wallet
    Voucher {
        /// The code; read from stdin when left out
        code: Option<Secret>,
    },
}

pub(crate) async fn run(session: &Session, command: Option<WalletCommand>) -> anyhow::Result<()> {
    match command {
        None | Some(WalletCommand::Balance) => balance(session).await,
        Some(WalletCommand::Ledger(window)) => ledger(session, &window).await,
        Some(WalletCommand::Voucher { code }) => voucher(session, code).await,
    }
}

async fn balance(session: &Session) -> anyhow::Result<()> {
    let wallet = session.client.wallet().await?;
    let site = session.site().await?;
    session
        .output
        .show(&wallet, || money::show(wallet.balance, site))
}

async fn ledger(session: &Session, window: &Window) -> anyhow::Result<()> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = PageQuery {
            cursor,
            limit: Some(limit),
        };
        session.client.list_ledger(&query).await
    });
    let page = page.await?;
    let site = session.site().await?;
    session
        .output
        .show(&page, || ledger_table(&page, site) + &listing::more(&page))
}

async fn voucher(session: &Session, code: Option<Secret>) -> anyhow::Result<()> {
    let code = code.map_or_else(from_stdin, Ok)?;
    let entry = session
        .client
        .redeem_voucher(&RedeemVoucher { code })
        .await?;
    let site = session.site().await?;
    session.output.show(&entry, || {
        let amount = money::show(entry.amount, site);
        let balance = money::show(entry.balance_after, site);
        format!("The voucher was worth {amount}; the wallet holds {balance}.")
    })
}

fn from_stdin() -> anyhow::Result<Secret> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    match line.trim() {
        "" => Err(Failure::usage("there is no code on stdin").into()),
        code => Ok(Secret::new(code)),
    }
}

fn ledger_table(page: &Page<LedgerEntry>, site: &SiteInfo) -> String {
    let mut table = Table::new([
        left("AT (UTC)"),
        right("AMOUNT"),
        right("BALANCE"),
        left("WHAT"),
        left("NOTE"),
    ]);
    for entry in &page.items {
        table.row([
            when::show(entry.created_at),
            money::show(entry.amount, site),
            money::show(entry.balance_after, site),
            kind_word(entry.kind).to_owned(),
            entry.note.clone(),
        ]);
    }
    table.to_string()
}

const fn kind_word(kind: LedgerKind) -> &'static str {
    match kind {
        LedgerKind::Credit => "credit",
        LedgerKind::Voucher => "voucher",
        LedgerKind::Order => "film",
        LedgerKind::Membership => "VIP",
        LedgerKind::Adjustment => "correction",
    }
}
