//! The addresses of the shelf.

use actix_web::{HttpResponse, delete, get, put, web};
use playhouse_api::movies as api;
use playhouse_api::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::SignedIn;
use crate::error::Result;
use crate::http::extract::{Id, Query};
use crate::ids::MovieId;
use crate::page::PageRequest;
use crate::playback::Playback;

pub(in crate::playback) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(list_watching)
        .service(list_watchlist)
        .service(add_to_watchlist)
        .service(take_off_watchlist);
}

/// Films that the caller has begun and not seen to their end, the latest first.
#[utoipa::path(tag = "movies", params(PageQuery), responses((status = 200, body = Page<api::Watching>)))]
#[get("/me/watching")]
async fn list_watching(
    playback: web::Data<Playback>,
    who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(playback.watching(&who, page).await?))
}

/// Films that the caller wants to see later, the latest addition first.
#[utoipa::path(tag = "movies", params(PageQuery), responses((status = 200, body = Page<api::Saved>)))]
#[get("/me/watchlist")]
async fn list_watchlist(
    playback: web::Data<Playback>,
    who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(playback.watchlist(&who, page).await?))
}

/// Puts a film on the caller's watchlist. One that is there stays in its place.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "It is on the list"), (status = 404, description = "No such film")))]
#[put("/me/watchlist/{id}")]
async fn add_to_watchlist(
    playback: web::Data<Playback>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    playback.save(&who, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a film off the caller's watchlist, if it is there.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "It is not on the list")))]
#[delete("/me/watchlist/{id}")]
async fn take_off_watchlist(
    playback: web::Data<Playback>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    playback.unsave(&who, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
