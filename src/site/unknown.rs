//! The answer of last resort: an embedded file of that name, a method that does not fit, or nothing at all.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use playhouse_api::problem::ErrorCode;

use super::assets;
use super::negotiation::prefers_page;
use super::pages::{self, page};
use crate::error::{Error, Result};
use crate::integrations::Document;

/// Where the router found nothing.
///
/// # Errors
/// A problem for programs; people get a page.
pub async fn unknown_address(
    request: HttpRequest,
    document: web::Data<Document>,
) -> Result<HttpResponse> {
    let name = request.path().trim_start_matches('/');
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(answer) = assets::file(&request, name) {
        return if is_read {
            Ok(answer)
        } else {
            wrong_method(&request, "GET, HEAD")
        };
    }
    match allowed(&document, request.path()) {
        Some(methods) => wrong_method(&request, methods),
        None => not_found(&request),
    }
}

/// The methods of the address that fits a path, if one does.
fn allowed<'a>(document: &'a Document, path: &str) -> Option<&'a str> {
    let mut of_api = document.paths.iter();
    let found = of_api.find(|(pattern, _)| fits(pattern, path));
    found.map(|(_, methods)| methods.as_str()).or_else(|| {
        pages::patterns()
            .any(|pattern| fits(pattern, path))
            .then_some("GET, HEAD")
    })
}

/// Nothing is here.
pub(super) fn not_found(request: &HttpRequest) -> Result<HttpResponse> {
    if prefers_page(request) {
        let body = "<p>The address may be mistyped, or what was here has been taken off the programme.</p>";
        return Ok(page(
            StatusCode::NOT_FOUND,
            "404",
            "No film is showing here",
            body,
        ));
    }
    let detail = "Nothing is at this address.";
    Err(Error::new(ErrorCode::NotFound, detail))
}

fn wrong_method(request: &HttpRequest, methods: &str) -> Result<HttpResponse> {
    if prefers_page(request) {
        let body = "<p>This address cannot be used in that way. Open it as a page instead.</p>";
        let mut answer = page(
            StatusCode::METHOD_NOT_ALLOWED,
            "405",
            "That does not fit this address",
            body,
        );
        if let Ok(methods) = header::HeaderValue::from_str(methods) {
            answer.headers_mut().insert(header::ALLOW, methods);
        }
        return Ok(answer);
    }
    let detail = format!("This address takes {methods}, not {}.", request.method());
    let error = Error::new(ErrorCode::MethodNotAllowed, detail);
    Err(match header::HeaderValue::from_str(methods) {
        Ok(methods) => error.with_header(header::ALLOW, methods),
        Err(_) => error,
    })
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
