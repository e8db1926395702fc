//! Preconditions of a request for bytes, in the order of RFC 9110, section 13.2.2.
//!
//! Pure: header values in, a decision out. `If-Match` and `If-Range` compare strongly,
//! `If-None-Match` weakly. A date that cannot be read is ignored; an entity tag that cannot be
//! read matches nothing.

use std::time::{Duration, SystemTime};

use actix_web::http::header::{
    HeaderMap, HeaderName, HttpDate, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE,
};

/// The state of the file that conditions are tested against.
#[derive(Clone, Copy, Debug)]
pub struct Validators<'a> {
    /// The strong entity tag, without its quotes.
    pub tag: &'a str,
    /// When the file last changed; without it, conditions that name a date are ignored.
    pub modified: Option<SystemTime>,
}

/// The entity tag of a content, without its quotes: half of its hash in hex, which no other content has either. Some
/// clients have little room for tags.
#[must_use]
pub fn tag_of(blake3: &str) -> &str {
    blake3.get(..32).unwrap_or(blake3)
}

/// What the preconditions make of a GET or HEAD request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on and send the file.
    Proceed,
    /// 304: the client has it already.
    NotModified,
    /// 412: the client wanted another version.
    Failed,
}

/// Tests every precondition except `If-Range`.
pub fn evaluate(headers: &HeaderMap, file: Validators<'_>) -> Verdict {
    if headers.contains_key(IF_MATCH) {
        if !any_tag(headers, IF_MATCH, |tag| !tag.weak && tag.value == file.tag) {
            return Verdict::Failed;
        }
    } else if let (Some(date), Some(modified)) = (date(headers, IF_UNMODIFIED_SINCE), file.modified)
        && whole_seconds(modified) > date
    {
        return Verdict::Failed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        if any_tag(headers, IF_NONE_MATCH, |tag| tag.value == file.tag) {
            return Verdict::NotModified;
        }
    } else if let (Some(date), Some(modified)) = (date(headers, IF_MODIFIED_SINCE), file.modified)
        && whole_seconds(modified) <= date
    {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether a `Range` field is to be honoured: `If-Range` is absent or names this very version.
///
/// A date counts only when it equals the modification time and is at least a second old at
/// `now`: a younger one is a weak validator (RFC 9110, section 8.8.2.2).
pub fn range_applies(headers: &HeaderMap, file: Validators<'_>, now: SystemTime) -> bool {
    let mut fields = headers.get_all(IF_RANGE);
    let Some(field) = fields.next() else {
        return true;
    };
    if fields.next().is_some() {
        return false;
    }
    let Ok(text) = field.to_str() else {
        return false;
    };
    let text = text.trim();
    if text.starts_with('"') || text.starts_with("W/") {
        return Tags(text)
            .next()
            .is_some_and(|tag| !tag.any && !tag.weak && tag.value == file.tag);
    }
    let Some(modified) = file.modified.map(whole_seconds) else {
        return false;
    };
    let old_enough = now
        .duration_since(modified)
        .is_ok_and(|age| age >= Duration::from_secs(1));
    parse_date(text).is_some_and(|date| date == modified) && old_enough
}

/// Dates in HTTP have whole seconds; the fraction would make every comparison fail.
fn whole_seconds(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(age) => SystemTime::UNIX_EPOCH + Duration::from_secs(age.as_secs()),
        Err(_) => SystemTime::UNIX_EPOCH,
    }
}

fn parse_date(text: &str) -> Option<SystemTime> {
    text.trim().parse::<HttpDate>().ok().map(SystemTime::from)
}

/// The date of a field; several fields of one name are not a date.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    let mut fields = headers.get_all(name);
    let first = fields.next()?;
    if fields.next().is_some() {
        return None;
    }
    parse_date(first.to_str().ok()?)
}

fn any_tag(headers: &HeaderMap, name: HeaderName, fits: impl Fn(&Tag<'_>) -> bool) -> bool {
    headers
        .get_all(name)
        .filter_map(|field| field.to_str().ok())
        .flat_map(Tags)
        .any(|tag| tag.any || fits(&tag))
}

struct Tag<'a> {
    any: bool,
    weak: bool,
    value: &'a str,
}

