//! The addresses of a share and of what is in it, and the view of it that programs get.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use playhouse_api::drive as api;

use super::model::Seen;
use crate::drive::Node;

/// What stands for itself in a path (RFC 3986, unreserved).
pub(super) const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Where a page is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Of the link.
    pub token: String,
    /// The name of the house.
    pub house: String,
}

impl Place {
    /// The address of the share.
    pub(super) fn home(&self) -> String {
        format!("/s/{}", utf8_percent_encode(&self.token, NOT_UNRESERVED))
    }

    /// The address of a folder; `path` is from the shared folder, which is `/`.
    pub(super) fn folder(&self, path: &str) -> String {
        match path {
            "/" => self.home(),
            path => format!("{}/folders{}", self.home(), encode_path(path)),
        }
    }

    /// The address of the bytes of what a path names.
    pub(super) fn content(&self, path: &str) -> String {
        match path {
            "/" => format!("{}/content", self.home()),
            path => format!("{}/content{}", self.home(), encode_path(path)),
        }
    }
}

fn encode_path(path: &str) -> String {
    let segments = path.split('/');
    let encoded = segments.map(|name| utf8_percent_encode(name, NOT_UNRESERVED).to_string());
    encoded.collect::<Vec<_>>().join("/")
}

/// What a program gets.
pub(super) fn view(place: &Place, seen: &Seen) -> api::SharedView {
    let children = seen.children.items.iter();
    let items = children.map(|it| shared_entry(place, &it.node, &it.path, &it.name));
    api::SharedView {
        entry: shared_entry(place, &seen.node, &seen.path, &seen.node.name),
        has_password: seen.share.password_hash.is_some(),
        expires_at: seen.share.expires_at.map(|at| at.and_utc()),
        uses_left: uses_left(seen),
        items: items.collect(),
        next_cursor: seen.children.next_cursor.clone(),
    }
}

fn shared_entry(place: &Place, node: &Node, path: &str, name: &str) -> api::SharedEntry {
    let digests = node.digests.as_ref();
    api::SharedEntry {
        name: name.to_owned(),
        path: path.to_owned(),
        kind: node.kind.into(),
        size: node.size,
        content_type: (!node.is_folder()).then(|| node.content_type.clone()),
        blake3: digests.map(|it| it.blake3.clone()),
        sha256: digests.and_then(|it| it.sha256.clone()),
        modified_at: node.modified_at.and_utc(),
        url: place.folder(path),
        content_url: place.content(path),
    }
}

/// Downloads that are left, if they are bounded.
pub(super) fn uses_left(seen: &Seen) -> Option<i64> {
    let max = seen.share.max_uses?;
    Some((max - seen.share.uses).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_segment_of_an_address() {
        let place = Place {
            token: "T".into(),
            house: "H".into(),
        };
        assert_eq!(
            place.content("/a b/\"<é>;?#%2F"),
            "/s/T/content/a%20b/%22%3C%C3%A9%3E%3B%3F%23%252F"
        );
        assert_eq!(place.folder("/"), "/s/T");
    }
}
