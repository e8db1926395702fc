//! From an open file and a request to an HTTP response (RFC 9110, RFC 9530).
//!
//! Keeps true: the entity tag is strong; a response never mixes two versions of a file; only
//! known media types keep their type, the rest is saved as plain bytes; nothing in between may
//! transform what is sent. Routes that use it must not be wrapped in compression, which would
//! break ranges and digests. Whether the caller may have the file was decided before.

use std::sync::Arc;
use std::time::SystemTime;

use actix_web::http::header::{
    self, HeaderName, HeaderValue, HttpDate, InvalidHeaderValue, TryIntoHeaderValue,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use rand::Rng as _;

use super::body::{FileBody, LengthOnly, Piece};
use super::chunks::ChunkBody;
use super::conditions::{self, Validators, Verdict};
use super::direct::DirectBody;
use super::disposition::{Offer, content_disposition, safe_type};
use super::flow::Flow;
use super::live::{Live, What};
use super::ranges::{self, Selection, Span};
use super::remote::RemoteBody;
use super::socket::{PeerSocket, line_of};
use super::zip::Archive;
use super::zip::body::ZipBody;
use crate::storage::Content;

/// What a preview may do: nothing, in an origin of its own. Viewers of browsers put a picture or a film into a page of
/// theirs, which has to load it.
const SANDBOX: &str = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; \
     style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// Everything a response says about a file.
#[derive(Clone, Debug)]
pub struct Offering {
    /// The bytes themselves.
    pub content: Content,
    /// Its length in bytes.
    pub size: u64,
    /// Names this content and no other: the BLAKE3 hash in hex.
    pub tag: String,
    /// When it last changed.
    pub modified: SystemTime,
    /// What it claims to be; see [`safe_type`].
    pub content_type: String,
    /// The name to save it under.
    pub name: String,
    /// Show or save.
    pub offer: Offer,
    /// SHA-256 of the whole file, when it is known.
    pub sha256: Option<[u8; 32]>,
}

/// Why no bytes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 412.
    #[error("the file is not the version the request asks for")]
    PreconditionFailed,
    /// 416, with `Content-Range: bytes */size`.
    #[error("the file has {size} bytes; none of them are in the range asked for")]
    RangeNotSatisfiable {
        /// The length of the file.
        size: u64,
    },
    /// The flow was stopped: the caller knows why.
    #[error("the transfer was stopped")]
    Stopped,
    /// 500: a name or tag that cannot be a header.
    #[error("the response could not be made")]
    Unspeakable,
}

impl From<InvalidHeaderValue> for Refusal {
    fn from(_: InvalidHeaderValue) -> Refusal {
        Refusal::Unspeakable
    }
}

/// Answers a GET or HEAD for what is under way.
pub fn answer(
    request: &HttpRequest,
    live: &Live,
    now: SystemTime,
) -> Result<HttpResponse, Refusal> {
    match &live.what {
        What::File(offering) => serve(request, offering, &live.flow, now),
        What::Archive(archive) => serve_archive(request, archive, &live.flow),
    }
}

/// Answers a GET or HEAD for an archive. It is sent from its beginning: ranges of it are not offered.
fn serve_archive(
    request: &HttpRequest,
    archive: &Arc<Archive>,
    flow: &Arc<Flow>,
) -> Result<HttpResponse, Refusal> {
    let validators = Validators {
        tag: archive.plan.tag(),
        modified: None,
    };
    let verdict = conditions::evaluate(request.headers(), validators);
    let mut response = match verdict {
        Verdict::Failed => return Err(Refusal::PreconditionFailed),
        Verdict::NotModified => HttpResponse::NotModified(),
        Verdict::Proceed => HttpResponse::Ok(),
    };
    response
        .insert_header((header::ETAG, format!("\"{}\"", validators.tag)))
        .insert_header((header::CACHE_CONTROL, "private, no-transform"));
    if verdict == Verdict::NotModified {
        return Ok(response.finish());
    }
    response
        .insert_header((header::CONTENT_TYPE, "application/zip"))
        .insert_header((header::ACCEPT_RANGES, "none"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&content_disposition(Offer::Attachment, &archive.name))?,
        ));
    if request.method() == Method::HEAD {
        return Ok(response.body(LengthOnly(archive.plan.size())));
    }
    let leg = flow.join(PeerSocket::of(request)).ok_or(Refusal::Stopped)?;
    Ok(response.body(ChunkBody::new(ZipBody::new(Arc::clone(archive), leg))))
}

/// Answers a GET or HEAD for the file; the bytes are counted in `flow`.
pub fn serve(
    request: &HttpRequest,
    what: &Offering,
    flow: &Arc<Flow>,
    now: SystemTime,
) -> Result<HttpResponse, Refusal> {
    let validators = Validators {
        tag: &what.tag,
        modified: Some(what.modified),
    };
    match conditions::evaluate(request.headers(), validators) {
        Verdict::Failed => return Err(Refusal::PreconditionFailed),
        Verdict::NotModified => return not_modified(what),
        Verdict::Proceed => {}
    }
    if request.method() == Method::HEAD {
        let mut response = describe(StatusCode::OK, what)?;
        return Ok(response.body(LengthOnly(what.size)));
    }
    match selection(request, what, validators, now) {
        Selection::Unsatisfiable => Err(Refusal::RangeNotSatisfiable { size: what.size }),
        Selection::Whole => {
            let whole = Span {
                start: 0,
                len: what.size,
            };
            stream(
                request,
                describe(StatusCode::OK, what)?,
                what,
                flow,
                vec![Piece::File(whole)],
            )
        }
        Selection::Parts(spans) => partial(request, what, flow, &spans),
    }
}

