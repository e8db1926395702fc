//! A set of byte ranges: which parts of a file have been delivered, over any number of requests.
//!
//! Kept small on purpose. The set holds at most [`MAX_SPANS`] separate ranges; when a peculiar
//! client makes more, the shortest ones are forgotten, so the set may claim less than the truth
//! but never more. Its text form is what a database row keeps between requests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::ranges::Span;

/// The most separate ranges a set remembers.
pub const MAX_SPANS: usize = 1024;

/// Disjoint, non-adjacent ranges of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanSet {
    /// start -> end (exclusive)
    spans: BTreeMap<u64, u64>,
}

impl SpanSet {
    /// Adds a range, joining it with those it overlaps or touches.
    pub fn insert(&mut self, span: Span) {
        if span.len == 0 {
            return;
        }
        let (mut start, mut end) = (span.start, span.start.saturating_add(span.len));
        while let Some((&s, &e)) = self.spans.range(..=end).next_back() {
            if e < start {
                break;
            }
            self.spans.remove(&s);
            start = start.min(s);
            end = end.max(e);
        }
        self.spans.insert(start, end);
        if self.spans.len() > MAX_SPANS {
            self.forget_shorter_half();
        }
    }

    /// Whether every byte of a file of `size` bytes is in the set.
    pub fn covers(&self, size: u64) -> bool {
        size == 0 || self.spans.get(&0).is_some_and(|&end| end >= size)
    }

    /// How many different bytes are in the set.
    pub fn total(&self) -> u64 {
        self.spans.iter().map(|(s, e)| e - s).sum()
    }

    /// The text form: first and last byte of each range, as `0-99,200-299`.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (start, end) in &self.spans {
            let comma = if text.is_empty() { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}{start}-{}", end - 1);
        }
        text
    }

    /// Reads the text form. Anything unreadable ends the set there: bytes are then merely
    /// counted as not yet delivered.
    pub fn from_text(text: &str) -> SpanSet {
        let mut set = SpanSet::default();
        for span in text.split(',').map_while(parse_pair) {
            set.insert(span);
        }
        set
    }

    fn forget_shorter_half(&mut self) {
        let mut lengths: Vec<u64> = self.spans.iter().map(|(s, e)| e - s).collect();
        let middle = lengths.len() / 2;
        let (_, &mut median, _) = lengths.select_nth_unstable(middle);
        let mut allowed = MAX_SPANS / 2;
        self.spans.retain(|s, e| {
            let keep = *e - *s >= median && allowed > 0;
            allowed -= usize::from(keep);
            keep
        });
    }
}

fn parse_pair(pair: &str) -> Option<Span> {
    let (first, last) = pair.split_once('-')?;
    let (start, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let len = last.checked_sub(start)?.checked_add(1)?;
    start.checked_add(len)?;
    Some(Span { start, len })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(list: &[(u64, u64)]) -> SpanSet {
        let mut set = SpanSet::default();
        for &(start, len) in list {
            set.insert(Span { start, len });
        }
        set
    }

    #[test]
    fn ranges_join() {
        assert_eq!(set(&[(0, 5), (5, 5)]), set(&[(0, 10)]));
        assert_eq!(set(&[(8, 2), (0, 2), (1, 8)]), set(&[(0, 10)]));
        assert_eq!(set(&[(0, 10), (2, 3)]).total(), 10);
        assert_eq!(set(&[(4, 0)]), SpanSet::default());
    }

    #[test]
    fn covering_a_file() {
        assert!(SpanSet::default().covers(0));
        assert!(!SpanSet::default().covers(1));
        assert!(set(&[(5, 5), (0, 5)]).covers(10));
        assert!(!set(&[(0, 4), (5, 5)]).covers(10));
        assert!(!set(&[(1, 9)]).covers(10));
    }

    #[test]
    fn unreadable_text_claims_nothing_it_does_not_say() {
        for text in [
            "",
            "x",
            "1",
            "-",
            "0-x",
            "2-1",
            "0-99999999999999999999999",
            "0-18446744073709551615",
        ] {
            assert_eq!(SpanSet::from_text(text), SpanSet::default(), "{text:?}");
        }
        assert_eq!(SpanSet::from_text("0-4,oops,9-9"), set(&[(0, 5)]));
    }

    #[test]
    fn a_set_stays_bounded_and_never_claims_too_much() {
        let mut bounded = SpanSet::default();
        for i in 0..5000u64 {
            bounded.insert(Span {
                start: i * 10,
                len: 1 + i % 3,
            });
        }
        assert!(bounded.spans.len() <= MAX_SPANS);
        for (s, e) in &bounded.spans {
            assert_eq!(s % 10, 0);
            assert_eq!(e - s, 1 + (s / 10) % 3);
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_set_of_bytes(list in prop::collection::vec((0u64..60, 0u64..20), 0..30)) {
            let spans = set(&list);
            let bytes: std::collections::BTreeSet<u64> =
                list.iter().flat_map(|&(s, n)| s..s + n).collect();
            prop_assert_eq!(spans.total(), bytes.len() as u64);
            for size in 0..90 {
                prop_assert_eq!(spans.covers(size), (0..size).all(|b| bytes.contains(&b)));
            }
            let mut end_before = None;
            for (s, e) in &spans.spans {
                prop_assert!(s < e && end_before.is_none_or(|before| before < *s));
                end_before = Some(*e);
            }
            prop_assert_eq!(SpanSet::from_text(&spans.to_text()), spans);
        }

        #[test]
        fn no_text_breaks_it(text in "[0-9,-]{0,40}") {
            let _ = SpanSet::from_text(&text).total();
        }
    }
}
