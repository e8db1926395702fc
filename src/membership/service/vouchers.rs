//! Vouchers: made by admins, shown once, redeemed once, or revoked before that.

use std::collections::HashMap;
use std::net::IpAddr;

use playhouse_api::admin::{self, NewVouchers, VoucherFilter, Vouchers};
use playhouse_api::chat::Person;
use playhouse_api::membership as api;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use serde_json::json;
use uuid::Uuid;

use super::{LedgerKind, MAX_AMOUNT, Membership, Posting, Result, post_in};
use crate::accounts::{Admin, Viewer};
use crate::audit;
use crate::clock::Time;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::ids::{AccountId, VoucherId};
use crate::membership::model::{Error, Voucher};
use crate::membership::store::{self, Shown};
use crate::membership::voucher_code;
use crate::page::PageRequest;

const MAX_COUNT: u32 = 1000;

impl Membership {
    /// Makes vouchers. Their codes are in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn create_vouchers(&self, admin: Admin, asked: NewVouchers) -> Result<Vouchers> {
        let now = self.clock.now();
        check(&asked, now)?;
        let codes: Vec<_> = (0..asked.count).map(|_| voucher_code::generate()).collect();
        let rows = codes
            .iter()
            .filter_map(|code| voucher_code::hash(code))
            .map(|code_hash| Voucher {
                id: VoucherId::generate(),
                code_hash,
                amount: asked.amount,
                created_by: admin.viewer.account.username.clone(),
                created_at: now,
                expires_at: asked.expires_at.map(|end| end.naive_utc()),
                redeemed_by: None,
                redeemed_at: None,
            });
        let rows: Vec<_> = rows.collect();
        let detail = json!(asked);
        self.db
            .write::<_, Error, _>(move |conn| {
                store::insert_vouchers(conn, &rows)?;
                audit::record(conn, now, &admin.actor, "voucher.create", "", &detail)?;
                Ok(())
            })
            .await?;
        Ok(Vouchers {
            codes: codes.into_iter().map(Into::into).collect(),
        })
    }

    /// Vouchers without their codes, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_vouchers(
        &self,
        filter: VoucherFilter,
        page: PageRequest<Uuid>,
    ) -> Result<Page<admin::Voucher>> {
        let (now, fetch) = (self.clock.now(), page.rows_to_fetch());
        let before = page.after.map(VoucherId::from);
        let (rows, names) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let rows = store::list_vouchers(conn, shown(filter), now, before.as_ref(), fetch)?;
                let users: Vec<_> = rows
                    .iter()
                    .filter_map(|it| it.redeemed_by.clone())
                    .collect();
                let names = store::names(conn, &users)?;
                Ok((rows, names))
            })
            .await?;
        Ok(page
            .page(rows, |row| row.id.uuid())
            .map(|row| view(row, now, &names)))
    }

    /// Takes a voucher back that nobody has used: its code is unknown from then on.
    ///
    /// # Errors
    /// [`Error::NoSuchVoucher`], [`Error::VoucherUsed`].
    pub async fn revoke_voucher(&self, admin: Admin, id: VoucherId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |conn| {
                let voucher = store::find_voucher_by_id(conn, &id)?.ok_or(Error::NoSuchVoucher)?;
                if voucher.redeemed_by.is_some() {
                    return Err(Error::VoucherUsed);
                }
                store::delete_voucher(conn, &id)?;
                let end = voucher.expires_at.map(|end| end.and_utc());
                let detail = json!({"amount": voucher.amount, "expires_at": end});
                let (actor, action) = (&admin.actor, "voucher.revoke");
                audit::record(conn, now, actor, action, id.as_str(), &detail)?;
                Ok(())
            })
            .await
    }

    /// Puts a voucher's amount into the wallet. Of those who use one at the same time, one gets it.
    ///
    /// # Errors
    /// [`Error::VoucherUnknown`], [`Error::VoucherUsed`], [`Error::VoucherExpired`], [`Error::AboveLimit`],
    /// [`Error::Throttled`] after too many unknown codes.
    pub async fn redeem(
        &self,
        viewer: &Viewer,
        code: &str,
        address: IpAddr,
    ) -> Result<api::LedgerEntry> {
        let now = self.clock.now();
        let guesser = viewer.id().as_str();
        if let Some(retry_after) = self.guesses.wait(guesser, address, now) {
            return Err(Error::Throttled { retry_after });
        }
        let outcome = match voucher_code::hash(code) {
            Some(hash) => self.redeem_hash(viewer.id().clone(), hash, now).await,
            None => Err(Error::VoucherUnknown),
        };
        match &outcome {
            Err(Error::VoucherUnknown) => self.guesses.failed(guesser, address, now),
            Ok(_) => {
                self.guesses.succeeded(guesser);
                self.tell_balance(viewer.id().clone()).await;
            }
            Err(_) => {}
        }
        outcome
    }

    async fn redeem_hash(
        &self,
        account: AccountId,
        hash: String,
        now: Time,
    ) -> Result<api::LedgerEntry> {
        self.db
            .write(move |conn| redeem_in(conn, &account, &hash, now))
            .await
    }
}

fn check(asked: &NewVouchers, now: Time) -> Result<()> {
    let mut checks = FieldChecks::default();
    let detail = format!("amount is from 1 to {MAX_AMOUNT}.");
    let is_amount = (1..=MAX_AMOUNT).contains(&asked.amount);
    checks.require(is_amount, "amount", FieldCode::OutOfRange, &detail);
    let detail = format!("count is from 1 to {MAX_COUNT}.");
    let is_count = (1..=MAX_COUNT).contains(&asked.count);
    checks.require(is_count, "count", FieldCode::OutOfRange, &detail);
    checks.require(
        asked.expires_at.is_none_or(|end| end.naive_utc() > now),
        "expires_at",
        FieldCode::OutOfRange,
        "expires_at must be in the future.",
    );
    checks.finish().map_err(Error::Invalid)
}

fn shown(filter: VoucherFilter) -> Shown {
    match filter {
        VoucherFilter::All => Shown::All,
        VoucherFilter::Open => Shown::Open,
        VoucherFilter::Used => Shown::Used,
        VoucherFilter::Expired => Shown::Expired,
    }
}

fn view(row: Voucher, now: Time, names: &HashMap<AccountId, String>) -> admin::Voucher {
    let person = |id: &AccountId| Person {
        id: id.uuid(),
        username: names.get(id).cloned().unwrap_or_default(),
    };
    admin::Voucher {
        id: row.id.uuid(),
        amount: row.amount,
        state: row.state(now),
        created_at: row.created_at.and_utc(),
        used_at: row.redeemed_at.map(|at| at.and_utc()),
        used_by: row.redeemed_by.as_ref().map(person),
        expires_at: row.expires_at.map(|end| end.and_utc()),
        created_by: row.created_by,
    }
}

fn redeem_in(
    conn: &mut Conn,
    account: &AccountId,
    hash: &str,
    now: Time,
) -> Result<api::LedgerEntry> {
    let voucher = store::find_voucher(conn, hash)?.ok_or(Error::VoucherUnknown)?;
    if voucher.redeemed_by.is_some() {
        return Err(Error::VoucherUsed);
    }
    if voucher.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::VoucherExpired);
    }
    if !store::use_voucher(conn, &voucher.id, account, now)? {
        return Err(Error::VoucherUsed);
    }
    let posting = Posting {
        account,
        amount: voucher.amount,
        kind: LedgerKind::Voucher,
        note: "",
        order: None,
        actor: None,
    };
    Ok(post_in(conn, now, &posting)?.view())
}
