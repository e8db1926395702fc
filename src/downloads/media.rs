//! The addresses that serve bytes: `/media/...`, outside the API, with their token in the path.
//!
//! They are not compressed, not logged with their path, and tell HEAD from GET themselves.

use std::time::SystemTime;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use playhouse_api::problem::ErrorCode;

use super::{Downloads, Error as DownloadsError};
use crate::accounts::MaybeSignedIn;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::transfers::live::Live;
use crate::transfers::serve::serve;

/// The most specific address first.
pub fn configure(routes: &mut web::ServiceConfig) {
    let tickets = web::resource("/media/tickets/{token}/{name}")
        .route(web::get().to(download))
        .route(web::head().to(download))
        .default_service(web::to(wrong_method));
    let films = web::resource("/media/{token}/{tail:.*}")
        .route(web::get().to(watch))
        .route(web::head().to(watch))
        .default_service(web::to(wrong_method));
    routes.service(tickets).service(films);
}

async fn download(
    request: HttpRequest,
    downloads: web::Data<Downloads>,
    who: MaybeSignedIn,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (token, _) = path.into_inner();
    let live = downloads.open_ticket(&token, account(&who)).await?;
    answer(&request, &downloads, &live)
}

async fn watch(
    request: HttpRequest,
    downloads: web::Data<Downloads>,
    who: MaybeSignedIn,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (token, tail) = path.into_inner();
    let live = downloads.open_watch(&token, &tail, account(&who)).await?;
    answer(&request, &downloads, &live)
}

fn account(who: &MaybeSignedIn) -> Option<&AccountId> {
    who.0.as_ref().map(|viewer| viewer.id())
}

fn answer(request: &HttpRequest, downloads: &Downloads, live: &Live) -> Result<HttpResponse> {
    let now = SystemTime::from(downloads.clock.now().and_utc());
    let response = serve(request, &live.offering, &live.flow, now);
    Ok(response.map_err(DownloadsError::from)?)
}

async fn wrong_method(request: HttpRequest) -> Result<HttpResponse> {
    let detail = format!("This address takes GET, HEAD, not {}.", request.method());
    let error = Error::new(ErrorCode::MethodNotAllowed, detail);
    Err(error.with_header(header::ALLOW, HeaderValue::from_static("GET, HEAD")))
}
