//! `account list|show|lock|unlock|role|vip|credit|sessions`.

mod sessions;
mod shown;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand, ValueEnum};
use playhouse_api::Page;
use playhouse_api::accounts::{Account, Role};
use playhouse_api::admin::{AccountChanges, AccountQuery, NewCredit};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::{Failure, Session, money, when};
use uuid::Uuid;

use self::sessions::SessionsArgs;
use self::shown::{account_fields, account_table, role_word};

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// List accounts
    List {
        /// Part of the user name or the real name
        q: Option<String>,
        #[command(flatten)]
        window: Window,
    },
    /// Show one account
    Show(Who),
    /// Lock an account: its sessions, tokens and transfers end at once
    Lock(Who),
    /// Unlock an account
    Unlock(Who),
    /// Make an account an admin, or a member again
    Role {
        #[command(flatten)]
        who: Who,
        /// The new role
        #[arg(value_enum)]
        role: RoleWord,
    },
    /// Give VIP time, or take it
    Vip(VipArgs),
    /// Put an amount into a wallet
    Credit(CreditArgs),
    /// Show where somebody is signed in, or end one of their sessions
    Sessions(SessionsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct Who {
    /// User name or id of the account
    account: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RoleWord {
    Member,
    Admin,
}

#[derive(Debug, Args)]
pub(crate) struct VipArgs {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    time: VipTime,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct VipTime {
    /// VIP until then, such as 2026-12-31
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    until: Option<DateTime<Utc>>,
    /// So many days more than now, or than the account has already
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: Option<i64>,
    /// No VIP any more
    #[arg(long)]
    off: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CreditArgs {
    #[command(flatten)]
    who: Who,
    /// How much, such as 10.00
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// What for; the member reads it in the ledger
    #[arg(long)]
    note: String,
    /// A key of your own: the same key again does not credit again
    #[arg(long, value_name = "UUID")]
    key: Option<Uuid>,
}

pub(crate) async fn run(session: &Session, command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::List { q, window } => list(session, q, &window).await,
        AccountCommand::Show(who) => show(session, &who).await,
        AccountCommand::Lock(who) => lock(session, &who, true).await,
        AccountCommand::Unlock(who) => lock(session, &who, false).await,
        AccountCommand::Role { who, role } => change_role(session, &who, role).await,
        AccountCommand::Vip(args) => change_vip(session, &args).await,
        AccountCommand::Credit(args) => credit(session, args).await,
        AccountCommand::Sessions(args) => sessions::run(session, args).await,
    }
}

async fn list(session: &Session, q: Option<String>, window: &Window) -> anyhow::Result<()> {
    let page = fetch(session, q.as_deref(), window).await?;
    session
        .output
        .show(&page, || account_table(&page) + &listing::more(&page))
}

async fn show(session: &Session, who: &Who) -> anyhow::Result<()> {
    let id = resolve(session, &who.account).await?;
    let account = session.client.account(id).await?;
    let site = session.site().await?;
    session
        .output
        .show(&account, || account_fields(&account, site))
}

async fn lock(session: &Session, who: &Who, is_locked: bool) -> anyhow::Result<()> {
    let changes = AccountChanges {
        is_locked: Some(is_locked),
        ..AccountChanges::default()
    };
    let account = change(session, who, &changes).await?;
    let word = if is_locked { "locked" } else { "unlocked" };
    session
        .output
        .show(&account, || format!("{} is {word}.", account.username))
}

async fn change_role(session: &Session, who: &Who, role: RoleWord) -> anyhow::Result<()> {
    let role = match role {
        RoleWord::Member => Role::Member,
        RoleWord::Admin => Role::Admin,
    };
    let changes = AccountChanges {
        role: Some(role),
        ..AccountChanges::default()
    };
    let account = change(session, who, &changes).await?;
    session.output.show(&account, || {
        format!("{} is {}.", account.username, role_word(&account))
    })
}

async fn change_vip(session: &Session, args: &VipArgs) -> anyhow::Result<()> {
    let id = resolve(session, &args.who.account).await?;
    let now = when::now();
    let vip_until = match args.time.days {
        Some(days) => Some(later(
            session.client.account(id).await?.account.vip_until,
            days,
            now,
        )?),
        None => args.time.until,
    };
    let changes = AccountChanges {
        vip_until: Some(vip_until),
        ..AccountChanges::default()
    };
    let account = session.client.change_account(id, &changes).await?;
    session.output.show(&account, || match account.vip_until {
        Some(until) if until > now => {
            format!(
                "{} is VIP until {} UTC.",
                account.username,
                when::show(until)
            )
        }
        _ => format!("{} is not VIP.", account.username),
    })
}

/// Days more than now, or than a VIP has already.
fn later(
    vip_until: Option<DateTime<Utc>>,
    days: i64,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Failure> {
    let from = vip_until.unwrap_or(now).max(now);
    let until = TimeDelta::try_days(days).and_then(|days| from.checked_add_signed(days));
    until.ok_or_else(|| Failure::usage("that is too many days"))
}

async fn credit(session: &Session, args: CreditArgs) -> anyhow::Result<()> {
    let site = session.site().await?;
    let amount = money::parse(&args.amount, site.currency_digits)?;
    if amount == 0 {
        return Err(Failure::usage("the amount must be more than nothing").into());
    }
    let id = resolve(session, &args.who.account).await?;
    let key = args.key.unwrap_or_else(Uuid::now_v7);
    let entry = session
        .client
        .credit(
            id,
            &NewCredit {
                amount,
                note: args.note,
            },
            key,
        )
        .await?;
    session.output.show(&entry, || {
        let (amount, balance) = (
            money::show(entry.amount, site),
            money::show(entry.balance_after, site),
        );
        format!("{} has {amount} more: {balance}.", args.who.account)
    })
}

async fn change(session: &Session, who: &Who, changes: &AccountChanges) -> anyhow::Result<Account> {
    let id = resolve(session, &who.account).await?;
    Ok(session.client.change_account(id, changes).await?)
}

/// An id is taken as it is; user names are the same in capitals.
async fn resolve(session: &Session, text: &str) -> anyhow::Result<Uuid> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let window = Window {
        limit: 0,
        all: true,
        cursor: None,
    };
    let found = fetch(session, Some(text), &window).await?;
    let account = found
        .items
        .iter()
        .find(|it| it.username.eq_ignore_ascii_case(text));
    let missing = || Failure::not_found(format!("there is no account {text:?}"));
    Ok(account.ok_or_else(missing)?.id)
}

async fn fetch(
    session: &Session,
    q: Option<&str>,
    window: &Window,
) -> anyhow::Result<Page<Account>> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = AccountQuery {
            q: q.map(str::to_owned),
            cursor,
            limit: Some(limit),
        };
        session.client.list_accounts(&query).await
    });
    Ok(page.await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_added_to_what_a_vip_has() {
        let now = when::parse("2026-06-01").unwrap();
        let day = |text| when::parse(text).unwrap();
        assert_eq!(later(None, 30, now).unwrap(), day("2026-07-01"));
        assert_eq!(
            later(Some(day("2026-05-01")), 30, now).unwrap(),
            day("2026-07-01")
        );
        assert_eq!(
            later(Some(day("2026-07-01")), 31, now).unwrap(),
            day("2026-08-01")
        );
        assert!(later(None, i64::MAX, now).is_err());
    }
}
