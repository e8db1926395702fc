//! Entity tags on JSON: the middleware of the API scope.
//!
//! An answer that has no `ETag` yet gets one over its bytes; a GET whose `If-None-Match` names it is answered 304.
//! Answers to one member must not be kept for another, so they are `private` and checked again each time. What says
//! itself that it must not be kept (`no-store`) keeps its own tag, and is never answered 304.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;

/// The middleware.
///
/// # Errors
/// What the inner service answers.
pub async fn entity_tags<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<BoxBody, B>>, actix_web::Error> {
    let is_get = request.method() == Method::GET;
    let wanted = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut answer = next.call(request).await?;
    if !answer.headers().contains_key(header::CACHE_CONTROL) {
        answer.headers_mut().insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    answer.headers_mut().append(
        header::VARY,
        HeaderValue::from_static("Authorization, Cookie"),
    );
    let is_kept =
        answer.headers().get(header::CACHE_CONTROL) != Some(&HeaderValue::from_static("no-store"));
    if !is_get || !is_kept || answer.status() != StatusCode::OK {
        return Ok(answer.map_into_right_body());
    }
    let (request, answer) = answer.into_parts();
    let answer = tagged(answer);
    let tag = answer.headers().get(header::ETAG).cloned();
    if let (Some(wanted), Some(tag)) = (wanted, tag)
        && names(&wanted, &tag)
    {
        let not_modified = not_modified(&answer);
        return Ok(ServiceResponse::new(
            request,
            not_modified.map_into_left_body(),
        ));
    }
    Ok(ServiceResponse::new(request, answer))
}

/// Gives a whole body in memory a tag; a stream keeps what it has.
fn tagged<B: MessageBody + 'static>(
    answer: HttpResponse<B>,
) -> HttpResponse<EitherBody<BoxBody, B>> {
    if answer.headers().contains_key(header::ETAG) {
        return answer.map_into_right_body();
    }
    let (mut head, body) = answer.into_parts();
    match body.try_into_bytes() {
        Ok(bytes) => {
            head.headers_mut().insert(header::ETAG, weak_tag(&bytes));
            head.set_body(BoxBody::new(bytes)).map_into_left_body()
        }
        Err(body) => head.set_body(body).map_into_right_body(),
    }
}

/// The tag of a whole body. Weak: compression changes the bytes, not what they say.
#[must_use]
pub fn weak_tag(bytes: &[u8]) -> HeaderValue {
    let digest = blake3::hash(bytes).to_hex();
    let tag = format!("W/\"{}\"", digest.get(..32).unwrap_or_default());
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

fn not_modified<B>(answer: &HttpResponse<B>) -> HttpResponse {
    let mut not_modified = HttpResponse::NotModified();
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
        if let Some(value) = answer.headers().get(&name) {
            not_modified.insert_header((name, value.clone()));
        }
    }
    not_modified.finish()
}

/// The weak comparison of RFC 9110 §8.8.3.2 against a list.
#[must_use]
pub fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(list), Ok(tag)) = (list.to_str(), tag.to_str()) else {
        return false;
    };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|one| bare(one) == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_compare_weakly() {
        let names = |list, tag| {
            names(
                &HeaderValue::from_static(list),
                &HeaderValue::from_static(tag),
            )
        };
        assert!(names("\"a\", W/\"b\"", "\"b\""));
        assert!(names("W/\"a\"", "W/\"a\""));
        assert!(names("*", "\"b\""));
        assert!(!names("\"a\"", "\"b\""));
        assert!(!names("", "\"b\""));
    }
}
