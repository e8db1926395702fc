//! The address of an entry's bytes. It stands outside the rest of the API, whose answers are compressed and tagged:
//! both would break ranges and digests.

use actix_web::{HttpRequest, HttpResponse, get, head, web};
use playhouse_api::drive::{ContentQuery, Flag};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Asked, Contents};
use crate::accounts::SignedIn;
use crate::error::Result;
use crate::http::extract::{Id, Query};
use crate::ids::EntryId;
use crate::media::{self, Media};

/// The address itself. Must come before the rest of the API.
pub fn configure_bytes(routes: &mut web::ServiceConfig) {
    let bytes = media::http::resource("/api/v1/drive/entries/{id}/content", send);
    routes.service(bytes);
}

/// The same address as the OpenAPI document tells of it.
pub fn document(routes: &mut ServiceConfig) {
    routes.service(get_content).service(head_content);
}

async fn send(
    request: HttpRequest,
    contents: web::Data<Contents>,
    media: web::Data<Media>,
    who: SignedIn,
    id: Id<EntryId>,
    query: Query<ContentQuery>,
) -> Result<HttpResponse> {
    let asked = match query.0.inline {
        Some(Flag::Yes) => Asked::Preview,
        Some(Flag::No) | None => Asked::Save,
    };
    let live = contents.open(&who, id.0, asked).await?;
    media::http::answer(&request, &media, &live)
}

/// The bytes of a file, whole or in ranges; or a folder as a zip archive, made while it is sent.
#[utoipa::path(tag = "drive", params(("id" = uuid::Uuid, Path), ContentQuery),
    responses((status = 200, description = "The file, or an archive of the folder", content_type = "application/octet-stream"),
        (status = 206, description = "The ranges asked for"), (status = 304, description = "It has not changed"),
        (status = 404, description = "No such entry"), (status = 412, description = "It has changed"),
        (status = 413, description = "The folder has more than 100,000 entries"),
        (status = 416, description = "The range lies outside the file"),
        (status = 503, description = "Too many archives are being made")))]
#[get("/drive/entries/{id}/content")]
async fn get_content(
    request: HttpRequest,
    contents: web::Data<Contents>,
    media: web::Data<Media>,
    who: SignedIn,
    id: Id<EntryId>,
    query: Query<ContentQuery>,
) -> Result<HttpResponse> {
    send(request, contents, media, who, id, query).await
}

/// What a GET would answer, without the bytes.
#[utoipa::path(tag = "drive", params(("id" = uuid::Uuid, Path), ContentQuery),
    responses((status = 200, description = "Length, type, entity tag and digest"),
        (status = 304, description = "It has not changed"), (status = 404, description = "No such entry"),
        (status = 412, description = "It has changed"),
        (status = 413, description = "The folder has more than 100,000 entries"),
        (status = 503, description = "Too many archives are being made")))]
#[head("/drive/entries/{id}/content")]
async fn head_content(
    request: HttpRequest,
    contents: web::Data<Contents>,
    media: web::Data<Media>,
    who: SignedIn,
    id: Id<EntryId>,
    query: Query<ContentQuery>,
) -> Result<HttpResponse> {
    send(request, contents, media, who, id, query).await
}
