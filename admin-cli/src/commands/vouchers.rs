//! `voucher create|list|revoke`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use playhouse_api::admin::{NewVouchers, Voucher, VoucherFilter, VoucherQuery, VoucherState};
use playhouse_api::site::SiteInfo;
use playhouse_api::{Page, Secret};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Failure, Session, money, when};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum VoucherCommand {
    /// Make voucher codes; they are shown once, one on each line
    Create(CreateArgs),
    /// List vouchers, the latest first; their codes are not kept
    List(ListArgs),
    /// Take back vouchers that nobody has used
    Revoke {
        /// Ids of vouchers, as `voucher list` shows them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<Uuid>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// What each is worth, such as 10.00
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// How many
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// They are worth nothing after that
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only vouchers that stand so
    #[arg(long, value_enum, default_value_t = StateWord::All)]
    state: StateWord,
    #[command(flatten)]
    window: Window,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StateWord {
    All,
    Open,
    Used,
    Expired,
}

impl From<StateWord> for VoucherFilter {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::All => Self::All,
            StateWord::Open => Self::Open,
            StateWord::Used => Self::Used,
            StateWord::Expired => Self::Expired,
        }
    }
}

pub(crate) async fn run(session: &Session, command: VoucherCommand) -> anyhow::Result<()> {
    match command {
        VoucherCommand::Create(args) => create(session, args).await,
        VoucherCommand::List(args) => list(session, &args).await,
        VoucherCommand::Revoke { ids } => revoke(session, &ids).await,
    }
}

async fn create(session: &Session, args: CreateArgs) -> anyhow::Result<()> {
    let amount = money::parse(&args.amount, session.site().await?.currency_digits)?;
    if amount == 0 {
        return Err(Failure::usage("the amount must be more than nothing").into());
    }
    let vouchers = NewVouchers {
        amount,
        count: args.count,
        expires_at: args.expires_at,
    };
    let vouchers = session.client.create_vouchers(&vouchers).await?;
    session.output.show(&vouchers, || {
        let codes: Vec<_> = vouchers.codes.iter().map(Secret::reveal).collect();
        codes.join("\n")
    })
}

async fn list(session: &Session, args: &ListArgs) -> anyhow::Result<()> {
    let page = listing::collect(&args.window, |Step { cursor, limit }| async move {
        let query = VoucherQuery {
            state: Some(args.state.into()),
            cursor,
            limit: Some(limit),
        };
        session.client.list_vouchers(&query).await
    });
    let (page, site) = (page.await?, session.site().await?);
    session
        .output
        .show(&page, || voucher_table(&page, site) + &listing::more(&page))
}

async fn revoke(session: &Session, ids: &[Uuid]) -> anyhow::Result<()> {
    for id in ids {
        session.client.revoke_voucher(*id).await?;
        let done = serde_json::json!({ "id": id, "done": "revoked" });
        session
            .output
            .show(&done, || format!("Voucher {id} is worth nothing now."))?;
    }
    Ok(())
}

fn voucher_table(page: &Page<Voucher>, site: &SiteInfo) -> String {
    let mut table = Table::new([
        left("ID"),
        right("AMOUNT"),
        left("STATE"),
        left("MADE (UTC)"),
        left("BY"),
        left("EXPIRES (UTC)"),
        left("USED (UTC)"),
        left("BY"),
    ]);
    for it in &page.items {
        let user = it.used_by.as_ref().map(|user| user.username.clone());
        table.row([
            it.id.to_string(),
            money::show(it.amount, site),
            state_word(it.state).to_owned(),
            when::show(it.created_at),
            it.created_by.clone(),
            when::show_or_dash(it.expires_at),
            when::show_or_dash(it.used_at),
            user.unwrap_or_default(),
        ]);
    }
    table.to_string()
}

fn state_word(state: VoucherState) -> &'static str {
    match state {
        VoucherState::Open => "open",
        VoucherState::Used => "used",
        VoucherState::Expired => "expired",
    }
}
