//! The addresses of profiles.

use actix_web::{HttpResponse, get, patch, web};
use playhouse_api::accounts::{Me, ProfileChanges};
use playhouse_api::admin::AccountDetail;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Profiles;
use crate::accounts::{Admin, SignedIn};
use crate::error::Result;
use crate::http::extract::{Body, Id};
use crate::ids::AccountId;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(show_me)
        .service(change_me)
        .service(show_account);
}

/// The caller's own account, with balance, unread notices and room on the drive.
#[utoipa::path(tag = "accounts", responses((status = 200, body = Me)))]
#[get("/me")]
async fn show_me(profiles: web::Data<Profiles>, who: SignedIn) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(profiles.me(who.id().clone()).await?))
}

/// Changes the caller's own fields. Null clears one.
#[utoipa::path(tag = "accounts", request_body = ProfileChanges, responses((status = 200, body = Me)))]
#[patch("/me")]
async fn change_me(
    profiles: web::Data<Profiles>,
    who: SignedIn,
    body: Body<ProfileChanges>,
) -> Result<HttpResponse> {
    let me = profiles.change_me(who.id().clone(), body.0).await?;
    Ok(HttpResponse::Ok().json(me))
}

/// An account, with what only its owner and admins see.
#[utoipa::path(tag = "admin", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = AccountDetail)))]
#[get("/admin/accounts/{id}")]
async fn show_account(
    profiles: web::Data<Profiles>,
    _admin: Admin,
    id: Id<AccountId>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(profiles.detail(id.0).await?))
}
