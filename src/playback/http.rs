//! The addresses of watching, and of the bytes that a player asks for.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use playhouse_api::movies as api;
use utoipa_actix_web::service_config::ServiceConfig;

use super::giving::Given;
use super::{Playback, shelf};
use crate::accounts::{MaybeSignedIn, SignedIn};
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::MovieId;
use crate::media::{self, Media};

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(get_movie)
        .service(get_playback)
        .service(set_position);
    shelf::http::configure(routes);
}

/// The bytes behind playback addresses.
pub fn configure_media(routes: &mut web::ServiceConfig) {
    let bytes = media::http::resource("/media/{token}/{tail:.*}", watch);
    routes.service(bytes);
}

async fn watch(
    request: HttpRequest,
    playback: web::Data<Playback>,
    media: web::Data<Media>,
    who: MaybeSignedIn,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (token, tail) = path.into_inner();
    let who = media::http::account(&who);
    match playback.open(&token, &tail, who).await? {
        Given::Bytes(live) => media::http::answer(&request, &media, &live),
        Given::Text(text, content_type) => Ok(HttpResponse::Ok()
            .content_type(content_type)
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(text)),
    }
}

/// A film, and what it is to the caller: its price for them, whether they own it, where they stopped.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = api::MovieDetail), (status = 404, description = "No such film")))]
#[get("/movies/{id}")]
async fn get_movie(
    playback: web::Data<Playback>,
    who: SignedIn,
    id: Id<MovieId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(playback.describe(&who, id.0).await?))
}

/// Addresses that a player can use for a while, and where the caller stopped watching.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path), api::PlaybackQuery),
    responses((status = 200, body = api::Playback), (status = 403, description = "Not bought"),
        (status = 404, description = "No such film")))]
#[get("/movies/{id}/playback")]
async fn get_playback(
    playback: web::Data<Playback>,
    who: SignedIn,
    id: Id<MovieId>,
    query: Query<api::PlaybackQuery>,
) -> Result<HttpResponse> {
    let preview_will_do = query.0.preview.unwrap_or_default();
    let addresses = playback.addresses(&who, id.0, preview_will_do).await?;
    Ok(HttpResponse::Ok().json(addresses))
}

/// Keeps where the caller stopped watching.
#[utoipa::path(tag = "movies", params(("id" = uuid::Uuid, Path)), request_body = api::NewPosition,
    responses((status = 204, description = "Kept"), (status = 404, description = "No such film")))]
#[put("/movies/{id}/position")]
async fn set_position(
    playback: web::Data<Playback>,
    who: SignedIn,
    id: Id<MovieId>,
    body: Body<api::NewPosition>,
) -> Result<HttpResponse> {
    playback.set_position(&who, id.0, body.0.seconds).await?;
    Ok(HttpResponse::NoContent().finish())
}
