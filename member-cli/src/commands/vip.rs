//! `vip`: plans, and buying one.

use clap::{Args, Subcommand};
use playhouse_api::client::{self, Retry};
use playhouse_api::membership::{Membership, NewMembership, Plan};
use playhouse_cli_support::resume::StateFile;
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Failure, Session, money, when};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::confirm::confirm;
use super::told;

#[derive(Debug, Subcommand)]
pub(crate) enum VipCommand {
    /// Whether you are VIP, and until when
    Status,
    /// What can be bought
    Plans,
    /// Buy VIP time from your wallet
    Buy(BuyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BuyArgs {
    /// Id of a plan, such as month
    plan: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// A purchase whose answer has not come yet.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    key: Uuid,
}

pub(crate) async fn run(session: &Session, command: VipCommand) -> anyhow::Result<()> {
    match command {
        VipCommand::Status => status(session).await,
        VipCommand::Plans => plans(session).await,
        VipCommand::Buy(args) => buy(session, &args).await,
    }
}

async fn status(session: &Session) -> anyhow::Result<()> {
    let account = session.client.me().await?.account;
    let shown = serde_json::json!({"is_vip": account.is_vip, "vip_until": account.vip_until});
    session.output.show(&shown, || match account.vip_until {
        Some(until) if account.is_vip => format!("VIP until {} UTC.", when::show(until)),
        Some(until) => format!("VIP ended at {} UTC.", when::show(until)),
        None => "Not VIP: see `vip plans`.".to_owned(),
    })
}

async fn plans(session: &Session) -> anyhow::Result<()> {
    let page = session.client.list_plans().await?;
    let site = session.site().await?;
    session.output.show(&page, || {
        let mut table = Table::new([left("PLAN"), left("TITLE"), right("DAYS"), right("PRICE")]);
        for plan in &page.items {
            table.row([
                plan.id.clone(),
                plan.title.clone(),
                plan.days.to_string(),
                money::show(plan.price, site),
            ]);
        }
        table.to_string()
    })
}

async fn buy(session: &Session, args: &BuyArgs) -> anyhow::Result<()> {
    let plan = find(session, &args.plan).await?;
    let site = session.site().await?;
    let price = money::show(plan.price, site);
    confirm(&format!("Buy {} for {price}?", plan.title), args.yes)?;
    let bought = buy_once(session, plan).await?;
    session.output.show(&bought, || {
        let until = when::show(bought.vip_until);
        let balance = money::show(bought.balance, site);
        format!("VIP until {until} UTC; the wallet holds {balance}.")
    })
}

async fn find(session: &Session, id: &str) -> anyhow::Result<Plan> {
    let plans = session.client.list_plans().await?.items;
    let found = plans.into_iter().find(|plan| plan.id == id);
    Ok(found
        .ok_or_else(|| Failure::not_found(format!("there is no plan {id:?}: see `vip plans`")))?)
}

/// The key is kept until the server has answered, so that the same command after a kill or a lost
/// connection does not pay twice.
async fn buy_once(session: &Session, plan: Plan) -> anyhow::Result<Membership> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = plan.id.chars().map(plain).collect();
    let server = session.client.base_url();
    let file = StateFile::new(&session.config, "orders", server, &format!("vip-{name}"));
    let pending = file.read()?.unwrap_or_else(|| Pending {
        key: Uuid::now_v7(),
    });
    file.write(&pending)?;
    let plan = NewMembership { plan: plan.id };
    let mut retry = Retry::new(told(session));
    let bought = retry
        .run(|| session.client.buy_membership(&plan, pending.key))
        .await;
    if !is_unknown(&bought) {
        file.forget()?;
    }
    Ok(bought?)
}

/// The server may have done it without our hearing of it.
fn is_unknown(result: &client::Result<Membership>) -> bool {
    result
        .as_ref()
        .is_err_and(|error| error.is_transient() || matches!(error, client::Error::Answer { .. }))
}
