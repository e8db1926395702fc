//! Which bytes a `Range` field asks for (RFC 9110, section 14).
//!
//! Pure: text and a size in, spans out. It keeps true that every span returned lies inside the
//! file, that no two overlap or touch, and that a response built from them is never longer than
//! the file plus the part headers.
//!
//! Decisions where the RFC leaves a choice:
//! - a field that is malformed, uses another unit or is sent twice is ignored: the whole file;
//! - more than [`MAX_RANGES`] ranges is treated as abuse and ignored too: the whole file costs
//!   less than the parts, and an honest client loses nothing but time;
//! - overlapping and adjacent ranges are joined; the rest keeps the order of the request.

/// The most ranges one request may name before the field is ignored.
pub const MAX_RANGES: usize = 32;

/// A run of bytes inside a file; never empty when it comes from [`select`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u64,
    /// How many bytes.
    pub len: u64,
}

impl Span {
    /// The offset just after the last byte.
    pub fn end(self) -> u64 {
        self.start + self.len
    }
}

/// What a `Range` field selects from a file of a known size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The whole file, status 200.
    Whole,
    /// These spans, at least one, status 206.
    Parts(Vec<Span>),
    /// Nothing of the file, status 416.
    Unsatisfiable,
}

/// One range as written, before the size of the file is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spec {
    From { first: u64, last: Option<u64> },
    Suffix(u64),
}

/// Reads the value of a `Range` field against a file of `size` bytes.
pub fn select(field: &str, size: u64) -> Selection {
    match parse(field) {
        Some(specs) => resolve(&specs, size),
        None => Selection::Whole,
    }
}

/// The ranges of a `bytes` field, or `None` when the field is to be ignored.
fn parse(field: &str) -> Option<Vec<Spec>> {
    let (unit, set) = field.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut specs = Vec::new();
    for item in set.split(',') {
        let item = item.trim_matches([' ', '\t']);
        // A list may hold empty elements (RFC 9110, section 5.6.1.2).
        if item.is_empty() {
            continue;
        }
        if specs.len() == MAX_RANGES {
            return None;
        }
        specs.push(parse_spec(item)?);
    }
    (!specs.is_empty()).then_some(specs)
}

fn parse_spec(item: &str) -> Option<Spec> {
    let (first, last) = item.split_once('-')?;
    match (first.is_empty(), last.is_empty()) {
        (true, true) => None,
        (true, false) => Some(Spec::Suffix(position(last)?)),
        (false, true) => Some(Spec::From {
            first: position(first)?,
            last: None,
        }),
        (false, false) => {
            let (first, last) = (position(first)?, position(last)?);
            (first <= last).then_some(Spec::From {
                first,
                last: Some(last),
            })
        }
    }
}

/// Digits only. A number beyond 64 bits is beyond every file, so it saturates.
fn position(digits: &str) -> Option<u64> {
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().unwrap_or(u64::MAX))
}

fn resolve(specs: &[Spec], size: u64) -> Selection {
    // The last bytes of an empty file are the whole of it; a 206 cannot describe zero bytes.
    if size == 0 && specs.iter().any(|s| matches!(s, Spec::Suffix(n) if *n > 0)) {
        return Selection::Whole;
    }
    let spans: Vec<Span> = specs.iter().filter_map(|s| s.within(size)).collect();
    if spans.is_empty() {
        return Selection::Unsatisfiable;
    }
    Selection::Parts(join(spans))
}

impl Spec {
    fn within(self, size: u64) -> Option<Span> {
        let (start, end) = match self {
            Spec::Suffix(n) => (size.saturating_sub(n), size),
            Spec::From { first, last: None } => (first, size),
            Spec::From {
                first,
                last: Some(last),
            } => (first, last.saturating_add(1).min(size)),
        };
        (start < end).then(|| Span {
            start,
            len: end - start,
        })
    }
}

