//! The addresses of background work, for admins.

use actix_web::{HttpResponse, get, post, web};
use playhouse_api::admin::{Job, JobDetail, JobQuery};
use playhouse_api::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{JobFilter, Jobs};
use crate::accounts::Admin;
use crate::error::Result;
use crate::http::extract::{Id, Query};
use crate::ids::JobId;
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_jobs)
        .service(get_job)
        .service(retry_job)
        .service(cancel_job);
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
    let filter = JobFilter {
        state: query.0.state,
        kind: query.0.kind,
        movie: query.0.movie,
    };
    Ok(HttpResponse::Ok().json(jobs.list(filter, page).await?))
}

/// One job, with the end of what its tool said and the jobs that it asked for.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = JobDetail),
    (status = 404, description = "No such job")))]
#[get("/admin/jobs/{id}")]
async fn get_job(jobs: web::Data<Jobs>, _admin: Admin, id: Id<JobId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(jobs.get(id.0).await?))
}

/// Tries a job now that has failed, was cancelled, or waits for its next attempt.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Job),
    (status = 404, description = "No such job"), (status = 409, description = "It runs, or is done")))]
#[post("/admin/jobs/{id}/retry")]
async fn retry_job(jobs: web::Data<Jobs>, admin: Admin, id: Id<JobId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(jobs.retry(admin.actor, id.0).await?))
}

/// Ends a job that waits or runs, and the open jobs that it asked for.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Job),
    (status = 404, description = "No such job"), (status = 409, description = "It has ended")))]
#[post("/admin/jobs/{id}/cancel")]
async fn cancel_job(jobs: web::Data<Jobs>, admin: Admin, id: Id<JobId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(jobs.cancel(admin.actor, id.0).await?))
}
