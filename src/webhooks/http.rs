//! The addresses of webhooks, for admins.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, patch, post, web};
use playhouse_api::page::Page;
use playhouse_api::webhooks as api;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Webhooks;
use crate::accounts::Admin;
use crate::error::{Error, Result};
use crate::http::extract::{Body, Id, Query, id_in_path};
use crate::http::gate::{self, Extracted};
use crate::ids::{WebhookDeliveryId, WebhookId};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_webhooks)
        .service(add_webhook)
        .service(show_webhook)
        .service(change_webhook)
        .service(remove_webhook)
        .service(renew_webhook_secret)
        .service(ping_webhook)
        .service(list_webhook_deliveries)
        .service(retry_webhook_delivery);
}

/// `{delivery}` in the path.
struct Delivery(WebhookDeliveryId);

impl FromRequest for Delivery {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        gate::once_let_in(request, id_in_path(request, "delivery").map(Self))
    }
}

/// All webhooks, the oldest first, each with its latest delivery.
#[utoipa::path(tag = "admin", responses((status = 200, body = Page<api::Webhook>)))]
#[get("/admin/webhooks")]
async fn list_webhooks(webhooks: web::Data<Webhooks>, _admin: Admin) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(webhooks.list().await?))
}

/// Adds a webhook. Its secret is in this answer only.
#[utoipa::path(tag = "admin", request_body = api::NewWebhook,
    responses((status = 201, body = api::WebhookWithSecret), (status = 409, description = "There are too many")))]
#[post("/admin/webhooks")]
async fn add_webhook(
    webhooks: web::Data<Webhooks>,
    admin: Admin,
    body: Body<api::NewWebhook>,
) -> Result<HttpResponse> {
    let webhook = webhooks.add(admin.actor, body.0).await?;
    Ok(HttpResponse::Created().json(webhook))
}

/// One webhook, with its latest delivery.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::Webhook), (status = 404, description = "No such webhook")))]
#[get("/admin/webhooks/{id}")]
async fn show_webhook(
    webhooks: web::Data<Webhooks>,
    _admin: Admin,
    id: Id<WebhookId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(webhooks.get(id.0).await?))
}

/// Changes a webhook: where it is, what it is told, whether it is told anything.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), request_body = api::WebhookChanges,
    responses((status = 200, body = api::Webhook), (status = 404, description = "No such webhook")))]
#[patch("/admin/webhooks/{id}")]
async fn change_webhook(
    webhooks: web::Data<Webhooks>,
    admin: Admin,
    id: Id<WebhookId>,
    body: Body<api::WebhookChanges>,
) -> Result<HttpResponse> {
    let webhook = webhooks.change(admin.actor, id.0, body.0).await?;
    Ok(HttpResponse::Ok().json(webhook))
}

/// Removes a webhook, with what it was to be told.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Removed"), (status = 404, description = "No such webhook")))]
#[delete("/admin/webhooks/{id}")]
async fn remove_webhook(
    webhooks: web::Data<Webhooks>,
    admin: Admin,
    id: Id<WebhookId>,
) -> Result<HttpResponse> {
    webhooks.remove(admin.actor, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a webhook another secret, which is in this answer only. The one before is good for nothing from then on.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::WebhookWithSecret), (status = 404, description = "No such webhook")))]
#[post("/admin/webhooks/{id}/secret")]
async fn renew_webhook_secret(
    webhooks: web::Data<Webhooks>,
    admin: Admin,
    id: Id<WebhookId>,
) -> Result<HttpResponse> {
    let webhook = webhooks.renew_secret(admin.actor, id.0).await?;
    Ok(HttpResponse::Ok().json(webhook))
}

/// Sends a webhook a test.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 202, body = api::WebhookDelivery), (status = 404, description = "No such webhook")))]
#[post("/admin/webhooks/{id}/ping")]
async fn ping_webhook(
    webhooks: web::Data<Webhooks>,
    admin: Admin,
    id: Id<WebhookId>,
) -> Result<HttpResponse> {
    let delivery = webhooks.ping(admin.actor, id.0).await?;
    Ok(HttpResponse::Accepted().json(delivery))
}

/// What a webhook was told and is to be told, the latest first.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), api::WebhookDeliveryQuery),
    responses((status = 200, body = Page<api::WebhookDelivery>), (status = 404, description = "No such webhook")))]
#[get("/admin/webhooks/{id}/deliveries")]
async fn list_webhook_deliveries(
    webhooks: web::Data<Webhooks>,
    _admin: Admin,
    id: Id<WebhookId>,
    query: Query<api::WebhookDeliveryQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let deliveries = webhooks.list_deliveries(id.0, query.0.state, page).await?;
    Ok(HttpResponse::Ok().json(deliveries))
}

/// Sends a finished delivery again.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), ("delivery" = uuid::Uuid, Path)),
    responses((status = 202, body = api::WebhookDelivery), (status = 404, description = "No such webhook or delivery"),
        (status = 409, description = "It waits for its next attempt, or the webhook is switched off")))]
#[post("/admin/webhooks/{id}/deliveries/{delivery}/retry")]
async fn retry_webhook_delivery(
    webhooks: web::Data<Webhooks>,
    admin: Admin,
    id: Id<WebhookId>,
    delivery: Delivery,
) -> Result<HttpResponse> {
    let delivery = webhooks.retry(admin.actor, id.0, delivery.0).await?;
    Ok(HttpResponse::Accepted().json(delivery))
}
