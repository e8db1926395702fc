//! Money: orders, VIP plans, the wallet with its ledger, vouchers.
//!
//! Amounts are integers in minor units of the house's one currency.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::secret::Secret;

/// Body of `POST /me/membership`: buys VIP time from the wallet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMembership {
    /// Id of a plan.
    pub plan: String,
}

/// Body of `POST /me/vouchers`: puts a voucher's amount into the wallet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedeemVoucher {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: Secret,
}

/// Answer of `POST /movies/{id}/orders`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    pub id: Uuid,
    pub movie_id: Uuid,
    /// What was paid.
    pub price: i64,
    pub created_at: DateTime<Utc>,
}

/// An order in the export of an account: what was true when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRecord {
    pub id: Uuid,
    pub movie_id: Uuid,
    pub title: String,
    pub regular_price: i64,
    /// What was paid.
    pub price: i64,
    pub as_vip: bool,
    pub created_at: DateTime<Utc>,
}

/// One item of `GET /plans`, which is a page like every list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    /// A short stable name, such as `month`.
    pub id: String,
    pub title: String,
    pub days: i64,
    pub price: i64,
}

/// Answer of `POST /me/membership`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    pub is_vip: bool,
    pub vip_until: DateTime<Utc>,
    /// What was paid.
    pub price: i64,
    /// What the wallet holds afterwards.
    pub balance: i64,
}

/// Answer of `GET /me/wallet`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wallet {
    pub balance: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Digits after the decimal point.
    pub currency_digits: u32,
}

/// Why an amount moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LedgerKind {
    /// Granted by an admin, or paid in.
    Credit,
    /// A voucher redeemed.
    Voucher,
    /// A film bought.
    Order,
    /// VIP time bought.
    Membership,
    /// A correction.
    Adjustment,
}

/// One line of the ledger. Lines are never changed and never deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerEntry {
    pub id: Uuid,
    /// Positive into the wallet, negative out of it.
    pub amount: i64,
    /// The sum of this account's lines up to and with this one.
    pub balance_after: i64,
    pub kind: LedgerKind,
    pub note: String,
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub order_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}
