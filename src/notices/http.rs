//! The addresses of notices.

use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use playhouse_api::notices as api;
use playhouse_api::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Notices, Reader};
use crate::accounts::{Admin, SignedIn};
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::NoticeId;
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_notices)
        .service(publish_notice)
        .service(mark_notices_read)
        .service(change_notice)
        .service(delete_notice);
}

/// Notices: pinned ones first, then the newest.
#[utoipa::path(tag = "notices", params(api::NoticeQuery), responses((status = 200, body = Page<api::Notice>)))]
#[get("/notices")]
async fn list_notices(
    notices: web::Data<Notices>,
    who: SignedIn,
    query: Query<api::NoticeQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let newer_than = query.0.after.map(NoticeId::from);
    let page = notices
        .list(Reader::from(&*who.account), newer_than, page)
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Publishes a notice. Connected members get it at once.
#[utoipa::path(tag = "notices", request_body = api::NewNotice, responses((status = 201, body = api::Notice)))]
#[post("/notices")]
async fn publish_notice(
    notices: web::Data<Notices>,
    admin: Admin,
    body: Body<api::NewNotice>,
) -> Result<HttpResponse> {
    let notice = notices.publish(admin, body.0).await?;
    Ok(HttpResponse::Created().json(notice))
}

/// Changes a notice.
#[utoipa::path(tag = "notices", params(("id" = uuid::Uuid, Path)), request_body = api::NoticeChanges, responses((status = 200, body = api::Notice)))]
#[patch("/notices/{id}")]
async fn change_notice(
    notices: web::Data<Notices>,
    admin: Admin,
    id: Id<NoticeId>,
    body: Body<api::NoticeChanges>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(notices.change(admin, id.0, body.0).await?))
}

/// Takes a notice back.
#[utoipa::path(tag = "notices", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Deleted")))]
#[delete("/notices/{id}")]
async fn delete_notice(
    notices: web::Data<Notices>,
    admin: Admin,
    id: Id<NoticeId>,
) -> Result<HttpResponse> {
    notices.delete(admin, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Marks a notice and all before it as read. A mark never goes backwards.
#[utoipa::path(tag = "notices", request_body = api::ReadUpTo,
    responses((status = 204, description = "Marked"), (status = 404, description = "There is no such notice")))]
#[put("/notices/read")]
async fn mark_notices_read(
    notices: web::Data<Notices>,
    who: SignedIn,
    body: Body<api::ReadUpTo>,
) -> Result<HttpResponse> {
    let up_to = NoticeId::from(body.0.up_to);
    notices.mark_read(who.id().clone(), up_to).await?;
    Ok(HttpResponse::NoContent().finish())
}
