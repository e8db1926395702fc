//! The addresses of moderation.

use actix_web::{HttpResponse, get, post, web};
use playhouse_api::page::{Page, PageQuery};
use playhouse_api::reviews as api;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::Admin;
use crate::error::Result;
use crate::http::extract::{Id, Query};
use crate::ids::CommentId;
use crate::page::PageRequest;
use crate::reviews::Reviews;

pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_moderated_comments)
        .service(list_comment_reports)
        .service(hide_comment)
        .service(show_comment);
}

/// Comments that were reported, that are hidden, or all of them, the newest first.
#[utoipa::path(tag = "admin", params(api::CommentQuery), responses((status = 200, body = Page<api::ModeratedComment>)))]
#[get("/admin/comments")]
async fn list_moderated_comments(
    reviews: web::Data<Reviews>,
    _admin: Admin,
    query: Query<api::CommentQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let state = query.0.state.unwrap_or_default();
    Ok(HttpResponse::Ok().json(reviews.list_moderated(state, page).await?))
}

/// Who has reported a comment, and why.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = Page<api::CommentReport>), (status = 404, description = "No such comment")))]
#[get("/admin/comments/{id}/reports")]
async fn list_comment_reports(
    reviews: web::Data<Reviews>,
    _admin: Admin,
    id: Id<CommentId>,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(reviews.list_reports(id.0, page).await?))
}

/// Hides the text of a comment from members.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "It is hidden"), (status = 404, description = "No such comment")))]
#[post("/admin/comments/{id}/hide")]
async fn hide_comment(
    reviews: web::Data<Reviews>,
    admin: Admin,
    id: Id<CommentId>,
) -> Result<HttpResponse> {
    reviews.hide(admin, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shows a comment that was hidden or reported. Its reports are closed.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "It is shown"), (status = 404, description = "No such comment")))]
#[post("/admin/comments/{id}/show")]
async fn show_comment(
    reviews: web::Data<Reviews>,
    admin: Admin,
    id: Id<CommentId>,
) -> Result<HttpResponse> {
    reviews.show(admin, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
