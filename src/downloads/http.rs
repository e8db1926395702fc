//! The addresses of tickets, records and playback below `/api/v1`.

use actix_web::{HttpResponse, get, post, put, web};
use playhouse_api::downloads as api;
use playhouse_api::movies::{NewPosition, Playback};
use playhouse_api::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Downloads;
use crate::accounts::SignedIn;
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::{AccountId, MovieId};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(create_ticket)
        .service(list_downloads)
        .service(get_playback)
        .service(set_position);
}

/// Makes a download ticket. Its address serves bytes from `available_at` to `expires_at`.
#[utoipa::path(tag = "downloads", params(("id" = uuid::Uuid, Path)),
    responses((status = 201, body = api::Ticket), (status = 403, description = "Not bought"),
        (status = 404, description = "No such film")))]
#[post("/movies/{id}/downloads")]
async fn create_ticket(
    downloads: web::Data<Downloads>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    let ticket = downloads.create_ticket(&who, id.0).await?;
    Ok(HttpResponse::Created().json(ticket))
}

/// The caller's own download records, the latest first. An admin may ask for those of an account.
#[utoipa::path(tag = "downloads", params(api::DownloadQuery),
    responses((status = 200, body = Page<api::DownloadRecord>)))]
#[get("/downloads")]
async fn list_downloads(
    downloads: web::Data<Downloads>,
    who: SignedIn,
    query: Query<api::DownloadQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    let account = query.0.account.map(AccountId::from);
    let records = downloads.list(&who, account, page).await?;
    Ok(HttpResponse::Ok().json(records))
}

/// Addresses that a player can use for a while, and where the caller stopped watching.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Playback), (status = 403, description = "Not bought"),
        (status = 404, description = "No such film")))]
#[get("/movies/{id}/playback")]
async fn get_playback(
    downloads: web::Data<Downloads>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    let playback = downloads.playback(&who, id.0).await?;
    Ok(HttpResponse::Ok().json(playback))
}

/// Keeps where the caller stopped watching.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)), request_body = NewPosition,
    responses((status = 204, description = "Kept"), (status = 404, description = "No such film")))]
#[put("/movies/{id}/position")]
async fn set_position(
    downloads: web::Data<Downloads>,
    who: SignedIn,
    id: Id<MovieId>,
    body: Body<NewPosition>,
) -> Result<HttpResponse> {
    downloads.set_position(&who, id.0, body.0.seconds).await?;
    Ok(HttpResponse::NoContent().finish())
}
