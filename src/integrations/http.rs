//! `/api/v1/openapi.json` and `/api/docs`.

use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{Document, feeds};

/// The document, and a reader of it that needs nothing from elsewhere.
pub fn configure(routes: &mut web::ServiceConfig) {
    feeds::configure(routes);
    routes
        .route("/api/v1/openapi.json", web::get().to(show_document))
        .service(web::redirect("/api/docs", "/api/docs/"))
        .service(SwaggerUi::new("/api/docs/{_:.*}").config(Config::from("/api/v1/openapi.json")));
}

async fn show_document(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.json.clone())
}
