//! Requests that change something: made ready for dav-server, and its answers made ready for the client.
//!
//! Only headers that have a meaning are passed on, in the form that they are understood in. A precondition that cannot
//! be read is refused, because dav-server would take it for none.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use http1::StatusCode;
use playhouse_api::problem::ErrorCode;
use tokio::time::timeout;
use xmltree::Element;

use super::service::Dav;
use super::visit::{Act, PutHeaders, Request, Visit};
use super::{address, body, conditions, xml};
use crate::accounts::Viewer;
use crate::clock::Time;
use crate::drive::{DrivePath, policy};
use crate::error::{Error, Result};

/// What dav-server gets to see.
const PASSED_ON: &[&str] = &[
    "content-length",
    "depth",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "lock-token",
    "overwrite",
    "timeout",
    "user-agent",
    "x-expected-entity-length",
];

/// Does what a request asks for, if its sender may.
pub(super) async fn answer(
    request: &HttpRequest,
    payload: Payload,
    dav: &Dav,
    who: Arc<Viewer>,
    (act, path): (Act, DrivePath),
) -> Result<HttpResponse> {
    policy::may_change(&who)?;
    let headers = request.headers();
    check_preconditions(headers)?;
    let to = match act {
        Act::Copy | Act::Move => Some(destination(headers)?),
        _ => None,
    };
    let visit = Visit::new(Request {
        who,
        act,
        path,
        to,
        is_shallow: text(headers, "depth") == Some("0"),
        put: match act {
            Act::Put => put_headers(headers)?,
            _ => PutHeaders::default(),
        },
        if_match: if_match(headers),
        overwrites: text(headers, "overwrite") != Some("F"),
    });
    let has_time = act == Act::Put && visit.put.modified_at.is_some();
    let mut wish = None;
    let answer = if act == Act::Put {
        let body = StreamBody::new(pieces(
            payload,
            expected(headers),
            dav.patience,
            visit.clone(),
        ));
        let asked = passed_on(request, &visit, body)?;
        Box::pin(dav.handle(asked, &visit)).await
    } else {
        let body = body::read(payload, dav.patience).await?;
        if matches!(act, Act::Lock | Act::ChangeProperties) {
            body::check(&body)?;
            wish = wished_time(&body).filter(|_| act == Act::ChangeProperties);
        }
        let asked = passed_on(request, &visit, Full::new(body))?;
        Box::pin(dav.handle(asked, &visit)).await
    };
    let is_done = answer.status().is_success() && answer.status() != StatusCode::MULTI_STATUS;
    if let Some(error) = visit.refusal().filter(|_| !is_done) {
        return Err(error);
    }
    let (head, body) = answer.into_parts();
    let body = BodyExt::collect(body).await.map_err(Error::internal)?;
    let body = body.to_bytes();
    if let Some(time) = wish.filter(|_| is_all_done(head.status, &body)) {
        dav.drive
            .set_modified(visit.owner(), visit.path.clone(), time)
            .await?;
    }
    given_back(&head, body, has_time)
}

/// The time that Windows wants a file to have. dav-server says that it has set it, and does nothing.
fn wished_time(body: &[u8]) -> Option<Time> {
    let root = Element::parse(body).ok()?;
    let children = |element: &Element| -> Vec<Element> {
        let children = element.children.iter().filter_map(|it| it.as_element());
        children.cloned().collect()
    };
    let sets = children(&root).into_iter().filter(|it| it.name == "set");
    let props = sets
        .flat_map(|set| children(&set))
        .flat_map(|prop| children(&prop));
    let wanted = props.into_iter().rfind(|it| {
        it.name == "Win32LastModifiedTime" && it.namespace.as_deref() == Some(xml::MICROSOFT)
    })?;
    let date: header::HttpDate = wanted.get_text()?.trim().parse().ok()?;
    let time = chrono::DateTime::<chrono::Utc>::from(SystemTime::from(date));
    Some(time.naive_utc())
}

