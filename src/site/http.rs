//! `GET /site`.

use actix_web::{HttpResponse, get, web};
use playhouse_api::site::SiteInfo;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::Accounts;
use crate::config::Config;
use crate::error::Result;

pub fn configure(routes: &mut ServiceConfig) {
    routes.service(describe_site);
}

/// What anybody may know of this house.
#[utoipa::path(tag = "site", security(()), responses((status = 200, body = SiteInfo)))]
#[get("/site")]
async fn describe_site(
    config: web::Data<Config>,
    accounts: web::Data<Accounts>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(SiteInfo {
        name: config.site.name.clone(),
        currency: config.site.currency.clone(),
        currency_digits: config.site.currency_digits,
        vip_price_percent: u32::try_from(config.membership.vip_price_percent).unwrap_or_default(),
        registration_open: accounts.is_registration_open(),
        setup_needed: accounts.is_setup_needed().await?,
    }))
}
