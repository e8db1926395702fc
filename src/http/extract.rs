//! Extractors that answer with problems of the house when they fail, but only to those whom the guards of the handler
//! let in (see [`gate`]).

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use playhouse_api::problem::{ErrorCode, FieldCode};
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::gate::{self, Extracted};

/// The most bytes of a query string.
const MAX_QUERY: usize = 4096;

/// A JSON body.
///
/// Refused: another media type (415), more bytes than `server.max_json_bytes` (413), what is not JSON (400), and JSON
/// of another shape, with the path of the field that is wrong (422).
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            gate::let_in(&request).await;
            let bytes = read_json(&request, payload).await?;
            parse(&bytes).map(Self)
        })
    }
}

async fn read_json(request: &HttpRequest, mut payload: Payload) -> Result<Vec<u8>> {
    let is_json = matches!(request.mime_type(), Ok(Some(mime)) if mime.subtype() == "json" || mime.suffix().is_some_and(|it| it == "json"));
    if !is_json {
        return Err(Error::new(
            ErrorCode::UnsupportedMediaType,
            "The body must be application/json.",
        ));
    }
    let max = request
        .app_data::<web::Data<Config>>()
        .map_or(256 * 1024, |config| config.server.max_json_bytes);
    let too_large = || {
        Error::new(
            ErrorCode::PayloadTooLarge,
            format!("The body has at most {max} bytes."),
        )
    };
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|it| it.to_str().ok()?.parse().ok());
    if declared.is_some_and(|declared: usize| declared > max) {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(declared.unwrap_or(0));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk
            .map_err(|_| Error::new(ErrorCode::BadRequest, "The body did not arrive whole."))?;
        if bytes.len() + chunk.len() > max {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A whole body that is no JSON, if it has at most so many bytes; `what` begins the sentence that refuses a longer one,
/// such as "Subtitles have".
///
/// # Errors
/// 413 when it is longer, 400 when it does not arrive.
pub async fn read_whole(mut body: web::Payload, most: usize, what: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let broken = |_| Error::new(ErrorCode::BadRequest, "The body did not arrive whole.");
        let chunk = chunk.map_err(broken)?;
        if bytes.len() + chunk.len() > most {
            let detail = format!("{what} at most {most} bytes.");
            return Err(Error::new(ErrorCode::PayloadTooLarge, detail));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Whether a JSON text escapes a NUL character. No text of the house has one, and PostgreSQL cannot keep it.
fn has_nul(json: &[u8]) -> bool {
    let mut escaped = false;
    json.iter().enumerate().any(|(at, byte)| {
        let found = escaped && json.get(at..at + 5) == Some(b"u0000");
        escaped = *byte == b'\\' && !escaped;
        found
    })
}

/// Reads JSON and says which field is wrong.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if has_nul(bytes) {
        let detail = "The body has a NUL character in a text.";
        return Err(Error::field("body", FieldCode::InvalidFormat, detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, error.inner())
    })?;
    reader.end().map_err(|error| explain("", &error))?;
    Ok(value)
}

fn explain(path: &str, error: &serde_json::Error) -> Error {
    if !error.is_data() {
        return Error::new(
            ErrorCode::MalformedJson,
            format!("The body is not valid JSON: {error}."),
        );
    }
    let message = error.to_string();
    // serde says "unknown field `x`, expected ..." or "missing field `x`"; the path ends above the field.
    let named = message
        .split('`')
        .nth(1)
        .filter(|_| message.starts_with("unknown field") || message.starts_with("missing field"));
    let code = match () {
        () if message.starts_with("unknown field") => FieldCode::Unknown,
        () if message.starts_with("missing field") => FieldCode::Required,
        () => FieldCode::InvalidFormat,
    };
    let above = if path == "." { "" } else { path };
    let field = match named {
        Some(name) if above.is_empty() || above == name || above.ends_with(&format!(".{name}")) => {
            if above.is_empty() {
                name.to_owned()
            } else {
                above.to_owned()
            }
        }
        Some(name) => format!("{above}.{name}"),
        None => above.to_owned(),
    };
    let sentence = message.split(" at line ").next().unwrap_or(&message);
    Error::field(&field, code, &format!("{field}: {sentence}."))
}

/// A query string. What does not fit is refused with 422, unknown names included.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        gate::once_let_in(request, read_query(request.query_string()).map(Self))
    }
}

fn read_query<T: DeserializeOwned>(text: &str) -> Result<T> {
    let refused = |field: &str, detail: &str| Error::field(field, FieldCode::InvalidFormat, detail);
    if text.contains("%00") {
        return Err(refused("query", "The query has a NUL character."));
    }
    if text.len() > MAX_QUERY {
        return Err(Error::new(ErrorCode::UriTooLong, "The query is too long."));
    }
    let read = web::Query::<T>::from_query(text).map_err(|error| {
        let detail = error.to_string();
        let detail = detail
            .strip_prefix("Query deserialize error: ")
            .unwrap_or(&detail);
        let field = detail.split('`').nth(1).unwrap_or("query");
        refused(field, &format!("The query is not valid: {detail}."))
    })?;
    Ok(read.into_inner())
}

/// An id in the path. What is not a UUID names nothing: 404.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: From<uuid::Uuid> + 'static> FromRequest for Id<T> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        gate::once_let_in(request, id_in_path(request, "id").map(Self))
    }
}

/// An id in the path under a name of its own.
///
/// # Errors
/// 404 when it is not a UUID.
pub fn id_in_path<T: From<uuid::Uuid>>(request: &HttpRequest, name: &str) -> Result<T> {
    let id = request
        .match_info()
        .get(name)
        .and_then(|text| uuid::Uuid::try_parse(text).ok());
    id.map(T::from).ok_or_else(|| Error::not_found("thing"))
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;
    use playhouse_api::admin::NewVouchers;

    use super::*;

    fn refusal(body: &str) -> (u16, String) {
        let error = parse::<NewVouchers>(body.as_bytes()).unwrap_err();
        (error.status_code().as_u16(), error.to_string())
    }

    #[test]
    fn a_nul_is_found_however_it_is_written() {
        for (json, wanted) in [
            (r#"{"a":"x\u0000"}"#, true),
            (r#"{"a":"\\\u0000"}"#, true),
            (r#"{"a":"\\u0000"}"#, false),
            (r#"{"a":"u0000"}"#, false),
            (r#"{"a":"\u00001"}"#, true),
            (r#"{"a":"\u0001"}"#, false),
        ] {
            assert_eq!(has_nul(json.as_bytes()), wanted, "{json}");
        }
    }

    #[test]
    fn bad_json_is_told_apart_from_json_of_another_shape() {
        assert_eq!(refusal("{").0, 400);
        assert_eq!(refusal(&"[".repeat(100_000)).0, 422);
        assert_eq!(refusal("{} {}").0, 422);
        assert_eq!(refusal(r#"{"amount":1,"count":1}x"#).0, 400);
        for (body, field) in [
            (r#"{"amount":1}"#, "count"),
            (r#"{"amount":"1","count":1}"#, "amount"),
            (r#"{"amount":1,"count":-1}"#, "count"),
            (r#"{"amount":1,"count":1,"colour":2}"#, "colour"),
            (r#"{"amount":99999999999999999999,"count":1}"#, "amount"),
        ] {
            let (status, text) = refusal(body);
            assert_eq!(status, 422, "{body}");
            assert!(
                text.contains(&format!("{field}:")),
                "{text} should name {field}"
            );
        }
    }
}