/// Whether every property was changed: the answer names them with what became of each.
fn is_all_done(status: StatusCode, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let mut told = text.split("HTTP/1.1 ").skip(1);
    status == StatusCode::MULTI_STATUS && told.all(|it| it.starts_with("200"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn bad(detail: &str) -> Error {
    Error::new(ErrorCode::BadRequest, detail)
}

fn destination(headers: &HeaderMap) -> Result<DrivePath> {
    let to = text(headers, "destination").and_then(address::parse_destination);
    to.ok_or_else(|| bad("Destination is an address of a file or folder below /dav/."))
}

fn check_preconditions(headers: &HeaderMap) -> Result<()> {
    for name in ["if-match", "if-none-match"] {
        let mut fields = headers.get_all(name);
        if !fields.all(|field| field.to_str().is_ok_and(conditions::is_tag_list)) {
            return Err(bad(
                "If-Match and If-None-Match are a list of entity tags, or *.",
            ));
        }
    }
    match headers.get("overwrite").map(header::HeaderValue::as_bytes) {
        None | Some(b"T" | b"F") => Ok(()),
        Some(_) => Err(bad("Overwrite is T or F.")),
    }
}

fn put_headers(headers: &HeaderMap) -> Result<PutHeaders> {
    if headers.contains_key(header::CONTENT_RANGE) {
        return Err(bad("A PUT is of the whole file, without Content-Range."));
    }
    let encoding = text(headers, "content-encoding").unwrap_or("identity");
    if !encoding.eq_ignore_ascii_case("identity") {
        let detail = "Files are kept as they come; send this one without Content-Encoding.";
        return Err(Error::new(ErrorCode::UnsupportedMediaType, detail));
    }
    Ok(PutHeaders {
        content_type: text(headers, "content-type").map(str::to_owned),
        modified_at: text(headers, "x-oc-mtime").and_then(mtime),
    })
}

fn if_match(headers: &HeaderMap) -> Option<String> {
    let fields = headers.get_all(header::IF_MATCH);
    let fields: Vec<&str> = fields.filter_map(|it| it.to_str().ok()).collect();
    (!fields.is_empty()).then(|| fields.join(", "))
}

/// Seconds since 1970, with a fraction or without, as sync programs send them with a file.
fn mtime(text: &str) -> Option<Time> {
    let whole = text.trim().split('.').next()?;
    let seconds: i64 = whole.parse().ok()?;
    let is_plausible = (0..=253_402_300_799).contains(&seconds);
    let time = chrono::DateTime::from_timestamp(seconds, 0)?;
    is_plausible.then(|| time.naive_utc())
}

/// How long the body is, as far as the client says; Finder says it in a header of its own.
fn expected(headers: &HeaderMap) -> Option<u64> {
    let said = text(headers, "content-length").or(text(headers, "x-expected-entity-length"));
    said?.parse().ok()
}

type Arrived = std::result::Result<Frame<Bytes>, io::Error>;

/// The body in pieces, and an error where it is not as it should be.
fn pieces(
    payload: Payload,
    left: Option<u64>,
    patience: Duration,
    visit: Visit,
) -> impl Stream<Item = Arrived> {
    stream::unfold((payload, left), move |(mut payload, left)| {
        let visit = visit.clone();
        async move {
            let next = match timeout(patience, payload.next()).await {
                Ok(None) => return None,
                Ok(Some(Ok(piece))) => counted(piece, left),
                Ok(Some(Err(_))) => Err(bad("The body did not arrive whole.")),
                Err(_) => Err(body::stalled()),
            };
            Some(match next {
                Ok((piece, left)) => (Ok(Frame::data(piece)), (payload, left)),
                Err(error) => {
                    visit.refuse(error);
                    (Err(io::ErrorKind::Other.into()), (payload, left))
                }
            })
        }
    })
}

/// A piece, and how much may still come.
fn counted(piece: Bytes, left: Option<u64>) -> Result<(Bytes, Option<u64>)> {
    let Some(left) = left else {
        return Ok((piece, None));
    };
    let fewer = left.checked_sub(piece.len() as u64);
    let fewer = fewer.ok_or_else(|| bad("More bytes came than were declared."))?;
    Ok((piece, Some(fewer)))
}

fn if_header(headers: &HeaderMap) -> Result<Option<String>> {
    let mut fields = headers.get_all("if");
    let Some(field) = fields.next() else {
        return Ok(None);
    };
    let text = field.to_str().ok().filter(|_| fields.next().is_none());
    let written = text.and_then(conditions::rewrite);
    let written = written.ok_or_else(|| bad("The header If is not as RFC 4918 has it."))?;
    Ok(Some(written))
}

/// The request as dav-server gets it.
fn passed_on<B>(request: &HttpRequest, visit: &Visit, body: B) -> Result<http1::Request<B>> {
    let is_folder =
        visit.path.is_root() || visit.act != Act::Put && request.uri().path().ends_with('/');
    let mut asked = http1::Request::builder()
        .method(request.method().as_str())
        .uri(address::format(&visit.path, is_folder));
    for name in PASSED_ON {
        for value in request.headers().get_all(*name) {
            asked = asked.header(*name, value.as_bytes());
        }
    }
    if let Some(field) = if_header(request.headers())? {
        asked = asked.header("if", field);
    }
    if let Some(to) = &visit.to {
        asked = asked.header("destination", address::format(to, to.is_root()));
    }
    asked.body(body).map_err(Error::internal)
}

/// The answer of dav-server, which is short: the long ones are not its own.
fn given_back(head: &http1::response::Parts, body: Bytes, has_time: bool) -> Result<HttpResponse> {
    let status = actix_web::http::StatusCode::from_u16(head.status.as_u16());
    let mut given = HttpResponse::build(status.map_err(Error::internal)?);
    for (name, value) in &head.headers {
        match name.as_str() {
            "content-length" => {}
            "connection" => {
                given.force_close();
            }
            name => {
                given.append_header((name, value.as_bytes()));
            }
        }
    }
    if has_time && head.status.is_success() {
        given.insert_header(("x-oc-mtime", "accepted"));
    }
    Ok(given.body(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds() {
        let seconds = |text| mtime(text).map(|it| it.and_utc().timestamp());
        assert_eq!(seconds("784111777"), Some(784_111_777));
        assert_eq!(seconds("784111777.25"), Some(784_111_777));
        for wrong in ["", "-1", "x", "1e9", "99999999999999"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
