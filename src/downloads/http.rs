//! The addresses of tickets and records below `/api/v1`, and of the bytes of a ticket.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use playhouse_api::downloads as api;
use playhouse_api::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Downloads;
use crate::accounts::{MaybeSignedIn, SignedIn};
use crate::error::Result;
use crate::http::extract::{Id, Query};
use crate::ids::{AccountId, MovieId};
use crate::media::{self, Media};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes.service(create_ticket).service(list_downloads);
}

/// The bytes of a ticket. Must come before the addresses of other media, which are less specific.
pub fn configure_media(routes: &mut web::ServiceConfig) {
    let bytes = media::http::resource("/media/tickets/{token}/{name}", download);
    routes.service(bytes);
}

async fn download(
    request: HttpRequest,
    downloads: web::Data<Downloads>,
    media: web::Data<Media>,
    who: MaybeSignedIn,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (token, _) = path.into_inner();
    let live = downloads.open(&token, media::http::account(&who)).await?;
    media::http::answer(&request, &media, &live)
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
