//! What a browser gets of a share: a page that needs no script.
//!
//! Whatever a member called a file is escaped here, in text and in addresses; nothing of it becomes markup.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderMap};
use percent_encoding::utf8_percent_encode;

use super::model::Seen;
use super::place::{NOT_UNRESERVED, Place, uses_left};
use crate::clock::Time;
use crate::error::Error as Answer;

const TEMPLATE: &str = include_str!("page.html");

/// The page of a shared file or folder.
pub(super) fn show(place: &Place, seen: &Seen) -> HttpResponse {
    let body = if seen.node.is_folder() {
        folder_body(place, seen)
    } else {
        file_body(place, seen)
    };
    let title = &seen.node.name;
    page(
        &HttpResponse::Ok().finish(),
        place,
        title,
        "Shared with you",
        &body,
    )
}

fn file_body(place: &Place, seen: &Seen) -> String {
    let size = size_text(seen.node.size);
    format!(
        "{crumbs}<dl><dt>Size</dt><dd>{size}</dd><dt>Changed</dt><dd>{changed}</dd>{bounds}</dl>\
         <p><a class=\"button\" href=\"{address}\">Download<span class=\"hidden\"> {name}</span></a></p>",
        crumbs = crumbs(place, seen),
        changed = date_text(seen.node.modified_at),
        bounds = bounds(seen),
        address = place.content(&seen.path),
        name = escape(&seen.node.name),
    )
}

fn folder_body(place: &Place, seen: &Seen) -> String {
    let mut body = crumbs(place, seen);
    let bounds = bounds(seen);
    if !bounds.is_empty() {
        let _ = write!(body, "<dl>{bounds}</dl>");
    }
    if seen.children.items.is_empty() {
        body.push_str("<p class=\"empty\">This folder is empty.</p>");
        return body;
    }
    let _ = write!(
        body,
        "<p><a class=\"button\" href=\"{}\">Download all as zip</a></p><ul class=\"files\">",
        place.content(&seen.path)
    );
    for child in &seen.children.items {
        let (kind, address, note) = if child.is_folder() {
            ("folder", place.folder(&child.path), "Folder".to_owned())
        } else {
            let note = size_text(child.size);
            ("file", place.content(&child.path), note)
        };
        let name = escape(&child.name);
        let changed = date_text(child.modified_at);
        let _ = write!(
            body,
            "<li class=\"{kind}\"><a href=\"{address}\"><bdi>{name}</bdi></a>\
             <span>{note} · {changed}</span></li>"
        );
    }
    body.push_str("</ul>");
    if let Some(cursor) = &seen.children.next_cursor {
        let here = place.folder(&seen.path);
        let cursor = utf8_percent_encode(cursor, NOT_UNRESERVED);
        let _ = write!(
            body,
            "<p><a href=\"{here}?cursor={cursor}\">Further files</a></p>"
        );
    }
    body
}

/// The way from the shared folder to what is looked at.
fn crumbs(place: &Place, seen: &Seen) -> String {
    if seen.path == "/" {
        return String::new();
    }
    let mut crumbs = format!(
        "<nav aria-label=\"Folders\"><a href=\"{}\"><bdi>{}</bdi></a>",
        place.home(),
        escape(&seen.top)
    );
    let names: Vec<&str> = seen.path.split('/').skip(1).collect();
    for (at, name) in names.iter().enumerate() {
        let name = escape(name);
        if at + 1 == names.len() {
            let _ = write!(
                crumbs,
                " / <span aria-current=\"page\"><bdi>{name}</bdi></span>"
            );
        } else {
            let path = format!("/{}", names[..=at].join("/"));
            let _ = write!(
                crumbs,
                " / <a href=\"{}\"><bdi>{name}</bdi></a>",
                place.folder(&path)
            );
        }
    }
    crumbs.push_str("</nav>");
    crumbs
}

fn bounds(seen: &Seen) -> String {
    let mut bounds = String::new();
    if let Some(at) = seen.share.expires_at {
        let _ = write!(
            bounds,
            "<dt>Open until</dt><dd>{}, {} UTC</dd>",
            date_text(at),
            at.format("%H:%M")
        );
    }
    if let Some(left) = uses_left(seen) {
        let _ = write!(bounds, "<dt>Downloads left</dt><dd>{left}</dd>");
    }
    bounds
}

