//! What the addresses of bytes have in common: `/media/...`, outside the API.
//!
//! They are not compressed, not logged with their path, and tell HEAD from GET themselves.

use std::time::SystemTime;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use playhouse_api::problem::ErrorCode;

use super::{Error as MediaError, Media};
use crate::accounts::MaybeSignedIn;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::transfers::live::Live;
use crate::transfers::serve;

/// An address that takes GET and HEAD, and says so to whoever tries something else.
pub fn resource<F, Args>(path: &str, handler: F) -> Resource
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: actix_web::Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(wrong_method))
}

/// Serves the bytes that the request asks for.
///
/// # Errors
/// 412, 416; 503 when the transfer was stopped this moment.
pub fn answer(request: &HttpRequest, media: &Media, live: &Live) -> Result<HttpResponse> {
    let now = SystemTime::from(media.now().and_utc());
    let response = serve::answer(request, live, now);
    Ok(response.map_err(MediaError::from)?)
}

/// The account of whoever is signed in.
pub fn account(who: &MaybeSignedIn) -> Option<&AccountId> {
    who.0.as_ref().map(|viewer| viewer.id())
}

async fn wrong_method(request: HttpRequest) -> Result<HttpResponse> {
    let detail = format!("This address takes GET, HEAD, not {}.", request.method());
    let error = Error::new(ErrorCode::MethodNotAllowed, detail);
    Err(error.with_header(header::ALLOW, HeaderValue::from_static("GET, HEAD")))
}
