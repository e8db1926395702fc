//! The frame of the protocol: the headers that every request and every answer has.

use actix_web::HttpRequest;
use actix_web::ResponseError as _;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;
use playhouse_api::problem::ErrorCode;
use playhouse_api::uploads::{
    OFFSET_OCTET_STREAM, TUS_RESUMABLE, TUS_VERSION, UPLOAD_CHECKSUM, UPLOAD_CONCAT,
    UPLOAD_DEFER_LENGTH, UPLOAD_LENGTH,
};

use super::checksum::Checksum;
use super::concat::Concat;
use super::model::Error;
use crate::clock::Time;

/// The middleware: refuses other versions of the protocol, and names ours in every answer.
///
/// # Errors
/// What the inner service answers.
pub(super) async fn frame<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let is_asked = !matches!(*request.method(), Method::OPTIONS | Method::GET);
    let version = request.headers().get(TUS_RESUMABLE);
    let mut answer = if is_asked && version.is_none_or(|it| it != TUS_VERSION) {
        request
            .into_response(wrong_version().error_response())
            .map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    answer.headers_mut().insert(
        HeaderName::from_static("tus-resumable"),
        HeaderValue::from_static(TUS_VERSION),
    );
    Ok(answer)
}

fn wrong_version() -> crate::error::Error {
    crate::error::Error::new(
        ErrorCode::TusVersion,
        "Tus-Resumable must be 1.0.0 in every request.",
    )
    .with_header(
        HeaderName::from_static("tus-version"),
        HeaderValue::from_static(TUS_VERSION),
    )
}

/// A header that is text.
pub(super) fn text<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Error> {
    only(request.headers(), name)?
        .map(|value| value.to_str())
        .transpose()
        .map_err(|_| Error::Malformed("The headers of uploads are plain ASCII."))
}

/// The one value of a header.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a HeaderValue>, Error> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Error::Malformed("A header of the upload stands twice.")),
    }
}

/// A header that is a number from 0: digits and nothing else.
pub(super) fn number(request: &HttpRequest, name: &str) -> Result<Option<i64>, Error> {
    let Some(text) = text(request, name)? else {
        return Ok(None);
    };
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => Ok(Some(number)),
        _ => Err(Error::Malformed(
            "Upload-Length and Upload-Offset are whole numbers from 0.",
        )),
    }
}

/// `Upload-Length`, or that it comes later; None when neither is there.
pub(super) fn length(request: &HttpRequest) -> Result<Option<Option<i64>>, Error> {
    let size = number(request, UPLOAD_LENGTH)?;
    match (size, text(request, UPLOAD_DEFER_LENGTH)?) {
        (size, None) => Ok(size.map(Some)),
        (None, Some("1")) => Ok(Some(None)),
        (Some(_), Some(_)) => Err(Error::Malformed(
            "Upload-Length and Upload-Defer-Length exclude each other.",
        )),
        (None, Some(_)) => Err(Error::Malformed("Upload-Defer-Length is 1 or left out.")),
    }
}

/// `Upload-Concat`, read and as it was sent. Parts may be named with the address that the client knows of this house.
pub(super) fn concat(
    request: &HttpRequest,
    public_url: &str,
) -> Result<Option<(Concat, String)>, Error> {
    let Some(said) = text(request, UPLOAD_CONCAT)? else {
        return Ok(None);
    };
    let mut origins: Vec<String> = Vec::new();
    let authority = request.uri().authority().map(Authority::as_str);
    if let Some(host) = text(request, header::HOST.as_str())?.or(authority) {
        origins.extend(["http", "https"].map(|it| format!("{it}://{host}")));
    }
    if !public_url.is_empty() {
        origins.push(public_url.trim_end_matches('/').to_owned());
    }
    Ok(Some((Concat::parse(said, &origins)?, said.to_owned())))
}

pub(super) fn checksum(request: &HttpRequest) -> Result<Option<Checksum>, Error> {
    text(request, UPLOAD_CHECKSUM)?
        .map(Checksum::parse)
        .transpose()
}

/// Bytes of the body, when the client said.
pub(super) fn content_length(request: &HttpRequest) -> Option<u64> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// Whether the body is bytes of an upload.
pub(super) fn is_offset_stream(request: &HttpRequest) -> bool {
    let said = request.headers().get(header::CONTENT_TYPE);
    said.and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.trim().eq_ignore_ascii_case(OFFSET_OCTET_STREAM))
}

/// Whether there is a body at all.
pub(super) fn has_body(request: &HttpRequest) -> bool {
    content_length(request).is_some_and(|it| it > 0)
        || request.headers().contains_key(header::TRANSFER_ENCODING)
}

/// `Upload-Expires`, in the form of HTTP dates.
pub(super) fn http_date(time: Time) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