/// The form that asks for the password.
pub(super) fn ask(place: &Place, complaint: Option<&str>, problem: &Answer) -> HttpResponse {
    let complaint = complaint.map_or_else(String::new, |text| {
        format!("<p class=\"complaint\" id=\"complaint\" role=\"alert\">{text}</p>")
    });
    let described = if complaint.is_empty() {
        ""
    } else {
        " aria-invalid=\"true\" aria-describedby=\"complaint\""
    };
    let body = format!(
        "<form method=\"post\" action=\"{}/password\"><label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" required maxlength=\"72\" \
         autocomplete=\"off\" autofocus{described}>{complaint}\
         <button class=\"button\" type=\"submit\">Open</button></form>",
        place.home()
    );
    let title = "This share has a password";
    page(&as_refusal(problem), place, title, "Shared with you", &body)
}

/// Why there is nothing to see.
pub(super) fn sorry(place: &Place, problem: &Answer) -> HttpResponse {
    let answer = as_refusal(problem);
    let status = answer.status().as_u16();
    let (title, text) = match status {
        404 => (
            "Nothing is shared here",
            "The link may be mistyped, or its owner has taken it back. Ask them for a new one.",
        ),
        410 => (
            "This share is over",
            "Its time has run out, or it has been downloaded as often as its owner allowed. Ask them for a new one.",
        ),
        413 => (
            "Too much for one archive",
            "The folder has more files than one archive takes. Download its folders one by one.",
        ),
        503 => (
            "Too much at once",
            "The house is busy at this moment. Try again in a few seconds.",
        ),
        _ => (
            "That did not work",
            "The house could not give you this. Go back and try again.",
        ),
    };
    page(
        &answer,
        place,
        title,
        &status.to_string(),
        &format!("<p>{text}</p>"),
    )
}

/// The status and headers of a problem, for a body of our own. A fault of ours is logged by this.
fn as_refusal(problem: &Answer) -> HttpResponse {
    actix_web::ResponseError::error_response(problem)
}

fn page(like: &HttpResponse, place: &Place, title: &str, kicker: &str, body: &str) -> HttpResponse {
    let house = escape(&place.house);
    let text = TEMPLATE
        .replace("{{house}}", &house)
        .replace("{{kicker}}", kicker)
        .replace("{{title}}", &escape(title))
        .replace("{{body}}", body);
    let mut answer = HttpResponse::build(like.status());
    copy(like.headers(), &mut answer);
    answer.content_type("text/html; charset=utf-8").body(text)
}

fn copy(headers: &HeaderMap, answer: &mut actix_web::HttpResponseBuilder) {
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = headers.get(&name) {
            answer.insert_header((name, value.clone()));
        }
    }
}

/// Text for HTML, in elements and in quoted attributes. A brace is written so that no text reads as a place of the
/// template.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '{' => escaped.push_str("&#123;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `1.4 MB`, in powers of a thousand, rounded.
fn size_text(bytes: i64) -> String {
    if bytes < 1000 {
        return match bytes {
            1 => "1 byte".to_owned(),
            _ => format!("{bytes} bytes"),
        };
    }
    let bytes = i128::from(bytes);
    let mut scale = 1;
    for unit in ["kB", "MB", "GB", "TB"] {
        scale *= 1000;
        let (tenths, whole) = (rounded(bytes * 10, scale), rounded(bytes, scale));
        if tenths < 100 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        if whole < 1000 {
            return format!("{whole} {unit}");
        }
    }
    format!("{} PB", rounded(bytes, scale * 1000))
}

fn rounded(number: i128, scale: i128) -> i128 {
    (number + scale / 2) / scale
}

fn date_text(at: Time) -> String {
    at.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_become_markup() {
        let hostile = "<script>\"'&{{body}}";
        assert_eq!(
            escape(hostile),
            "&lt;script&gt;&quot;&#39;&amp;&#123;&#123;body}}"
        );
    }

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (1499, "1.5 kB"),
            (12_345, "12 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (5 << 30, "5.4 GB"),
            (i64::MAX, "9223 PB"),
        ] {
            assert_eq!(size_text(bytes), text, "{bytes}");
        }
    }
}