/// Joins spans that overlap or touch; each group stands where its first member stood.
fn join(spans: Vec<Span>) -> Vec<Span> {
    let mut ordered: Vec<(usize, Span)> = spans.into_iter().enumerate().collect();
    ordered.sort_by_key(|(_, span)| span.start);
    let mut groups: Vec<(usize, Span)> = Vec::with_capacity(ordered.len());
    for (place, span) in ordered {
        match groups.last_mut() {
            Some((first, group)) if span.start <= group.end() => {
                *first = place.min(*first);
                group.len = group.end().max(span.end()) - group.start;
            }
            _ => groups.push((place, span)),
        }
    }
    groups.sort_by_key(|(place, _)| *place);
    groups.into_iter().map(|(_, span)| span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(spans: &[(u64, u64)]) -> Selection {
        Selection::Parts(
            spans
                .iter()
                .map(|&(start, len)| Span { start, len })
                .collect(),
        )
    }

    #[test]
    fn single_ranges() {
        assert_eq!(select("bytes=0-0", 10), parts(&[(0, 1)]));
        assert_eq!(select("bytes=2-4", 10), parts(&[(2, 3)]));
        assert_eq!(select("bytes=2-", 10), parts(&[(2, 8)]));
        assert_eq!(select("bytes=-3", 10), parts(&[(7, 3)]));
        assert_eq!(select("bytes=-30", 10), parts(&[(0, 10)]));
        assert_eq!(select("bytes=9-99", 10), parts(&[(9, 1)]));
        assert_eq!(select("BYTES=0-1", 10), parts(&[(0, 2)]));
    }

    #[test]
    fn several_ranges_keep_their_order_and_join_when_they_touch() {
        assert_eq!(select("bytes=8-9, 0-1", 10), parts(&[(8, 2), (0, 2)]));
        assert_eq!(select("bytes=0-1,2-3", 10), parts(&[(0, 4)]));
        assert_eq!(select("bytes=5-6,0-1,4-5", 10), parts(&[(4, 3), (0, 2)]));
        assert_eq!(select("bytes=,0-1,, 5-5 ,", 10), parts(&[(0, 2), (5, 1)]));
        assert_eq!(select("bytes=0-1,50-60", 10), parts(&[(0, 2)]));
        assert_eq!(select("bytes=0-,0-,0-", 10), parts(&[(0, 10)]));
    }

    #[test]
    fn unsatisfiable_ranges() {
        assert_eq!(select("bytes=10-", 10), Selection::Unsatisfiable);
        assert_eq!(select("bytes=-0", 10), Selection::Unsatisfiable);
        assert_eq!(select("bytes=10-,20-30", 10), Selection::Unsatisfiable);
        assert_eq!(select("bytes=0-", 0), Selection::Unsatisfiable);
        assert_eq!(
            select("bytes=99999999999999999999999-", 10),
            Selection::Unsatisfiable
        );
    }

    #[test]
    fn what_is_malformed_is_ignored() {
        for field in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=a-b",
            "bytes=4-2",
            "bytes=1-2,x",
            "bytes=+1-2",
            "bytes=1 - 2",
            "bytes=--1",
            "bytes=1-2-3",
            "items=0-1",
            "bytes:0-1",
        ] {
            assert_eq!(select(field, 10), Selection::Whole, "{field:?}");
        }
        assert_eq!(select("bytes=-5", 0), Selection::Whole);
    }

    #[test]
    fn too_many_ranges_are_ignored() {
        let field = |n: usize| {
            let list: Vec<String> = (0..n).map(|i| format!("{0}-{0}", i * 2)).collect();
            format!("bytes={}", list.join(","))
        };
        assert!(
            matches!(select(&field(MAX_RANGES), 1000), Selection::Parts(p) if p.len() == MAX_RANGES)
        );
        assert_eq!(select(&field(MAX_RANGES + 1), 1000), Selection::Whole);
    }

    #[test]
    fn huge_positions_do_not_overflow() {
        let max = u64::MAX;
        assert_eq!(
            select(&format!("bytes=0-{max}"), max),
            parts(&[(0, u64::MAX)])
        );
        assert_eq!(select(&format!("bytes=-{max}"), 5), parts(&[(0, 5)]));
    }

    /// A range as the model sees it: which bytes does it name?
    #[derive(Clone, Debug)]
    enum Asked {
        Closed(u64, u64),
        Open(u64),
        Last(u64),
    }

    impl Asked {
        fn text(&self) -> String {
            match self {
                Asked::Closed(a, b) => format!("{a}-{b}"),
                Asked::Open(a) => format!("{a}-"),
                Asked::Last(n) => format!("-{n}"),
            }
        }

        fn names(&self, byte: u64, size: u64) -> bool {
            match *self {
                Asked::Closed(a, b) => (a..=b).contains(&byte),
                Asked::Open(a) => byte >= a,
                Asked::Last(n) => byte + n >= size,
            }
        }
    }

    fn asked() -> impl Strategy<Value = Asked> {
        prop_oneof![
            (0u64..80, 0u64..20).prop_map(|(a, n)| Asked::Closed(a, a + n)),
            (0u64..80).prop_map(Asked::Open),
            (0u64..80).prop_map(Asked::Last),
        ]
    }

    proptest! {
        #[test]
        fn the_spans_are_exactly_the_bytes_asked_for(
            list in prop::collection::vec(asked(), 1..12),
            size in 1u64..70,
        ) {
            let text: Vec<String> = list.iter().map(Asked::text).collect();
            let wanted: Vec<u64> = (0..size)
                .filter(|b| list.iter().any(|a| a.names(*b, size)))
                .collect();
            let mut got = Vec::new();
            match select(&format!("bytes={}", text.join(",")), size) {
                Selection::Whole => prop_assert!(false, "a valid field was ignored"),
                Selection::Unsatisfiable => {}
                Selection::Parts(spans) => {
                    prop_assert!(!spans.is_empty());
                    for span in &spans {
                        prop_assert!(span.len > 0 && span.end() <= size);
                        got.extend(span.start..span.end());
                    }
                    let mut by_place = spans.clone();
                    by_place.sort_by_key(|s| s.start);
                    for pair in by_place.windows(2) {
                        prop_assert!(pair[0].end() < pair[1].start, "left unjoined");
                    }
                }
            }
            got.sort_unstable();
            prop_assert_eq!(got, wanted);
        }

        #[test]
        fn no_text_at_all_breaks_it(field in ".{0,60}", size: u64) {
            if let Selection::Parts(spans) = select(&field, size) {
                prop_assert!(spans.iter().all(|s| s.len > 0 && s.end() <= size));
            }
        }

        #[test]
        fn nearly_valid_text_stays_inside_the_file(
            field in "bytes=[0-9,\\- ]{0,40}",
            size: u64,
        ) {
            if let Selection::Parts(spans) = select(&field, size) {
                prop_assert!(spans.iter().all(|s| s.len > 0 && s.start.checked_add(s.len).is_some_and(|e| e <= size)));
            }
        }
    }
}
