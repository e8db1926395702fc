//! What is known of an entry, written as the XML of a multi-status (RFC 4918 §13, §15).

use std::fmt::Write as _;

use chrono::Timelike as _;

use super::lock_rules::Lock;
use super::store::LockRow;
use crate::clock::Time;
use crate::drive::{DrivePath, Entry, Property, Usage};

pub(super) const HEAD: &str =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">";
pub(super) const TAIL: &str = "</D:multistatus>\n";

/// The namespace of the protocol.
pub(super) const DAV: &str = "DAV:";
/// That of what Windows keeps with files.
pub(super) const MICROSOFT: &str = "urn:schemas-microsoft-com:";

/// What every entry has, in the order in which it is told.
pub(super) const LIVE: &[&str] = &[
    "resourcetype",
    "displayname",
    "getcontentlength",
    "getcontenttype",
    "getetag",
    "getlastmodified",
    "creationdate",
    "supportedlock",
    "lockdiscovery",
];

const LOCK_ENTRIES: &str = "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>\
     <D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>";

/// An entry with what is known beside it.
pub(super) struct Shown<'a> {
    pub entry: &'a Entry,
    pub href: &'a str,
    pub dead: &'a [Property],
    pub locks: &'a [(LockRow, Lock)],
    pub usage: Option<&'a Usage>,
}

/// Text as it stands in XML. What no XML may hold is left out.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            c => out.push(c),
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// A date as HTTP has it.
pub(super) fn http_date(time: Time) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn iso_date(time: Time) -> String {
    let time = time.with_nanosecond(0).unwrap_or(time);
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Shown<'_> {
    /// What is in a property that the server keeps; none when the entry has none of this name.
    pub(super) fn live(&self, namespace: &str, name: &str) -> Option<String> {
        match namespace {
            DAV => self.of_protocol(name),
            MICROSOFT => self.of_windows(name),
            _ => None,
        }
    }

    fn of_protocol(&self, name: &str) -> Option<String> {
        let node = &self.entry.node;
        let is_file = !node.is_folder();
        match name {
            "resourcetype" if is_file => Some(String::new()),
            "resourcetype" => Some("<D:collection/>".to_owned()),
            "displayname" if node.is_root() => Some("Drive".to_owned()),
            "displayname" => Some(escaped(&node.name)),
            "getcontentlength" => is_file.then(|| node.size.to_string()),
            "getcontenttype" => is_file.then(|| escaped(&node.content_type)),
            "getetag" => Some(format!("\"{}\"", node.content_tag())),
            "getlastmodified" => Some(http_date(node.modified_at)),
            "creationdate" => Some(iso_date(node.created_at)),
            "supportedlock" => Some(LOCK_ENTRIES.to_owned()),
            "lockdiscovery" => Some(self.locks_here()),
            "quota-available-bytes" => Some(self.usage?.free().to_string()),
            "quota-used-bytes" => Some(self.usage?.used.to_string()),
            _ => None,
        }
    }

    fn of_windows(&self, name: &str) -> Option<String> {
        let node = &self.entry.node;
        match name {
            "Win32LastModifiedTime" => Some(http_date(node.modified_at)),
            "Win32CreationTime" => Some(http_date(node.created_at)),
            // The attributes "directory", and "archive" as every file has it at first.
            "Win32FileAttributes" if node.is_folder() => Some("00000010".to_owned()),
            "Win32FileAttributes" => Some("00000020".to_owned()),
            _ => None,
        }
    }

    fn locks_here(&self) -> String {
        let mut out = String::new();
        if self.locks.is_empty() {
            return out;
        }
        let Ok(path) = DrivePath::parse(&self.entry.path) else {
            return out;
        };
        for (row, lock) in self.locks.iter().filter(|(_, lock)| lock.covers(&path)) {
            active_lock(&mut out, row, lock);
        }
        out
    }
}

fn active_lock(out: &mut String, row: &LockRow, lock: &Lock) {
    let scope = if lock.is_shared {
        "shared"
    } else {
        "exclusive"
    };
    let depth = if lock.is_deep { "infinity" } else { "0" };
    let root = super::address::format(&lock.path, false);
    let owner = row.owner.as_deref().unwrap_or_default();
    let seconds = row.timeout_seconds.unwrap_or_default();
    // Writing to a text does not fail.
    let _ = write!(
        out,
        "<D:activelock><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>\
         <D:depth>{depth}</D:depth>{owner}<D:timeout>Second-{seconds}</D:timeout>\
         <D:locktoken><D:href>{}</D:href></D:locktoken><D:lockroot><D:href>{root}</D:href></D:lockroot></D:activelock>",
        lock.token
    );
}

/// An element of the server's own: of the protocol, or with its namespace written out.
pub(super) fn element(out: &mut String, namespace: &str, name: &str, content: &str) {
    let name = escaped(name);
    let (open, close) = match namespace {
        DAV => (format!("D:{name}"), format!("D:{name}")),
        "" => (format!("{name} xmlns=\"\""), name),
        other => (
            format!("x:{name} xmlns:x=\"{}\"", escaped(other)),
            format!("x:{name}"),
        ),
    };
    let _ = match content {
        "" => write!(out, "<{open}/>"),
        content => write!(out, "<{open}>{content}</{close}>"),
    };
}

pub(super) fn propstat(out: &mut String, props: &str, status: &str) {
    let _ = write!(
        out,
        "<D:propstat><D:prop>{props}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escaped("a<b>&\"c\"\u{1}\n"),
            "a&lt;b&gt;&amp;&quot;c&quot;\n"
        );
        let mut out = String::new();
        element(&mut out, "urn:\"x", "a", "1");
        assert_eq!(out, "<x:a xmlns:x=\"urn:&quot;x\">1</x:a>");
    }

    #[test]
    fn dates_have_whole_seconds() {
        let time = chrono::DateTime::from_timestamp_millis(784_111_777_250)
            .unwrap()
            .naive_utc();
        assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(iso_date(time), "1994-11-06T08:49:37Z");
    }
}
