//! The addresses of taking one's data along, and of leaving.

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, delete, get, web};
use playhouse_api::accounts::AccountDeletion;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Leaving;
use crate::accounts::LoggedIn;
use crate::error::Result;
use crate::http::extract::Body;
use crate::http::request::Origin;

pub fn configure(routes: &mut ServiceConfig) {
    routes.service(export_me).service(delete_me);
}

/// Everything that the house has of the caller, as an archive of JSON files. Made while it is sent, so its length is not
/// known before.
#[utoipa::path(tag = "accounts", responses(
    (status = 200, description = "The archive", content_type = "application/zip"),
    (status = 409, description = "An export of this account is under way"),
    (status = 503, description = "Too many exports are being made")))]
#[get("/me/export")]
async fn export_me(leaving: web::Data<Leaving>, who: LoggedIn) -> Result<HttpResponse> {
    let name = format!(
        "attachment; filename=\"playhouse-{}.zip\"",
        who.viewer.account.username
    );
    let archive = leaving.export(who.viewer)?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(ContentEncoding::Identity)
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(archive))
}

/// Deletes the caller's account, at once and for ever. `docs/LEAVING.md` says what goes and what stays.
#[utoipa::path(tag = "accounts", request_body = AccountDeletion, responses(
    (status = 204, description = "Deleted"),
    (status = 401, description = "The password is wrong"),
    (status = 409, description = "This is the last admin"),
    (status = 429, description = "Too many wrong passwords: see Retry-After")))]
#[delete("/me")]
async fn delete_me(
    leaving: web::Data<Leaving>,
    who: LoggedIn,
    request: HttpRequest,
    body: Body<AccountDeletion>,
) -> Result<HttpResponse> {
    let (address, password) = (Origin::of(&request).address, body.0.password.into_inner());
    leaving
        .leave(&who.viewer.account, password, address)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
