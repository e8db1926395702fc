//! The addresses for operators.

mod sessions;

use actix_web::{HttpRequest, HttpResponse, get, web};
use playhouse_api::admin::{self, AuditEntry, AuditQuery};
use playhouse_api::page::Page;
use playhouse_api::problem::ErrorCode;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Stats;
use crate::accounts::{Admin, MaybeSignedIn};
use crate::audit;
use crate::config::Config;
use crate::db::{self, Db};
use crate::error::{Error, Result};
use crate::http::extract::Query;
use crate::http::metrics::Metrics;
use crate::http::request::Origin;
use crate::page::PageRequest;
use crate::webhooks::Webhooks;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_audit)
        .service(show_stats)
        .service(show_settings);
    sessions::configure(routes);
}

/// The addresses outside `/api/v1`.
pub fn configure_probes(routes: &mut web::ServiceConfig) {
    routes.service(health).service(readiness).service(metrics);
}

/// The process is alive.
#[get("/healthz")]
async fn health() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain")
        .body("alive\n")
}

/// The database answers.
#[get("/readyz")]
async fn readiness(db: web::Data<Db>) -> Result<HttpResponse> {
    use diesel::RunQueryDsl as _;
    db.read(|conn| -> db::Result<()> {
        diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"))
            .get_result::<i32>(conn)?;
        Ok(())
    })
    .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain")
        .body("ready\n"))
}

/// What has been measured, for Prometheus: for admins, and for programs on this machine.
#[get("/metrics")]
async fn metrics(
    measured: web::Data<Metrics>,
    webhooks: web::Data<Webhooks>,
    who: MaybeSignedIn,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let is_local = Origin::of(&request).address.is_loopback();
    if !is_local && !who.0.is_some_and(|viewer| viewer.is_admin()) {
        return Err(Error::new(
            ErrorCode::Forbidden,
            "Only an admin, or a program on this machine, may see this.",
        ));
    }
    webhooks.measure().await;
    let text = measured.render().map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text))
}

/// What admins have done, the latest first.
#[utoipa::path(tag = "admin", params(AuditQuery), responses((status = 200, body = Page<AuditEntry>)))]
#[get("/admin/audit")]
async fn list_audit(
    db: web::Data<Db>,
    _admin: Admin,
    query: Query<AuditQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let entries = audit::list(&db, query.0.actor, query.0.action, page).await?;
    Ok(HttpResponse::Ok().json(entries))
}

/// How much of everything is in the house, and what goes on in it. What is counted in the database may be a few seconds old.
#[utoipa::path(tag = "admin", responses((status = 200, body = admin::Stats)))]
#[get("/admin/stats")]
async fn show_stats(stats: web::Data<Stats>, _admin: Admin) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(stats.figures().await?))
}

/// The settings in force, as `playhouse config` prints them, value by value. Secrets are masked.
#[utoipa::path(tag = "admin", responses((status = 200, body = admin::Settings)))]
#[get("/admin/settings")]
async fn show_settings(config: web::Data<Config>, _admin: Admin) -> HttpResponse {
    HttpResponse::Ok().json(config.masked_settings())
}
