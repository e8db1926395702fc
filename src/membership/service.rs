//! The wallet, its ledger, and what others may ask about who owns what.

use std::sync::Arc;

use playhouse_api::admin::NewCredit;
use playhouse_api::events::{Event, WalletEvent};
use playhouse_api::membership as api;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use serde_json::json;

use super::idempotency::{self, Answer, Key, Request};
use super::model::{Error, LedgerEntry, LedgerKey, LedgerKind, MAX_AMOUNT, Wallet};
use super::policy;
use super::store;
use crate::accounts::{Account, Accounts, Admin, Throttle};
use crate::audit;
use crate::clock::{Clock, Time};
use crate::config::{PlanConfig, SiteConfig};
use crate::db::{self, Conn, Db};
use crate::error::FieldChecks;
use crate::events::{Audience, Events};
use crate::ids::{AccountId, LedgerEntryId, OrderId};
use crate::page::PageRequest;

mod leaving;
mod purchases;
mod vouchers;

type Result<T> = std::result::Result<T, Error>;

const MAX_NOTE: usize = 200;
/// Wrong voucher codes that an account may try before it has to wait.
const FREE_GUESSES: u32 = 10;

/// The money of the house and what it buys; cheap to copy.
#[derive(Clone)]
pub struct Membership {
    db: Db,
    clock: Clock,
    events: Events,
    accounts: Accounts,
    terms: Arc<Terms>,
    guesses: Arc<Throttle>,
}

/// What the operator has set.
#[derive(Debug)]
struct Terms {
    currency: String,
    digits: u32,
    vip_percent: i64,
    plans: Vec<PlanConfig>,
}

/// An amount on its way into an account's ledger.
struct Posting<'a> {
    account: &'a AccountId,
    /// Positive into the wallet, negative out of it.
    amount: i64,
    kind: LedgerKind,
    note: &'a str,
    order: Option<&'a OrderId>,
    /// The admin who did it, if one did.
    actor: Option<&'a AccountId>,
}

impl Membership {
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        events: Events,
        accounts: Accounts,
        site: &SiteConfig,
        config: &crate::config::MembershipConfig,
    ) -> Self {
        let terms = Terms {
            currency: site.currency.clone(),
            digits: site.currency_digits,
            vip_percent: config.vip_price_percent,
            plans: config.plans.clone(),
        };
        Self {
            db,
            clock,
            events,
            accounts,
            terms: Arc::new(terms),
            guesses: Arc::new(Throttle::new(FREE_GUESSES)),
        }
    }

    /// What an account holds, with the currency.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn wallet(&self, account: AccountId) -> Result<api::Wallet> {
        Ok(api::Wallet {
            balance: self.balance(account).await?,
            currency: self.terms.currency.clone(),
            currency_digits: self.terms.digits,
        })
    }

    /// What an account holds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn balance(&self, account: AccountId) -> Result<i64> {
        self.db
            .read(move |conn| Ok(Self::balance_in(conn, &account)?))
            .await
    }

    /// What an account holds. For use in a read or a transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn balance_in(conn: &mut Conn, account: &AccountId) -> db::Result<i64> {
        Ok(store::find_wallet(conn, account)?.map_or(0, |wallet| wallet.balance))
    }

    /// The ledger of an account, the latest entry first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_ledger(
        &self,
        account: AccountId,
        page: PageRequest<LedgerKey>,
    ) -> Result<Page<api::LedgerEntry>> {
        let fetch = page.rows_to_fetch();
        let before = page.after.as_ref().map(|key| key.0);
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(store::list_entries(conn, &account, before, fetch)?)
            })
            .await?;
        Ok(page
            .page(rows, |row| LedgerKey(row.seq))
            .map(LedgerEntry::view))
    }

    /// An admin puts an amount into a wallet, or takes one out as a correction. Once for each key.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::BelowZero`], [`Error::AboveLimit`], [`Error::IdempotencyMismatch`], no such account.
    pub async fn credit(
        &self,
        admin: Admin,
        account: AccountId,
        asked: NewCredit,
        key: Key,
    ) -> Result<Answer> {
        check_credit(&asked)?;
        let now = self.clock.now();
        let operation = format!("credit {account}");
        let request = Request::new(admin.viewer.id(), key, operation, &asked)?;
        let owner = account.clone();
        let answer = self
            .db
            .write(move |conn| {
                idempotency::once_in(conn, &request, now, |conn| {
                    credit_in(conn, now, &admin, &account, &asked)
                })
            })
            .await?;
        self.tell_balance(owner).await;
        Ok(answer)
    }

    /// Tells the owner's screens what the wallet holds. The change stands whether this works or not.
    async fn tell_balance(&self, account: AccountId) {
        let owner = account.clone();
        let read = self
            .db
            .read::<_, db::Error, _>(move |conn| store::find_wallet(conn, &account));
        if let Ok(Some(wallet)) = read.await {
            let event = WalletEvent {
                balance: wallet.balance,
                entries: wallet.entries,
            };
            self.events
                .push(Audience::Account(owner), Event::Wallet(event));
        }
    }

    /// What a film of this price costs this account now.
    #[must_use]
    pub fn price_for(&self, account: &Account, price: i64) -> i64 {
        policy::price_for(account, price, self.terms.vip_percent, self.clock.now())
    }

    /// What a film of this price costs a VIP.
    #[must_use]
    pub fn vip_price(&self, price: i64) -> i64 {
        policy::reduced(price, self.terms.vip_percent)
    }

    /// Forgets idempotency keys that are old enough.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self) -> Result<usize> {
        let before = self.clock.now() - idempotency::KEPT;
        self.db
            .write_relaxed(move |conn| Ok(store::delete_keys_before(conn, before)?))
            .await
    }
}

