//! `voucher create`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use playhouse_api::Secret;
use playhouse_api::admin::NewVouchers;
use playhouse_cli_support::{Failure, Session, money, when};

#[derive(Debug, Subcommand)]
pub(crate) enum VoucherCommand {
    /// Make voucher codes; they are shown once, one on each line
    Create(CreateArgs),
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

pub(crate) async fn run(session: &Session, command: VoucherCommand) -> anyhow::Result<()> {
    let VoucherCommand::Create(args) = command;
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
