//! The addresses of background work, for admins.

use actix_web::{HttpResponse, get, post, web};
use playhouse_api::admin::{Job, JobQuery};
use playhouse_api::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Jobs;
use crate::accounts::Admin;
use crate::error::Result;
use crate::http::extract::{Id, Query};
use crate::ids::JobId;
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes.service(list_jobs).service(retry_job);
}

/// Background work, the latest first.
#[utoipa::path(tag = "admin", params(JobQuery), responses((status = 200, body = Page<Job>)))]
#[get("/admin/jobs")]
async fn list_jobs(
    jobs: web::Data<Jobs>,
    _admin: Admin,
    query: Query<JobQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(jobs.list(query.0.state, page).await?))
}

/// Tries a job now that has failed, or that waits for its next attempt.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Job),
    (status = 404, description = "No such job"), (status = 409, description = "It runs, or is done")))]
#[post("/admin/jobs/{id}/retry")]
async fn retry_job(jobs: web::Data<Jobs>, admin: Admin, id: Id<JobId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(jobs.retry(admin.actor, id.0).await?))
}
