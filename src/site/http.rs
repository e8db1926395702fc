//! `GET /site`, and the answer of last resort.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use playhouse_api::problem::ErrorCode;
use playhouse_api::site::SiteInfo;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::Accounts;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::integrations::Document;

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

/// Nothing is at this address, or not with this method.
///
/// # Errors
/// Always.
pub async fn unknown_address(
    request: HttpRequest,
    document: web::Data<Document>,
) -> Result<HttpResponse> {
    let allowed = document
        .paths
        .iter()
        .find(|(pattern, _)| fits(pattern, request.path()));
    match allowed {
        Some((_, methods)) => {
            let detail = format!("This address takes {methods}, not {}.", request.method());
            let error = Error::new(ErrorCode::MethodNotAllowed, detail);
            Err(match header::HeaderValue::from_str(methods) {
                Ok(methods) => error.with_header(header::ALLOW, methods),
                Err(_) => error,
            })
        }
        None => Err(Error::new(
            ErrorCode::NotFound,
            "Nothing is at this address.",
        )),
    }
}

/// Whether a path is one of a pattern such as `/movies/{id}`.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part))
                if wanted.starts_with('{') && !part.is_empty() || wanted == part => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_whole_paths() {
        assert!(fits("/a/{id}/b", "/a/1/b"));
        assert!(!fits("/a/{id}", "/a/"));
        assert!(!fits("/a/{id}", "/a/1/b"));
        assert!(!fits("/a", "/a/"));
    }
}