impl Terms {
    fn words(&self, amount: i64) -> String {
        policy::format_amount(amount, &self.currency, self.digits)
    }
}

fn check_credit(asked: &NewCredit) -> Result<()> {
    let mut checks = FieldChecks::default();
    let detail = format!("amount is from 1 to {MAX_AMOUNT}.");
    checks.require(
        (1..=MAX_AMOUNT).contains(&asked.amount),
        "amount",
        FieldCode::OutOfRange,
        &detail,
    );
    checks.line(&asked.note, "note", MAX_NOTE);
    checks.finish().map_err(Error::Invalid)
}

fn credit_in(
    conn: &mut Conn,
    now: Time,
    admin: &Admin,
    account: &AccountId,
    asked: &NewCredit,
) -> Result<api::LedgerEntry> {
    Accounts::get_in(conn, account)?;
    let posting = Posting {
        account,
        amount: asked.amount,
        kind: LedgerKind::Credit,
        note: &asked.note,
        order: None,
        actor: Some(admin.viewer.id()),
    };
    let entry = post_in(conn, now, &posting)?;
    let detail = json!({"amount": asked.amount, "note": asked.note, "entry": entry.id.as_str()});
    audit::record(
        conn,
        now,
        &admin.actor,
        "account.credit",
        account.as_str(),
        &detail,
    )?;
    Ok(entry.view())
}

/// Writes one entry and the balance that it leaves: the only place where a balance changes.
fn post_in(conn: &mut Conn, now: Time, posting: &Posting<'_>) -> Result<LedgerEntry> {
    let wallet = store::find_wallet(conn, posting.account)?;
    let (balance, entries) = wallet.map_or((0, 0), |it| (it.balance, it.entries));
    let after = balance
        .checked_add(posting.amount)
        .filter(|after| *after <= MAX_AMOUNT)
        .ok_or(Error::AboveLimit)?;
    if after < 0 {
        return Err(Error::BelowZero);
    }
    let wallet = Wallet {
        account_id: posting.account.clone(),
        balance: after,
        entries: entries + 1,
    };
    let entry = LedgerEntry {
        id: LedgerEntryId::generate(),
        account_id: posting.account.clone(),
        seq: wallet.entries,
        amount: posting.amount,
        balance_after: after,
        kind: posting.kind,
        note: posting.note.to_owned(),
        order_id: posting.order.cloned(),
        actor_id: posting.actor.cloned(),
        created_at: now,
    };
    store::put_wallet(conn, &wallet)?;
    store::insert_entry(conn, &entry)?;
    Ok(entry)
}
