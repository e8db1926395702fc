//! The files that are embedded in the binary: the web client, and the few that the server's own pages need.
//!
//! Each has a strong entity tag over its bytes, so a compressed form has another tag than the plain one. Names below
//! `/assets/` carry a hash of the content and are kept for ever; everything else is checked again on each use.

use std::borrow::Cow;

use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, Encoding, Header as _, HeaderValue,
};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::conditional;

/// The built client; text files have a `.br` and a `.gz` beside them.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/web"]
struct Client;

/// The files of the server's own pages, for where the client has none of that name.
const OWN: &[(&str, &str)] = &[
    ("house.css", include_str!("pages/house.css")),
    ("favicon.svg", include_str!("pages/favicon.svg")),
    ("robots.txt", include_str!("pages/robots.txt")),
];

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const CHECK_AGAIN: &str = "no-cache";

/// The answer with an embedded file, if there is one of that name.
pub(super) fn file(request: &HttpRequest, name: &str) -> Option<HttpResponse> {
    // Browsers ask for this name when a page names no icon, and take any type of image.
    let name = if name == "favicon.ico" {
        "favicon.svg"
    } else {
        name
    };
    let Some(plain) = Client::get(name) else {
        let (_, text) = OWN.iter().find(|(own, _)| *own == name)?;
        let tag = blake3::hash(text.as_bytes()).to_hex();
        return Some(send(
            request,
            name,
            None,
            &tag,
            Bytes::from_static(text.as_bytes()),
        ));
    };
    let (encoding, chosen) = packed(request, name).unwrap_or((None, plain));
    let tag = blake3::Hash::from_bytes(chosen.metadata.sha256_hash()).to_hex();
    Some(send(request, name, encoding, &tag, bytes_of(chosen)))
}

/// The best compressed form that the caller takes and that is there.
fn packed(request: &HttpRequest, name: &str) -> Option<(Option<ContentEncoding>, EmbeddedFile)> {
    let accepted = AcceptEncoding::parse(request).ok()?;
    let forms = [
        (Encoding::brotli(), ContentEncoding::Brotli, "br"),
        (Encoding::gzip(), ContentEncoding::Gzip, "gz"),
    ];
    forms.into_iter().find_map(|(encoding, header, ending)| {
        let wanted = accepted.negotiate([&encoding].into_iter())? == encoding;
        let file = wanted.then(|| Client::get(&format!("{name}.{ending}")))??;
        Some((Some(header), file))
    })
}

fn bytes_of(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

fn send(
    request: &HttpRequest,
    name: &str,
    encoding: Option<ContentEncoding>,
    digest: &str,
    bytes: Bytes,
) -> HttpResponse {
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or(digest));
    let is_known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .zip(HeaderValue::from_str(&tag).ok())
        .is_some_and(|(wanted, tag)| conditional::names(wanted, &tag));
    let mut answer = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((
            header::CACHE_CONTROL,
            if name.starts_with("assets/") {
                FOR_EVER
            } else {
                CHECK_AGAIN
            },
        ));
    if is_known {
        return answer.finish();
    }
    if let Some(encoding) = encoding {
        answer.insert_header(encoding);
    }
    answer.content_type(media_type(name)).body(bytes)
}

fn media_type(name: &str) -> String {
    let guess = mime_guess::from_path(name).first_or_octet_stream();
    let is_text = guess.type_() == "text" || guess.subtype() == "javascript";
    if is_text {
        format!("{guess}; charset=utf-8")
    } else {
        guess.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_those_that_browsers_insist_on() {
        for (name, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("assets/a.js", "text/javascript; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("a.svg", "image/svg+xml"),
            ("a.woff2", "font/woff2"),
            ("a.unheard-of", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), expected);
        }
    }

    #[test]
    fn the_first_page_is_embedded() {
        assert!(Client::get("index.html").is_some());
    }
}
