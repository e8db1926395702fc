//! Webhooks and what they are told.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result, read};
use crate::page::Page;
use crate::webhooks::{
    NewWebhook, Webhook, WebhookChanges, WebhookDelivery, WebhookDeliveryQuery, WebhookWithSecret,
};

impl Client {
    /// `GET /admin/webhooks`.
    pub async fn list_webhooks(&self) -> Result<Page<Webhook>> {
        self.get("admin/webhooks", &()).await
    }

    /// `POST /admin/webhooks`: the secret is in the answer, once.
    pub async fn add_webhook(&self, webhook: &NewWebhook) -> Result<WebhookWithSecret> {
        self.send(Method::POST, "admin/webhooks", webhook).await
    }

    /// `GET /admin/webhooks/{id}`.
    pub async fn webhook(&self, id: Uuid) -> Result<Webhook> {
        self.get(&format!("admin/webhooks/{id}"), &()).await
    }

    /// `PATCH /admin/webhooks/{id}`.
    pub async fn change_webhook(&self, id: Uuid, changes: &WebhookChanges) -> Result<Webhook> {
        self.send(Method::PATCH, &format!("admin/webhooks/{id}"), changes)
            .await
    }

    /// `DELETE /admin/webhooks/{id}`.
    pub async fn remove_webhook(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("admin/webhooks/{id}"))
            .await
    }

    /// `POST /admin/webhooks/{id}/secret`: the new secret is in the answer, once.
    pub async fn renew_webhook_secret(&self, id: Uuid) -> Result<WebhookWithSecret> {
        let path = format!("admin/webhooks/{id}/secret");
        read(self.request(Method::POST, &path)?).await
    }

    /// `POST /admin/webhooks/{id}/ping`.
    pub async fn ping_webhook(&self, id: Uuid) -> Result<WebhookDelivery> {
        let path = format!("admin/webhooks/{id}/ping");
        read(self.request(Method::POST, &path)?).await
    }

    /// `GET /admin/webhooks/{id}/deliveries`, the latest first.
    pub async fn list_webhook_deliveries(
        &self,
        id: Uuid,
        query: &WebhookDeliveryQuery,
    ) -> Result<Page<WebhookDelivery>> {
        self.get(&format!("admin/webhooks/{id}/deliveries"), query)
            .await
    }

    /// `POST /admin/webhooks/{id}/deliveries/{delivery}/retry`.
    pub async fn retry_webhook_delivery(
        &self,
        id: Uuid,
        delivery: Uuid,
    ) -> Result<WebhookDelivery> {
        let path = format!("admin/webhooks/{id}/deliveries/{delivery}/retry");
        read(self.request(Method::POST, &path)?).await
    }
}
