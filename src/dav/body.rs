//! Bodies of XML: read whole, within bounds, and looked through before a parser builds anything of them.
//!
//! A few bytes can make a tree of gigabytes (entities that grow) or a stack that ends the process (elements in elements
//! in elements). So a document type is refused, and depth is counted, by a reader that keeps one element at a time.

use std::time::Duration;

use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use playhouse_api::problem::ErrorCode;
use tokio::time::timeout;
use xml::reader::{EventReader, XmlEvent};

use crate::error::Error;

/// Bytes of a body.
pub(super) const MAX_BYTES: usize = 64 << 10;
/// Elements in each other.
const MAX_DEPTH: usize = 32;
/// Elements altogether.
const MAX_ELEMENTS: usize = 2000;

/// The whole body, which may be empty.
///
/// # Errors
/// 413, 400; 408 when it takes longer than `patience`.
pub(super) async fn read(payload: Payload, patience: Duration) -> Result<Bytes, Error> {
    let read = timeout(patience, read_all(payload)).await;
    read.unwrap_or_else(|_| Err(stalled()))
}

/// The refusal of a client that does not go on.
pub(super) fn stalled() -> Error {
    Error::new(ErrorCode::RequestTimeout, "No byte arrived for too long.")
}

async fn read_all(mut payload: Payload) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(piece) = payload.next().await {
        let piece = piece
            .map_err(|_| Error::new(ErrorCode::BadRequest, "The body did not arrive whole."))?;
        if body.len() + piece.len() > MAX_BYTES {
            let detail = format!("A body of XML has at most {MAX_BYTES} bytes.");
            return Err(Error::new(ErrorCode::PayloadTooLarge, detail));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// Looks whether it is XML that may be parsed; an empty body is.
///
/// # Errors
/// 400.
pub(super) fn check(body: &[u8]) -> Result<(), Error> {
    let bad = |detail: &str| Err(Error::new(ErrorCode::BadRequest, detail));
    if body.is_empty() {
        return Ok(());
    }
    let (mut depth, mut elements) = (0_usize, 0_usize);
    for event in EventReader::new(body) {
        match event {
            Ok(XmlEvent::StartElement { .. }) => {
                (depth, elements) = (depth + 1, elements + 1);
                if depth > MAX_DEPTH || elements > MAX_ELEMENTS {
                    return bad("The XML has too many elements, or too many in each other.");
                }
            }
            Ok(XmlEvent::EndElement { .. }) => depth = depth.saturating_sub(1),
            Ok(XmlEvent::Doctype { .. }) => return bad("The XML must not have a document type."),
            Ok(_) => {}
            Err(_) => return bad("The body is not well-formed XML."),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_xml_passes() {
        for fine in [
            "",
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><a xmlns=\"DAV:\"><b/>&lt;</a>",
            "<D:a xmlns:D=\"DAV:\"/>",
        ] {
            assert!(check(fine.as_bytes()).is_ok(), "{fine}");
        }
    }

    #[test]
    fn what_would_grow_is_refused() {
        let laughs = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]><a>&c;</a>";
        let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        let deep = format!("{}{}", "<a>".repeat(5000), "</a>".repeat(5000));
        let many = format!("<a>{}</a>", "<b/>".repeat(5000));
        for hostile in [
            laughs, external, &deep, &many, "<a>", "<a></b>", "a", "\0", "<a:b/>",
        ] {
            assert!(check(hostile.as_bytes()).is_err(), "{hostile}");
        }
    }
}
