//! From an address below `/dav` to a path of the drive, and back.
//!
//! Decoded once, name by name, and judged by the drive's own rule for names; so an encoded slash or NUL, dots and empty
//! names are refused, and two spellings of a letter are one file. dav-server gets the address that is written here, not
//! the one that came.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::drive::{DrivePath, Name};

/// Where the drive begins.
pub(super) const ROOT: &str = "/dav";

/// All but what RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The path that an address names: `/dav`, or names below it, with a slash at the end or without.
pub(super) fn parse(address: &str) -> Option<DrivePath> {
    let below = address.strip_prefix(ROOT)?;
    let below = match below.strip_prefix('/') {
        Some(below) => below,
        None if below.is_empty() => below,
        None => return None,
    };
    if below.is_empty() {
        return Some(DrivePath::default());
    }
    let below = below.strip_suffix('/').unwrap_or(below);
    let names = below.split('/').map(|segment| {
        let decoded = percent_decode_str(segment).decode_utf8().ok()?;
        Name::parse(&decoded).ok()
    });
    DrivePath::of(names.collect::<Option<_>>()?).ok()
}

/// The path that a `Destination` names. Only its path counts: behind a proxy a server does not know all its names, and
/// there is nowhere else to go than the sender's own drive.
pub(super) fn parse_destination(text: &str) -> Option<DrivePath> {
    if text.starts_with('/') {
        return parse(text);
    }
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    parse(rest.get(rest.find('/')?..)?)
}

/// The address of a path. Folders end in a slash.
pub(super) fn format(path: &DrivePath, is_folder: bool) -> String {
    let mut address = String::from(ROOT);
    for name in path.names() {
        push(&mut address, name.as_str());
    }
    if is_folder {
        address.push('/');
    }
    address
}

/// Adds a name to an address that does not end in a slash.
pub(super) fn push(address: &mut String, name: &str) {
    address.push('/');
    address.extend(utf8_percent_encode(name, ENCODED));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(address: &str) -> Option<String> {
        parse(address).map(|it| it.to_string())
    }

    #[test]
    fn addresses_are_read_strictly() {
        assert_eq!(path("/dav").as_deref(), Some("/"));
        assert_eq!(path("/dav/").as_deref(), Some("/"));
        assert_eq!(path("/dav/a%20b/c/").as_deref(), Some("/a b/c"));
        assert_eq!(path("/dav/e%CC%81").as_deref(), Some("/é"));
        assert_eq!(path("/dav/._x").as_deref(), Some("/._x"));
        assert_eq!(path("/dav/%25").as_deref(), Some("/%"));
        for hostile in [
            "/davx",
            "/other",
            "/dav//",
            "/dav//a",
            "/dav/a//b",
            "/dav/../a",
            "/dav/a/..",
            "/dav/%2e%2e/a",
            "/dav/a%2Fb",
            "/dav/a%00b",
            "/dav/a%5Cb",
            "/dav/a%0D%0AX-Evil:%201",
            "/dav/%FF",
            "/dav/%20a",
        ] {
            assert_eq!(parse(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn a_destination_may_have_a_host() {
        let to = |text| parse_destination(text).map(|it| it.to_string());
        assert_eq!(to("http://host:80/dav/a").as_deref(), Some("/a"));
        assert_eq!(to("HTTPS://host/dav/a/").as_deref(), Some("/a"));
        assert_eq!(to("/dav/a").as_deref(), Some("/a"));
        for wrong in ["a", "ftp://host/dav/a", "http://host", "http://host/a", ""] {
            assert_eq!(to(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_leads_back_to_its_path() {
        for text in ["/", "/a b/100%/é", "/x?y#z;&<>"] {
            let path = DrivePath::parse(text).unwrap();
            for is_folder in [false, true] {
                let address = format(&path, is_folder);
                assert_eq!(parse(&address).as_ref(), Some(&path));
                assert!(address.bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }
}
