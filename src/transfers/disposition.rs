//! The name and type a file is offered under (RFC 6266, RFC 8187).
//!
//! Whatever a member called a file, the header stays one header: control characters are dropped,
//! quotes and backslashes replaced in the plain form, and the exact name is carried percent
//! encoded. Marks that turn the reading direction around are dropped, because they make `.exe`
//! look like `.mp4`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest name offered, in bytes of UTF-8: what common file systems take.
const MAX_NAME: usize = 255;

/// What RFC 8187 lets stand for itself (`attr-char`).
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Whether a browser may show the file in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Show it where it is: only for types that [`is_media`] accepts.
    Inline,
    /// Show it in a sandbox of its own: for types that cannot act, such as pictures and plain text. Nothing that is a
    /// document with scripts (HTML, SVG, XML) is among them.
    Preview,
    /// Save it.
    Attachment,
}

/// Types that a browser plays and never runs. Everything else is offered as plain bytes.
const MEDIA: [&str; 16] = [
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
    "video/x-matroska",
    "video/mpeg",
    "video/mp2t",
    "video/x-msvideo",
    "video/3gpp",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "audio/webm",
    "audio/flac",
    "audio/wav",
];

/// Types that a browser shows without running anything of theirs in a page of the house. Each comes with the form in
/// which it is sent.
const SHOWN: [(&str, &str); 8] = [
    ("image/png", "image/png"),
    ("image/jpeg", "image/jpeg"),
    ("image/gif", "image/gif"),
    ("image/webp", "image/webp"),
    ("image/avif", "image/avif"),
    ("image/bmp", "image/bmp"),
    ("application/pdf", "application/pdf"),
    ("text/plain", "text/plain; charset=utf-8"),
];

/// Whether the type is one of the audio and video types that are served under their own name.
pub fn is_media(content_type: &str) -> bool {
    MEDIA.contains(&content_type)
}

/// How everything is offered that must not be shown.
const SAVED: (&str, Offer) = ("application/octet-stream", Offer::Attachment);

/// The bare name of a media type, as the lists here have it: without parameters, in lower case.
pub fn bare_type(content_type: &str) -> String {
    let bare = content_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// The type and offer to send for a file that claims a type: what is neither media, nor harmless and asked to be
/// previewed, is saved.
pub fn safe_type(content_type: &str, offer: Offer) -> (&str, Offer) {
    let shown = || SHOWN.iter().find(|(kind, _)| *kind == content_type);
    match offer {
        _ if is_media(content_type) => (content_type, offer),
        Offer::Preview => shown().map_or(SAVED, |(_, sent)| (*sent, offer)),
        Offer::Inline | Offer::Attachment => SAVED,
    }
}

/// The value of a `Content-Disposition` field: visible ASCII only.
pub fn content_disposition(offer: Offer, name: &str) -> String {
    let kind = match offer {
        Offer::Inline | Offer::Preview => "inline",
        Offer::Attachment => "attachment",
    };
    let name = safe_name(name);
    let plain: String = name.chars().map(plain_char).collect();
    if plain == name {
        return format!("{kind}; filename=\"{plain}\"");
    }
    let exact = utf8_percent_encode(&name, NOT_ATTR_CHAR);
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

/// A name as one segment of a URL path; never `.` or `..`, because names are cleaned first.
pub fn path_segment(name: &str) -> String {
    utf8_percent_encode(&safe_name(name), NOT_ATTR_CHAR).to_string()
}

/// The last component of the name, without what no file name needs; never empty.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_hidden(*c)).collect();
    let kept = kept.trim().trim_end_matches('.');
    if kept.is_empty() || kept.chars().all(|c| c == '.') {
        return "download".to_owned();
    }
    shorten(kept)
}

/// Control characters, and marks that change the reading direction or show nothing.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Cuts the stem, so that the extension survives.
fn shorten(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, ext)) if ext.len() <= 16 => (stem, format!(".{ext}")),
        _ => (name, String::new()),
    };
    let mut end = MAX_NAME - extension.len();
    while !stem.is_char_boundary(end.min(stem.len())) {
        end -= 1;
    }
    let stem = stem.get(..end.min(stem.len())).unwrap_or_default();
    format!("{stem}{extension}")
}

/// `%` too: some programs decode the plain form by mistake.
fn plain_char(c: char) -> char {
    match c {
        '"' | '\\' | '%' => '_',
        ' '..='~' => c,
        _ => '_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attached(name: &str) -> String {
        content_disposition(Offer::Attachment, name)
    }

    #[test]
    fn plain_and_foreign_names() {
        assert_eq!(attached("a b.mp4"), "attachment; filename=\"a b.mp4\"");
        assert_eq!(
            content_disposition(Offer::Inline, "影片.mp4"),
            "inline; filename=\"__.mp4\"; filename*=UTF-8''%E5%BD%B1%E7%89%87.mp4"
        );
        assert_eq!(
            attached("a\"b\\.mp4"),
            "attachment; filename=\".mp4\"",
            "a backslash separates folders somewhere"
        );
        assert_eq!(
            attached("say \"hi\".mp4"),
            "attachment; filename=\"say _hi_.mp4\"; filename*=UTF-8''say%20%22hi%22.mp4"
        );
    }

    #[test]
    fn tricks_are_taken_out() {
        assert_eq!(
            attached("../../etc/passwd"),
            "attachment; filename=\"passwd\""
        );
        assert_eq!(
            attached("a\r\nSet-Cookie: x=1.mp4"),
            "attachment; filename=\"aSet-Cookie: x=1.mp4\""
        );
        assert_eq!(attached("a\0b"), "attachment; filename=\"ab\"");
        assert_eq!(
            attached("film\u{202e}4pm.exe"),
            "attachment; filename=\"film4pm.exe\""
        );
        for empty in ["", "..", "/", "\u{202e}", " . "] {
            assert_eq!(
                attached(empty),
                "attachment; filename=\"download\"",
                "{empty:?}"
            );
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = safe_name(&format!("{}.mp4", "影".repeat(300)));
        assert!(long.len() <= MAX_NAME && long.ends_with("影.mp4"), "{long}");
        assert_eq!(safe_name(&"a".repeat(300)).len(), MAX_NAME);
    }

    #[test]
    fn only_media_is_shown_in_place() {
        assert_eq!(
            safe_type("video/mp4", Offer::Inline),
            ("video/mp4", Offer::Inline)
        );
        for risky in [
            "text/html",
            "image/svg+xml",
            "video/mp4; x=\r\n",
            "application/pdf",
            "",
        ] {
            assert_eq!(
                safe_type(risky, Offer::Inline),
                ("application/octet-stream", Offer::Attachment)
            );
        }
    }

    proptest! {
        #[test]
        fn the_field_is_always_one_safe_line(name in any::<String>()) {
            let field = attached(&name);
            prop_assert!(field.bytes().all(|b| (0x20..0x7f).contains(&b)), "{field}");
            let plain = field.strip_prefix("attachment; filename=\"").unwrap();
            let (plain, rest) = plain.split_once('"').unwrap();
            prop_assert!(!plain.is_empty() && !plain.contains(['\\', '/']));
            prop_assert!(rest.is_empty() || rest.starts_with("; filename*=UTF-8''"));
            prop_assert!(!rest.contains('"'));
        }
    }
}
