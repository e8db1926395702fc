//! The whole table of addresses: one line for each slice.

use actix_web::middleware::{Compress, from_fn};
use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::conditional;
use crate::integrations::Document;
use crate::transfers::uploads;
use crate::{
    accounts, chat, dav, downloads, drive, integrations, jobs, leaving, membership, movies,
    notices, ops, playback, profile, realtime, renditions, reviews, series, shares, site, webhooks,
};

/// Everything under `/api/v1`.
pub fn api(routes: &mut ServiceConfig) {
    accounts::configure(routes);
    membership::configure(routes);
    movies::configure(routes);
    renditions::configure(routes);
    jobs::configure(routes);
    downloads::configure(routes);
    playback::configure(routes);
    series::configure(routes);
    reviews::configure(routes);
    drive::configure(routes);
    notices::configure(routes);
    chat::configure(routes);
    profile::configure(routes);
    leaving::configure(routes);
    realtime::configure(routes);
    ops::configure(routes);
    webhooks::configure(routes);
    site::configure(routes);
    shares::configure(routes);
    uploads::configure(routes);
}

/// Everything: the API, its document, the probes and the site.
pub fn all(routes: &mut web::ServiceConfig) {
    ops::configure_probes(routes);
    integrations::configure(routes);
    movies::configure_media(routes);
    downloads::configure_media(routes);
    playback::configure_media(routes);
    drive::content::configure_bytes(routes);
    dav::configure(routes);
    let api = web::scope("/api/v1")
        .wrap(from_fn(conditional::entity_tags))
        .wrap(Compress::default())
        .configure(|routes| api(&mut ServiceConfig::new(routes)));
    routes.service(api);
    shares::configure_public(routes);
    site::configure_pages(routes);
    routes.default_service(web::to(site::unknown_address));
}

/// The OpenAPI document of [`api`], and of what stands beside it.
///
/// # Errors
/// When it has no form in JSON.
pub fn document() -> Result<Document, serde_json::Error> {
    integrations::document(|routes| {
        api(routes);
        drive::content::document(routes);
    })
}