fn selection(
    request: &HttpRequest,
    what: &Offering,
    validators: Validators<'_>,
    now: SystemTime,
) -> Selection {
    let mut fields = request.headers().get_all(header::RANGE);
    let field = match (fields.next(), fields.next()) {
        (Some(field), None) => field.to_str().unwrap_or_default(),
        _ => return Selection::Whole,
    };
    if !conditions::range_applies(request.headers(), validators, now) {
        return Selection::Whole;
    }
    ranges::select(field, what.size)
}

fn partial(
    request: &HttpRequest,
    what: &Offering,
    flow: &Arc<Flow>,
    spans: &[Span],
) -> Result<HttpResponse, Refusal> {
    let mut response = describe(StatusCode::PARTIAL_CONTENT, what)?;
    let pieces = match spans {
        [only] => {
            response.insert_header((header::CONTENT_RANGE, content_range(*only, what.size)));
            vec![Piece::File(*only)]
        }
        several => {
            let boundary = format!("{:032x}", rand::rng().random::<u128>());
            let kind = format!("multipart/byteranges; boundary={boundary}");
            response.insert_header((header::CONTENT_TYPE, kind));
            multipart(several, what, &boundary)
        }
    };
    stream(request, response, what, flow, pieces)
}

fn content_range(span: Span, size: u64) -> String {
    format!("bytes {}-{}/{size}", span.start, span.end() - 1)
}

/// The pieces of a `multipart/byteranges` body (RFC 9110, section 14.6).
fn multipart(spans: &[Span], what: &Offering, boundary: &str) -> Vec<Piece> {
    let (kind, _) = safe_type(&what.content_type, what.offer);
    let mut pieces = Vec::with_capacity(spans.len() * 2 + 1);
    for span in spans {
        let range = content_range(*span, what.size);
        let head =
            format!("\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {range}\r\n\r\n");
        pieces.push(Piece::Text(Bytes::from(head)));
        pieces.push(Piece::File(*span));
    }
    pieces.push(Piece::Text(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    pieces
}

fn stream(
    request: &HttpRequest,
    mut response: HttpResponseBuilder,
    what: &Offering,
    flow: &Arc<Flow>,
    pieces: Vec<Piece>,
) -> Result<HttpResponse, Refusal> {
    let leg = flow.join(PeerSocket::of(request)).ok_or(Refusal::Stopped)?;
    let file = match &what.content {
        Content::File(file) => Arc::clone(file),
        Content::Remote(object) => {
            let body = RemoteBody::new(object.clone(), pieces, leg);
            return Ok(response.body(ChunkBody::new(body)));
        }
    };
    match (pieces.as_slice(), line_of(request)) {
        ([Piece::File(span)], Some(line)) if flow.throttle().is_none() && span.len > 0 => {
            Ok(response
                .no_chunking(span.len)
                .body(DirectBody::new(file, *span, leg, line)))
        }
        _ => Ok(response.body(ChunkBody::new(FileBody::new(file, pieces, leg)))),
    }
}

/// The fields that every answer with this file bears.
fn describe(status: StatusCode, what: &Offering) -> Result<HttpResponseBuilder, Refusal> {
    let (kind, offer) = safe_type(&what.content_type, what.offer);
    let mut response = validators(status, what)?;
    response
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_str(kind)?))
        .insert_header((header::ACCEPT_RANGES, HeaderValue::from_static("bytes")))
        .insert_header((
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&content_disposition(offer, &what.name))?,
        ))
        .insert_header((
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ));
    if offer == Offer::Preview {
        response
            .insert_header((header::CONTENT_SECURITY_POLICY, SANDBOX))
            .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"));
    }
    if let Some(sum) = &what.sha256 {
        let digest = format!("sha-256=:{}:", BASE64.encode(sum));
        response.insert_header((REPR_DIGEST, HeaderValue::from_str(&digest)?));
    }
    Ok(response)
}

/// The fields that a 304 bears too.
fn validators(status: StatusCode, what: &Offering) -> Result<HttpResponseBuilder, Refusal> {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((
            header::ETAG,
            HeaderValue::from_str(&format!("\"{}\"", what.tag))?,
        ))
        .insert_header((
            header::LAST_MODIFIED,
            HttpDate::from(what.modified).try_into_value()?,
        ))
        .insert_header((
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-transform"),
        ));
    Ok(response)
}

fn not_modified(what: &Offering) -> Result<HttpResponse, Refusal> {
    Ok(validators(StatusCode::NOT_MODIFIED, what)?.finish())
}
