//! The rows of wallets, the ledger, orders, entitlements, vouchers and idempotency keys.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{LedgerEntry, LedgerKind, Order, Voucher, Wallet};
use crate::clock::Time;
use crate::db::schema::{
    accounts, entitlements, idempotency_keys, ledger_entries, orders, vouchers, wallets,
};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccountId, MovieId, OrderId, VoucherId};

/// A request that was answered.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub(super) struct KeyRow {
    pub account_id: AccountId,
    pub key: String,
    pub operation: String,
    pub request_hash: String,
    pub status: i32,
    pub body: String,
    pub created_at: Time,
}

pub(super) fn find_wallet(conn: &mut Conn, account: &AccountId) -> Result<Option<Wallet>> {
    Ok(wallets::table
        .find(account)
        .select(Wallet::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn put_wallet(conn: &mut Conn, wallet: &Wallet) -> Result<()> {
    let numbers = (
        wallets::balance.eq(wallet.balance),
        wallets::entries.eq(wallet.entries),
    );
    on_backend!(conn, c => diesel::insert_into(wallets::table)
        .values(wallet)
        .on_conflict(wallets::account_id)
        .do_update()
        .set(numbers)
        .execute(c))?;
    Ok(())
}

pub(super) fn insert_entry(conn: &mut Conn, entry: &LedgerEntry) -> Result<()> {
    diesel::insert_into(ledger_entries::table)
        .values(entry)
        .execute(conn)?;
    Ok(())
}

/// The entries of an account, the latest first.
pub(super) fn list_entries(
    conn: &mut Conn,
    account: &AccountId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<LedgerEntry>> {
    let mut query = ledger_entries::table
        .filter(ledger_entries::account_id.eq(account))
        .select(LedgerEntry::as_select())
        .order(ledger_entries::seq.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(ledger_entries::seq.lt(before));
    }
    Ok(query.load(conn)?)
}

pub(super) fn insert_order(conn: &mut Conn, order: &Order) -> Result<()> {
    diesel::insert_into(orders::table)
        .values(order)
        .execute(conn)?;
    Ok(())
}

pub(super) fn insert_entitlement(conn: &mut Conn, order: &Order) -> Result<()> {
    diesel::insert_into(entitlements::table)
        .values((
            entitlements::account_id.eq(&order.account_id),
            entitlements::movie_id.eq(&order.movie_id),
            entitlements::order_id.eq(&order.id),
            entitlements::created_at.eq(order.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether an account has ordered a film. It looks where the constraint `orders_once` looks, so that PostgreSQL sees a
/// race between two orders as one, and tries again, rather than as a broken constraint.
pub(super) fn has_ordered(conn: &mut Conn, account: &AccountId, movie: &MovieId) -> Result<bool> {
    let order: Option<OrderId> = orders::table
        .filter(orders::account_id.eq(account))
        .filter(orders::movie_id.eq(movie))
        .select(orders::id)
        .first(conn)
        .optional()?;
    Ok(order.is_some())
}

/// The order that entitles an account to a film.
pub(super) fn find_entitling_order(
    conn: &mut Conn,
    account: &AccountId,
    movie: &MovieId,
) -> Result<Option<Order>> {
    let order: Option<OrderId> = entitlements::table
        .find((account, movie))
        .select(entitlements::order_id)
        .first(conn)
        .optional()?;
    match order {
        Some(id) => Ok(orders::table
            .find(id)
            .select(Order::as_select())
            .first(conn)
            .optional()?),
        None => Ok(None),
    }
}

pub(super) fn insert_vouchers(conn: &mut Conn, rows: &[Voucher]) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(vouchers::table)
        .values(rows)
        .execute(c))?;
    Ok(())
}

pub(super) fn find_voucher(conn: &mut Conn, code_hash: &str) -> Result<Option<Voucher>> {
    Ok(vouchers::table
        .filter(vouchers::code_hash.eq(code_hash))
        .select(Voucher::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn find_voucher_by_id(conn: &mut Conn, id: &VoucherId) -> Result<Option<Voucher>> {
    Ok(vouchers::table
        .find(id)
        .select(Voucher::as_select())
        .first(conn)
        .optional()?)
}

/// Which vouchers a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    All,
    Open,
    Used,
    Expired,
}

/// The latest first.
pub(super) fn list_vouchers(
    conn: &mut Conn,
    shown: Shown,
    now: Time,
    before: Option<&VoucherId>,
    limit: i64,
) -> Result<Vec<Voucher>> {
    let mut query = vouchers::table
        .select(Voucher::as_select())
        .order(vouchers::id.desc())
        .limit(limit)
        .into_boxed();
    query = match shown {
        Shown::All => query,
        Shown::Used => query.filter(vouchers::redeemed_by.is_not_null()),
        Shown::Expired => query
            .filter(vouchers::redeemed_by.is_null())
            .filter(vouchers::expires_at.le(now)),
        Shown::Open => query.filter(vouchers::redeemed_by.is_null()).filter(
            vouchers::expires_at
                .is_null()
                .or(vouchers::expires_at.gt(now)),
        ),
    };
    if let Some(before) = before {
        query = query.filter(vouchers::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// User names of those who have used vouchers.
pub(super) fn names(conn: &mut Conn, ids: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    let rows: Vec<(AccountId, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::username))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

pub(super) fn delete_voucher(conn: &mut Conn, id: &VoucherId) -> Result<()> {
    diesel::delete(vouchers::table.find(id)).execute(conn)?;
    Ok(())
}

/// Marks a voucher as used; false when it was used already.
pub(super) fn use_voucher(
    conn: &mut Conn,
    id: &VoucherId,
    by: &AccountId,
    now: Time,
) -> Result<bool> {
    let unused = vouchers::table
        .find(id)
        .filter(vouchers::redeemed_by.is_null());
    let marks = (
        vouchers::redeemed_by.eq(by.as_str()),
        vouchers::redeemed_at.eq(now),
    );
    Ok(diesel::update(unused).set(marks).execute(conn)? == 1)
}

pub(super) fn find_key(conn: &mut Conn, account: &AccountId, key: &str) -> Result<Option<KeyRow>> {
    Ok(idempotency_keys::table
        .find((account, key))
        .select(KeyRow::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn insert_key(conn: &mut Conn, row: &KeyRow) -> Result<()> {
    diesel::insert_into(idempotency_keys::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete_key(conn: &mut Conn, account: &AccountId, key: &str) -> Result<()> {
    diesel::delete(idempotency_keys::table.find((account, key))).execute(conn)?;
    Ok(())
}

pub(super) fn delete_keys_before(conn: &mut Conn, time: Time) -> Result<usize> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.le(time));
    Ok(diesel::delete(old).execute(conn)?)
}

/// The orders of an account, the latest first.
pub(super) fn list_orders(
    conn: &mut Conn,
    account: &AccountId,
    before: Option<&OrderId>,
    limit: i64,
) -> Result<Vec<Order>> {
    let mut query = orders::table
        .filter(orders::account_id.eq(account))
        .select(Order::as_select())
        .order(orders::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(orders::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// Removes what an account was entitled to, and its idempotency keys, with those under which it was credited: their
/// answers hold what admins wrote.
pub(super) fn delete_rights(conn: &mut Conn, account: &AccountId) -> Result<()> {
    diesel::delete(entitlements::table.filter(entitlements::account_id.eq(account)))
        .execute(conn)?;
    let keys = idempotency_keys::table.filter(
        idempotency_keys::account_id
            .eq(account)
            .or(idempotency_keys::operation.eq(format!("credit {account}"))),
    );
    diesel::delete(keys).execute(conn)?;
    Ok(())
}

/// Takes out of the ledger what admins wrote to their credits. The database lets this pass for a deleted account only.
pub(super) fn blank_notes(conn: &mut Conn, account: &AccountId) -> Result<()> {
    let written = ledger_entries::table
        .filter(ledger_entries::account_id.eq(account))
        .filter(ledger_entries::kind.eq_any([LedgerKind::Credit, LedgerKind::Adjustment]))
        .filter(ledger_entries::note.ne(""));
    diesel::update(written)
        .set(ledger_entries::note.eq(""))
        .execute(conn)?;
    Ok(())
}

/// Puts another name to the vouchers that somebody has made.
pub(super) fn rename_maker(conn: &mut Conn, from: &str, to: &str) -> Result<()> {
    diesel::update(vouchers::table.filter(vouchers::created_by.eq(from)))
        .set(vouchers::created_by.eq(to))
        .execute(conn)?;
    Ok(())
}
