//! The OpenAPI 3.1 document, collected from the handlers, with what is true of all of them added.

use actix_web::App;
use playhouse_api::problem::{ErrorCode, FieldCode, FieldProblem, PROBLEM_JSON, Problem};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;

/// The document as it is served, and the paths that it names.
#[derive(Clone, Debug)]
pub struct Document {
    pub json: String,
    /// Path pattern and methods, such as `/api/v1/movies/{id}` and `GET, PATCH`.
    pub paths: Vec<(String, String)>,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Playhouse", description = "Films, files and rooms for a community. Amounts are integers in minor units, times RFC 3339 in UTC, ids UUIDv7."),
    components(schemas(Problem, FieldProblem, ErrorCode, FieldCode)),
    security(("session" = []), ("bearer" = [])),
    modifiers(&Schemes)
)]
struct Base;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("playhouse_session")));
        components.add_security_scheme("session", cookie);
        let bearer =
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        components.add_security_scheme("bearer", bearer);
    }
}

/// Collects the document from the handlers of the API, and adds the problem body to each.
///
/// # Errors
/// When it has no form in JSON.
pub fn document(routes: fn(&mut ServiceConfig)) -> Result<Document, serde_json::Error> {
    let scope = utoipa_actix_web::scope("/api/v1").configure(routes);
    let (_, collected) = App::new()
        .into_utoipa_app()
        .service(scope)
        .split_for_parts();
    let mut document = Base::openapi();
    document.merge(collected);
    let mut paths = Vec::new();
    for (path, item) in &mut document.paths.paths {
        let mut methods = Vec::new();
        for (name, operation) in operations(item) {
            methods.push(name);
            add_problem(operation);
        }
        if methods.first() == Some(&"GET") && !methods.contains(&"HEAD") {
            // Served as the GET that it stands for; see `http::request`.
            methods.insert(1, "HEAD");
        }
        paths.push((path.clone(), methods.join(", ")));
    }
    Ok(Document {
        json: document.to_pretty_json()?,
        paths,
    })
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("HEAD", &mut item.head),
        ("OPTIONS", &mut item.options),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(name, operation)| operation.as_mut().map(|operation| (name, operation)))
}

fn add_problem(operation: &mut Operation) {
    let body = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let problem = |description: &str| {
        ResponseBuilder::new()
            .description(description)
            .content(PROBLEM_JSON, body.clone())
            .build()
    };
    let answers = &mut operation.responses.responses;
    for (status, answer) in answers.iter_mut() {
        if let RefOr::T(response) = answer
            && (status.starts_with('4') || status.starts_with('5'))
        {
            *response = problem(&response.description);
        }
    }
    let other = problem("A problem; `code` says which");
    answers.insert("default".to_owned(), RefOr::T(other));
}
