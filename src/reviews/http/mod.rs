//! The addresses of ratings and comments.

mod admin;

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use playhouse_api::page::{Page, PageQuery};
use playhouse_api::reviews as api;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Reviews;
use crate::accounts::{SignedIn, Viewer};
use crate::audit::Actor;
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::http::request::Origin;
use crate::ids::{CommentId, MovieId};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(get_rating)
        .service(rate_movie)
        .service(take_rating_back)
        .service(list_comments)
        .service(post_comment)
        .service(change_comment)
        .service(delete_comment)
        .service(report_comment);
    admin::configure(routes);
}

/// What a film was given, by all and by the caller.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::Rating), (status = 404, description = "No such film")))]
#[get("/movies/{id}/rating")]
async fn get_rating(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(reviews.rating(&who, id.0).await?))
}

/// Gives a film 1 to 5 stars, instead of those that the caller gave it before.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path)), request_body = api::NewRating,
    responses((status = 204, description = "Kept"), (status = 404, description = "No such film")))]
#[put("/movies/{id}/rating")]
async fn rate_movie(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    id: Id<MovieId>,
    body: Body<api::NewRating>,
) -> Result<HttpResponse> {
    reviews.rate(&who, id.0, body.0.stars).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes the caller's rating back, if there is one.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "There is none")))]
#[delete("/movies/{id}/rating")]
async fn take_rating_back(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    reviews.unrate(&who, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The comments on a film, the newest first; without those of whom the caller has blocked, and of locked accounts.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = Page<api::Comment>), (status = 404, description = "No such film")))]
#[get("/movies/{id}/comments")]
async fn list_comments(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    id: Id<MovieId>,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(reviews.list_comments(&who, id.0, page).await?))
}

/// Writes about a film, in plain text.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path)), request_body = api::NewComment,
    responses((status = 201, body = api::Comment), (status = 404, description = "No such film"),
        (status = 429, description = "Too many comments: see Retry-After")))]
#[post("/movies/{id}/comments")]
async fn post_comment(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    id: Id<MovieId>,
    body: Body<api::NewComment>,
) -> Result<HttpResponse> {
    let comment = reviews.comment(&who, id.0, &body.0.text).await?;
    Ok(HttpResponse::Created().json(comment))
}

/// Changes a comment of the caller's.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path)), request_body = api::NewComment,
    responses((status = 200, body = api::Comment), (status = 403, description = "Somebody else wrote it"),
        (status = 404, description = "No such comment"), (status = 409, description = "It is hidden"),
        (status = 429, description = "Too many comments: see Retry-After")))]
#[patch("/comments/{id}")]
async fn change_comment(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    id: Id<CommentId>,
    body: Body<api::NewComment>,
) -> Result<HttpResponse> {
    let comment = reviews.change_comment(&who, id.0, &body.0.text).await?;
    Ok(HttpResponse::Ok().json(comment))
}

/// Removes a comment for good: the caller's own, or any as an admin.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone"),
    (status = 403, description = "Somebody else wrote it"), (status = 404, description = "No such comment")))]
#[delete("/comments/{id}")]
async fn delete_comment(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    request: HttpRequest,
    id: Id<CommentId>,
) -> Result<HttpResponse> {
    let actor = actor(&who, &request);
    reviews.delete_comment(&who, actor, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks the admins to look at a comment. Asking again changes nothing.
#[utoipa::path(tag = "reviews", params(("id" = uuid::Uuid, Path)), request_body = api::NewReport,
    responses((status = 204, description = "Kept"), (status = 404, description = "No such comment"),
        (status = 422, description = "The caller's own comment (`yourself`), or fields are not valid"),
        (status = 429, description = "Too many comments and reports: see Retry-After")))]
#[post("/comments/{id}/report")]
async fn report_comment(
    reviews: web::Data<Reviews>,
    who: SignedIn,
    id: Id<CommentId>,
    body: Body<api::NewReport>,
) -> Result<HttpResponse> {
    let reason = body.0.reason.as_deref();
    reviews.report(&who, id.0, reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn actor(who: &Viewer, request: &HttpRequest) -> Actor {
    let origin = Origin::of(request);
    Actor {
        id: Some(who.id().clone()),
        name: who.account.username.clone(),
        request_id: origin.request_id,
        address: origin.address.to_string(),
    }
}
