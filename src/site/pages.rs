//! The pages: those of the web client, which are all its `index.html`, and those that the server writes itself.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use playhouse_api::problem::ErrorCode;
use serde_json::json;

use super::negotiation::prefers_page;
use super::{assets, unknown};
use crate::error::{Error, Result};

/// Where the client has a page; the same list as `web/src/app/routes.ts`, which a test compares.
pub const PAGES: &[&str] = &[
    "/",
    "/movies/{id}",
    "/series",
    "/series/{id}",
    "/drive",
    "/drive/shares",
    "/drive/trash",
    "/drive/{id}",
    "/rooms",
    "/rooms/{id}",
    "/friends",
    "/notices",
    "/records",
    "/wallet",
    "/me",
    "/admin",
    "/admin/{area}",
    "/sign-in",
    "/sign-up",
    "/setup",
];

const PROBLEM: &str = "/problems/{code}";
const TEMPLATE: &str = include_str!("pages/page.html");

/// Every address of the site that is a pattern; files are found by the answer of last resort.
pub fn configure_pages(routes: &mut web::ServiceConfig) {
    for page in PAGES {
        routes.route(page, web::get().to(show_client));
    }
    routes.route(PROBLEM, web::get().to(explain_problem));
}

/// The patterns above, for the answer to a method that none of them takes.
pub(super) fn patterns() -> impl Iterator<Item = &'static str> {
    PAGES.iter().copied().chain([PROBLEM])
}

async fn show_client(request: HttpRequest) -> Result<HttpResponse> {
    assets::file(&request, "index.html")
        .ok_or_else(|| Error::internal("index.html is not embedded"))
}

/// What a problem's `type` leads to.
async fn explain_problem(request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse> {
    let Some(code) = ErrorCode::parse(&code) else {
        return unknown::not_found(&request);
    };
    if !prefers_page(&request) {
        return Ok(HttpResponse::Ok()
            .insert_header((header::VARY, "Accept"))
            .json(json!({
                "type": code.type_uri(),
                "title": code.title(),
                "status": code.status(),
                "code": code.as_str(),
                "detail": advice(code),
            })));
    }
    let body = format!(
        "<p>{}</p><dl><dt>Code</dt><dd><code>{code}</code></dd><dt>Status</dt><dd>{}</dd></dl>",
        advice(code),
        code.status()
    );
    Ok(page(
        StatusCode::OK,
        "A problem, explained",
        code.title(),
        &body,
    ))
}

/// A page of the server's own. All four come from this source, never from the request.
pub(super) fn page(status: StatusCode, kicker: &str, title: &str, body: &str) -> HttpResponse {
    let text = TEMPLATE
        .replace("{{kicker}}", kicker)
        .replace("{{title}}", title)
        .replace("{{body}}", body);
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"))
        .body(text)
}

/// What to do about a problem of this code.
fn advice(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InsufficientBalance => {
            "Put credit into the wallet with a voucher, or ask an admin for it, then try again."
        }
        ErrorCode::NotOwned => "Buy the film first; its page says the price.",
        ErrorCode::CrossSite => {
            "A request with the session cookie must come from the pages of this site. Programs send a bearer token instead."
        }
        ErrorCode::MissingScope => "Make an access token that has the scope that the call needs.",
        ErrorCode::AccountLocked => "An admin has locked the account; only an admin can unlock it.",
        ErrorCode::IdempotencyMismatch => {
            "An Idempotency-Key stands for one request. Use a new key for another request."
        }
        ErrorCode::NotAVideo => {
            "The house takes films: a file with at least one video track that can be read."
        }
        ErrorCode::OffsetMismatch => "Ask with HEAD where the upload stands and go on from there.",
        ErrorCode::ChecksumMismatch => "The bytes changed on their way. Send the part again.",
        ErrorCode::TooEarly | ErrorCode::TooManyRequests | ErrorCode::Busy => {
            "Wait as long as the Retry-After header says, then try again."
        }
        _ => match code.status() {
            400 => {
                "The request has a form that the server cannot read. The detail of the answer says where."
            }
            401 => "Sign in, or send a valid token as `Authorization: Bearer`.",
            403 => "The account that asked may not do this.",
            404 => "It does not exist, no longer exists, or is not for the account that asked.",
            405 => "The Allow header of the answer lists the methods that the address takes.",
            409 => "Something else was there first. Read the present state, then decide.",
            410 => "It has run out. Ask for a new one.",
            412 => "Read it again, then repeat the change on what is there now.",
            413 | 414 => "Send less at once.",
            415 => "Send the media type that the API's documentation names for this address.",
            416 => "Ask for a range that lies inside the file.",
            422 => "The list `errors` of the answer names each field and what is wrong with it.",
            _ => {
                "The fault is the server's. Its operator finds the cause in the log by the request id."
            }
        },
    }
}
