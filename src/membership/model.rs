//! The types of this slice, and what can go wrong in it.

use playhouse_api::admin::VoucherState;
use playhouse_api::membership as api;
use playhouse_api::problem::{ErrorCode, FieldProblem};
use serde::{Deserialize, Serialize};

use crate::accounts;
use crate::clock::Time;
use crate::db::schema::{ledger_entries, orders, vouchers, wallets};
use crate::db::{self, text_enum};
use crate::ids::{AccountId, LedgerEntryId, MovieId, OrderId, VoucherId};
use crate::movies;

/// The most that a wallet holds, and that one amount may be: the largest integer that every reader of JSON keeps
/// exactly (2^53 - 1).
pub const MAX_AMOUNT: i64 = (1 << 53) - 1;

text_enum! {
    /// Why an amount moved.
    pub enum LedgerKind {
        Credit = "credit",
        Voucher = "voucher",
        Order = "order",
        Membership = "membership",
        Adjustment = "adjustment",
    }
}

impl From<LedgerKind> for api::LedgerKind {
    fn from(kind: LedgerKind) -> Self {
        match kind {
            LedgerKind::Credit => Self::Credit,
            LedgerKind::Voucher => Self::Voucher,
            LedgerKind::Order => Self::Order,
            LedgerKind::Membership => Self::Membership,
            LedgerKind::Adjustment => Self::Adjustment,
        }
    }
}

/// A row of `wallets`. An account has none before its first entry.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = wallets)]
pub(super) struct Wallet {
    pub account_id: AccountId,
    pub balance: i64,
    /// How many entries the ledger has; the next one is numbered one higher.
    pub entries: i64,
}

/// A row of `ledger_entries`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = ledger_entries)]
pub(super) struct LedgerEntry {
    pub id: LedgerEntryId,
    pub account_id: AccountId,
    pub seq: i64,
    pub amount: i64,
    pub balance_after: i64,
    pub kind: LedgerKind,
    pub note: String,
    pub order_id: Option<OrderId>,
    pub actor_id: Option<AccountId>,
    pub created_at: Time,
}

impl LedgerEntry {
    pub(super) fn view(self) -> api::LedgerEntry {
        api::LedgerEntry {
            id: self.id.uuid(),
            amount: self.amount,
            balance_after: self.balance_after,
            kind: self.kind.into(),
            note: self.note,
            order_id: self.order_id.map(|id| id.uuid()),
            created_at: self.created_at.and_utc(),
        }
    }
}

/// A row of `orders`: what was true when it was made.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = orders)]
pub(super) struct Order {
    pub id: OrderId,
    pub account_id: AccountId,
    pub movie_id: MovieId,
    pub movie_title: String,
    pub regular_price: i64,
    pub price: i64,
    pub as_vip: bool,
    pub created_at: Time,
}

impl Order {
    pub(super) fn view(&self) -> api::Order {
        api::Order {
            id: self.id.uuid(),
            movie_id: self.movie_id.uuid(),
            price: self.price,
            created_at: self.created_at.and_utc(),
        }
    }
}

/// A row of `vouchers`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = vouchers)]
pub(super) struct Voucher {
    pub id: VoucherId,
    pub code_hash: String,
    pub amount: i64,
    pub created_by: String,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    pub redeemed_by: Option<AccountId>,
    pub redeemed_at: Option<Time>,
}

impl Voucher {
    pub(super) fn state(&self, now: Time) -> VoucherState {
        match (&self.redeemed_by, self.expires_at) {
            (Some(_), _) => VoucherState::Used,
            (None, Some(end)) if end <= now => VoucherState::Expired,
            (None, _) => VoucherState::Open,
        }
    }
}

/// The key of a page of the ledger: the number of an entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LedgerKey(pub(super) i64);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("fields are not valid")]
    Invalid(Vec<FieldProblem>),
    /// What is missing, in words.
    #[error("the wallet lacks {missing}")]
    InsufficientBalance { missing: String },
    #[error("the wallet would fall below zero")]
    BelowZero,
    #[error("the wallet would hold too much")]
    AboveLimit,
    #[error("no such film")]
    NoSuchMovie,
    #[error("the film has not been bought")]
    NotOwned,
    #[error("the film is free")]
    MovieIsFree,
    #[error("the film has been bought")]
    AlreadyOwned,
    #[error("VIP for more than a century")]
    VipForTooLong,
    /// No voucher has the code.
    #[error("no voucher has this code")]
    VoucherUnknown,
    #[error("no such voucher")]
    NoSuchVoucher,
    #[error("the voucher has been used")]
    VoucherUsed,
    #[error("the voucher has expired")]
    VoucherExpired,
    #[error("too many wrong codes")]
    Throttled { retry_after: u64 },
    #[error("the key was used for another request")]
    IdempotencyMismatch,
    #[error("an answer has no form in JSON")]
    Encoding(#[from] serde_json::Error),
    #[error("accounts")]
    Accounts(#[from] accounts::Error),
    #[error("movies")]
    Movies(#[from] movies::Error),
    #[error("database")]
    Db(#[from] db::Error),
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let new = |code, detail: &str| Self::new(code, detail);
        match error {
            Error::Invalid(fields) => Self::invalid(fields),
            Error::InsufficientBalance { missing } => Self::new(
                ErrorCode::InsufficientBalance,
                format!("The wallet does not hold enough: {missing} is missing."),
            ),
            Error::BelowZero => new(
                ErrorCode::Conflict,
                "This would take the wallet below zero.",
            ),
            Error::AboveLimit => new(
                ErrorCode::Conflict,
                "The wallet would hold more than a wallet may.",
            ),
            Error::NoSuchMovie => Self::not_found("film"),
            Error::NotOwned => new(ErrorCode::NotOwned, "Buy this film first."),
            Error::MovieIsFree => new(
                ErrorCode::Invalid,
                "This film is free: watch it or download it without an order.",
            ),
            Error::AlreadyOwned => new(
                ErrorCode::AlreadyOwned,
                "You have bought this film already.",
            ),
            Error::VipForTooLong => new(
                ErrorCode::Conflict,
                "You are VIP for a hundred years already.",
            ),
            Error::VoucherUnknown => new(
                ErrorCode::VoucherUnknown,
                "No voucher has this code. Check it for typing mistakes.",
            ),
            Error::NoSuchVoucher => Self::not_found("voucher"),
            Error::VoucherUsed => new(ErrorCode::VoucherUsed, "This voucher has been used."),
            Error::VoucherExpired => new(ErrorCode::VoucherExpired, "This voucher has expired."),
            Error::Throttled { retry_after } => {
                let detail = format!("Too many wrong codes. Try again in {retry_after} seconds.");
                Self::new(ErrorCode::TooManyRequests, detail).retry_after(retry_after)
            }
            Error::IdempotencyMismatch => new(
                ErrorCode::IdempotencyMismatch,
                "This Idempotency-Key was used for another request. Take a new one.",
            ),
            Error::Encoding(cause) => Self::internal(cause),
            Error::Accounts(cause) => cause.into(),
            Error::Movies(cause) => cause.into(),
            Error::Db(cause) => cause.into(),
        }
    }
}
