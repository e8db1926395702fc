//! Orders, VIP plans, the wallet and vouchers.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result, read};
use crate::IDEMPOTENCY_KEY;
use crate::membership::{
    LedgerEntry, Membership, NewMembership, Order, Plan, RedeemVoucher, Wallet,
};
use crate::page::{Page, PageQuery};

impl Client {
    /// `POST /movies/{id}/orders`: buys a film. The same key again does not buy again.
    pub async fn buy_movie(&self, id: Uuid, key: Uuid) -> Result<Order> {
        let request = self.request(Method::POST, &format!("movies/{id}/orders"))?;
        read(request.header(IDEMPOTENCY_KEY, key.to_string())).await
    }

    /// `GET /plans`.
    pub async fn list_plans(&self) -> Result<Page<Plan>> {
        self.get("plans", &()).await
    }

    /// `POST /me/membership`: buys VIP time. The same key again does not buy again.
    pub async fn buy_membership(&self, plan: &NewMembership, key: Uuid) -> Result<Membership> {
        let request = self.request(Method::POST, "me/membership")?.json(plan);
        read(request.header(IDEMPOTENCY_KEY, key.to_string())).await
    }

    /// `GET /me/wallet`.
    pub async fn wallet(&self) -> Result<Wallet> {
        self.get("me/wallet", &()).await
    }

    /// `GET /me/ledger`, the latest first.
    pub async fn list_ledger(&self, query: &PageQuery) -> Result<Page<LedgerEntry>> {
        self.get("me/ledger", query).await
    }

    /// `POST /me/vouchers`.
    pub async fn redeem_voucher(&self, voucher: &RedeemVoucher) -> Result<LedgerEntry> {
        self.send(Method::POST, "me/vouchers", voucher).await
    }
}