/// The entity tags of a list; ends at the first thing that is not one. A tag may hold a comma.
struct Tags<'a>(&'a str);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let rest = self.0.trim_start_matches([' ', '\t', ',']);
        if rest == "*" {
            self.0 = "";
            return Some(Tag {
                any: true,
                weak: false,
                value: rest,
            });
        }
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (value, rest) = quoted.strip_prefix('"')?.split_once('"')?;
        self.0 = rest;
        Some(Tag {
            any: false,
            weak,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    const OLD: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const NEW: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in list {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        map
    }

    fn modified() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_250)
    }

    fn verdict(list: &[(&'static str, &str)]) -> Verdict {
        let file = Validators {
            tag: "abc",
            modified: Some(modified()),
        };
        evaluate(&headers(list), file)
    }

    fn honoured(list: &[(&'static str, &str)], age_ms: u64) -> bool {
        let file = Validators {
            tag: "abc",
            modified: Some(modified()),
        };
        let now = modified() + Duration::from_millis(age_ms);
        range_applies(&headers(list), file, now)
    }

    #[test]
    fn if_match_compares_strongly() {
        assert_eq!(verdict(&[("if-match", "\"abc\"")]), Verdict::Proceed);
        assert_eq!(verdict(&[("if-match", "\"x\", \"abc\"")]), Verdict::Proceed);
        assert_eq!(
            verdict(&[("if-match", "\"a,b\",\"abc\"")]),
            Verdict::Proceed
        );
        assert_eq!(verdict(&[("if-match", "*")]), Verdict::Proceed);
        assert_eq!(verdict(&[("if-match", "W/\"abc\"")]), Verdict::Failed);
        assert_eq!(verdict(&[("if-match", "\"x\"")]), Verdict::Failed);
        assert_eq!(verdict(&[("if-match", "abc")]), Verdict::Failed);
        let two = [("if-match", "\"x\""), ("if-match", "\"abc\"")];
        assert_eq!(verdict(&two), Verdict::Proceed);
    }

    #[test]
    fn if_none_match_compares_weakly() {
        assert_eq!(
            verdict(&[("if-none-match", "\"abc\"")]),
            Verdict::NotModified
        );
        assert_eq!(
            verdict(&[("if-none-match", "W/\"abc\"")]),
            Verdict::NotModified
        );
        assert_eq!(verdict(&[("if-none-match", "*")]), Verdict::NotModified);
        assert_eq!(verdict(&[("if-none-match", "\"x\"")]), Verdict::Proceed);
        assert_eq!(verdict(&[("if-none-match", "abc")]), Verdict::Proceed);
    }

    #[test]
    fn dates_compare_in_whole_seconds() {
        assert_eq!(
            verdict(&[("if-modified-since", SAME)]),
            Verdict::NotModified
        );
        assert_eq!(verdict(&[("if-modified-since", NEW)]), Verdict::NotModified);
        assert_eq!(verdict(&[("if-modified-since", OLD)]), Verdict::Proceed);
        assert_eq!(verdict(&[("if-unmodified-since", SAME)]), Verdict::Proceed);
        assert_eq!(verdict(&[("if-unmodified-since", OLD)]), Verdict::Failed);
        assert_eq!(verdict(&[("if-modified-since", "soon")]), Verdict::Proceed);
        let two = [("if-modified-since", NEW), ("if-modified-since", NEW)];
        assert_eq!(verdict(&two), Verdict::Proceed);
    }

    #[test]
    fn without_a_date_dates_mean_nothing() {
        let file = Validators {
            tag: "abc",
            modified: None,
        };
        for name in ["if-modified-since", "if-unmodified-since"] {
            for date in [OLD, NEW] {
                let headers = headers(&[(name, date)]);
                assert_eq!(evaluate(&headers, file), Verdict::Proceed);
            }
        }
        let headers = headers(&[("if-range", OLD)]);
        assert!(!range_applies(&headers, file, SystemTime::now()));
    }

    #[test]
    fn tags_come_before_dates() {
        let kept = [("if-match", "\"abc\""), ("if-unmodified-since", OLD)];
        assert_eq!(verdict(&kept), Verdict::Proceed);
        let changed = [("if-none-match", "\"x\""), ("if-modified-since", NEW)];
        assert_eq!(verdict(&changed), Verdict::Proceed);
        let both = [("if-match", "\"x\""), ("if-none-match", "\"abc\"")];
        assert_eq!(verdict(&both), Verdict::Failed);
    }

    #[test]
    fn if_range_wants_the_very_version() {
        assert!(honoured(&[], 0));
        assert!(honoured(&[("if-range", "\"abc\"")], 0));
        assert!(!honoured(&[("if-range", "W/\"abc\"")], 0));
        assert!(!honoured(&[("if-range", "\"x\"")], 0));
        assert!(!honoured(&[("if-range", "*")], 0));
        assert!(honoured(&[("if-range", SAME)], 5_000));
        assert!(!honoured(&[("if-range", SAME)], 0), "a fresh date is weak");
        assert!(!honoured(&[("if-range", NEW)], 5_000));
        assert!(!honoured(&[("if-range", OLD)], 5_000));
        let two = [("if-range", "\"abc\""), ("if-range", "\"abc\"")];
        assert!(!honoured(&two, 0));
    }
}
