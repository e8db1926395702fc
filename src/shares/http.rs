//! The owner's addresses of shares below `/api/v1`. Those of visitors are in [`public`](super::public).

use actix_web::{HttpResponse, delete, get, post, web};
use playhouse_api::drive as api;
use playhouse_api::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use super::Shares;
use crate::accounts::SignedIn;
use crate::error::Result;
use crate::http::extract::{Body, Id, Query};
use crate::ids::{EntryId, ShareId};
use crate::page::PageRequest;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(create_share)
        .service(list_shares)
        .service(remove_share);
}

/// Shares a file or folder by a link, which its owner can see again. It follows the entry, not the name.
#[utoipa::path(tag = "drive", params(("id" = uuid::Uuid, Path)), request_body = api::NewShare,
    responses((status = 201, body = api::Share), (status = 404, description = "No such entry"),
        (status = 409, description = "A whole drive is not shared; too many shares")))]
#[post("/drive/entries/{id}/shares")]
async fn create_share(
    shares: web::Data<Shares>,
    who: SignedIn,
    id: Id<EntryId>,
    body: Body<api::NewShare>,
) -> Result<HttpResponse> {
    let share = shares.create(&who, id.0, body.0).await?;
    Ok(HttpResponse::Created().json(share))
}

/// The caller's own shares, the latest first.
#[utoipa::path(tag = "drive", params(PageQuery),
    responses((status = 200, body = Page<api::Share>)))]
#[get("/drive/shares")]
async fn list_shares(
    shares: web::Data<Shares>,
    who: SignedIn,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let page = PageRequest::read(query.0.cursor.as_deref(), query.0.limit)?;
    Ok(HttpResponse::Ok().json(shares.list(&who, page).await?))
}

/// Takes a share back. The link is dead at once, and downloads by it are stopped.
#[utoipa::path(tag = "drive", params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Taken back"), (status = 404, description = "No such share")))]
#[delete("/drive/shares/{id}")]
async fn remove_share(
    shares: web::Data<Shares>,
    who: SignedIn,
    id: Id<ShareId>,
) -> Result<HttpResponse> {
    shares.remove(&who, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
