//! What admins see and do.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result, read};
use crate::IDEMPOTENCY_KEY;
use crate::accounts::Account;
use crate::admin::{
    AccountChanges, AccountDetail, AccountQuery, AccountSession, AuditEntry, AuditQuery, Job,
    JobDetail, JobQuery, NewCredit, NewVouchers, Settings, Stats, Voucher, VoucherQuery, Vouchers,
};
use crate::membership::LedgerEntry;
use crate::page::{Page, PageQuery};

impl Client {
    /// `GET /admin/accounts`.
    pub async fn list_accounts(&self, query: &AccountQuery) -> Result<Page<Account>> {
        self.get("admin/accounts", query).await
    }

    /// `GET /admin/accounts/{id}`.
    pub async fn account(&self, id: Uuid) -> Result<AccountDetail> {
        self.get(&format!("admin/accounts/{id}"), &()).await
    }

    /// `PATCH /admin/accounts/{id}`.
    pub async fn change_account(&self, id: Uuid, changes: &AccountChanges) -> Result<Account> {
        self.send(Method::PATCH, &format!("admin/accounts/{id}"), changes)
            .await
    }

    /// `GET /admin/accounts/{id}/sessions`.
    pub async fn account_sessions(
        &self,
        id: Uuid,
        query: &PageQuery,
    ) -> Result<Page<AccountSession>> {
        self.get(&format!("admin/accounts/{id}/sessions"), query)
            .await
    }

    /// `DELETE /admin/accounts/{id}/sessions/{session_id}`.
    pub async fn end_account_session(&self, id: Uuid, session: Uuid) -> Result<()> {
        let path = format!("admin/accounts/{id}/sessions/{session}");
        self.act(Method::DELETE, &path).await
    }

    /// `POST /admin/accounts/{id}/credit`. The same key again does not credit again.
    pub async fn credit(&self, id: Uuid, credit: &NewCredit, key: Uuid) -> Result<LedgerEntry> {
        let path = format!("admin/accounts/{id}/credit");
        let request = self.request(Method::POST, &path)?.json(credit);
        read(request.header(IDEMPOTENCY_KEY, key.to_string())).await
    }

    /// `POST /admin/vouchers`: the codes are in the answer, once.
    pub async fn create_vouchers(&self, vouchers: &NewVouchers) -> Result<Vouchers> {
        self.send(Method::POST, "admin/vouchers", vouchers).await
    }

    /// `GET /admin/vouchers`, the latest first.
    pub async fn list_vouchers(&self, query: &VoucherQuery) -> Result<Page<Voucher>> {
        self.get("admin/vouchers", query).await
    }

    /// `DELETE /admin/vouchers/{id}`: nobody can use it any more.
    pub async fn revoke_voucher(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("admin/vouchers/{id}"))
            .await
    }

    /// `GET /admin/audit`, the latest first.
    pub async fn list_audit(&self, query: &AuditQuery) -> Result<Page<AuditEntry>> {
        self.get("admin/audit", query).await
    }

    /// `GET /admin/stats`.
    pub async fn stats(&self) -> Result<Stats> {
        self.get("admin/stats", &()).await
    }

    /// `GET /admin/settings`.
    pub async fn settings(&self) -> Result<Settings> {
        self.get("admin/settings", &()).await
    }

    /// `GET /admin/jobs`.
    pub async fn list_jobs(&self, query: &JobQuery) -> Result<Page<Job>> {
        self.get("admin/jobs", query).await
    }

    /// `GET /admin/jobs/{id}`.
    pub async fn job(&self, id: Uuid) -> Result<JobDetail> {
        self.get(&format!("admin/jobs/{id}"), &()).await
    }

    /// `POST /admin/jobs/{id}/cancel`.
    pub async fn cancel_job(&self, id: Uuid) -> Result<()> {
        self.act(Method::POST, &format!("admin/jobs/{id}/cancel"))
            .await
    }

    /// `POST /admin/jobs/{id}/retry`.
    pub async fn retry_job(&self, id: Uuid) -> Result<()> {
        self.act(Method::POST, &format!("admin/jobs/{id}/retry"))
            .await
    }
}
