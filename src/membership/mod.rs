//! Membership: the wallet with its ledger, vouchers, orders, VIP plans, and who may have a film at what price.
//!
//! Keeps true: a balance is the sum of its ledger, never below zero and never above [`MAX_AMOUNT`]; the entries of an
//! account are numbered without a gap and never change; balance, entry and what was bought change in one transaction;
//! a request with an `Idempotency-Key` acts once. Amounts are integers in minor units of the one currency.

mod claims;
mod http;
mod idempotency;
mod model;
pub mod policy;
mod service;
mod store;
mod voucher_code;

pub use claims::{Claim, Seen};
pub use http::configure;
pub use idempotency::{Answer, Key};
pub use model::{Error, LedgerKey, MAX_AMOUNT};
pub use service::Membership;
