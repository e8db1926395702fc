//! The `If` header (RFC 4918 §10.4): read strictly and written anew for dav-server.
//!
//! dav-server takes a header that it cannot read for none, and looks beyond the end of one that is cut off. So it gets
//! only what was understood here: a tag before every list (it would apply one to the next list alone), as an absolute
//! address whose path is spelled as all others are.

use super::address;

/// A host that stands for this one.
const HERE: &str = "http://localhost";
/// The address of what is not here: a condition on it never holds.
const ELSEWHERE: &str = "http://localhost/";

/// The header as dav-server reads it without error; none when it is not one.
pub(super) fn rewrite(text: &str) -> Option<String> {
    let mut rest = text.trim();
    let mut written = String::with_capacity(text.len() + 64);
    let mut tag = None;
    let mut is_list_due = true;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('<') {
            let (target, after) = after.split_once('>')?;
            tag = Some(resource(target)?);
            is_list_due = true;
            rest = after.trim_start();
            continue;
        }
        let (list, after) = list(rest.strip_prefix('(')?)?;
        if let Some(tag) = &tag {
            written.push_str(tag);
            written.push(' ');
        }
        written.push_str(&list);
        written.push(' ');
        is_list_due = false;
        rest = after.trim_start();
    }
    (!is_list_due).then(|| written.trim_end().to_owned())
}

/// What a tag before a list names.
fn resource(target: &str) -> Option<String> {
    if !target.starts_with('/') && !target.contains("://") {
        return None;
    }
    let path = address::parse_destination(target);
    Some(match path {
        Some(path) => format!("<{HERE}{}>", address::format(&path, path.is_root())),
        None => format!("<{ELSEWHERE}>"),
    })
}

/// The conditions up to the end of a list, and what comes after it.
fn list(text: &str) -> Option<(String, &str)> {
    let mut rest = text.trim_start();
    let mut written = String::from("(");
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            written.push(')');
            return (written.len() > 2).then_some((written, after));
        }
        if written.len() > 1 {
            written.push(' ');
        }
        if let Some(after) = rest.strip_prefix("Not") {
            written.push_str("Not ");
            rest = after.trim_start();
        }
        let (condition, after) = condition(rest)?;
        written.push_str(condition);
        rest = after.trim_start();
    }
}

/// A token of a lock or an entity tag.
fn condition(text: &str) -> Option<(&str, &str)> {
    let end = match text.as_bytes().first()? {
        b'<' => text.find('>')?,
        b'[' => text.find(']')?,
        _ => return None,
    };
    let (whole, after) = text.split_at_checked(end + 1)?;
    let inner = whole.get(1..end)?;
    let is_plain = inner
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'(' && byte != b')');
    let is_fine = match whole.starts_with('<') {
        true => inner.contains(':') && !inner.contains(['<', '"']),
        false => is_tag(inner),
    };
    (is_plain && is_fine).then_some((whole, after))
}

/// Whether this is one entity tag.
pub(super) fn is_tag(text: &str) -> bool {
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.is_some_and(|it| !it.contains('"'))
}

/// Whether this is what `If-Match` and `If-None-Match` hold.
pub(super) fn is_tag_list(text: &str) -> bool {
    text.trim() == "*" || text.split(',').all(|one| is_tag(one.trim()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_well_formed_stays() {
        let cases = [
            ("(<urn:x>)", "(<urn:x>)"),
            (
                " ( <urn:x>[\"a\"] ) (Not<DAV:no-lock>[W/\"b\"])",
                "(<urn:x> [\"a\"]) (Not <DAV:no-lock> [W/\"b\"])",
            ),
            (
                "<http://host:8080/dav/a%20b> (<urn:x>) ([\"a\"])",
                "<http://localhost/dav/a%20b> (<urn:x>) <http://localhost/dav/a%20b> ([\"a\"])",
            ),
            (
                "</dav/e%CC%81/> (<urn:x>)",
                "<http://localhost/dav/%C3%A9> (<urn:x>)",
            ),
            (
                "<http://host/other> (<urn:x>)",
                "<http://localhost/> (<urn:x>)",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(rewrite(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_is_refused() {
        for wrong in [
            "",
            "(",
            "()",
            "(<urn:x>",
            "(<urn:x",
            "([\"a\"",
            "([\"a]",
            "([\"])",
            "([a])",
            "<http://h/dav/a>",
            "(<x>)",
            "(Not)",
            "(Not Not <urn:x>)",
            "urn:x",
            "(<urn:x>) x",
            "(<urn: x>)",
            "([\"a b\"])",
            "<a> (<urn:x>)",
            "(<urn:x>) <http://h/dav/a>",
        ] {
            assert_eq!(rewrite(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tags_are_read_strictly() {
        for fine in ["*", "\"a\"", "W/\"a\", \"b\"", " \"\" "] {
            assert!(is_tag_list(fine), "{fine}");
        }
        for wrong in ["", "a", "\"", "\"a\",", "\"a\" b", "**", "W/"] {
            assert!(!is_tag_list(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_alike(text in "[()<>\\[\\]\"a:/ W]{0,40}|(\\(<a:b>( \\[\"c\"\\])?\\) ?){1,3}") {
            if let Some(written) = rewrite(&text) {
                prop_assert_eq!(rewrite(&written), Some(written.clone()));
                prop_assert_eq!(written.matches('(').count(), written.matches(')').count());
            }
        }
    }
}
