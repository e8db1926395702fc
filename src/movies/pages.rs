//! Pages of the catalogue as they are sent, kept for a moment.
//!
//! Many members look at the same page. A page is kept as its serialised bytes with its entity tag until a film changes
//! on this node, and for at most [`FRESH`], which bounds how long another node's change or a scheduled film is missed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use chrono::TimeDelta;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::clock::Time;
use crate::http::conditional::weak_tag;

/// How long a page may be kept.
const FRESH: TimeDelta = TimeDelta::seconds(2);

/// Pages that are expected to be kept, and the bytes of them that are.
const PAGES: usize = 256;
const CAPACITY: u64 = 8 << 20;

/// A page as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub body: Bytes,
    /// The entity tag.
    pub tag: HeaderValue,
    made: Made,
}

/// When something was made, and of which catalogue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    at: Time,
    version: u64,
}

/// What was computed at a cost, and is kept the longer the more it cost.
#[derive(Clone, Debug)]
struct Dear<T> {
    value: T,
    made: Made,
    keep: TimeDelta,
    is_cheap: bool,
}

/// Bytes that a page takes.
#[derive(Clone)]
struct Bulk;

impl Weighter<String, Arc<Kept>> for Bulk {
    fn weight(&self, key: &String, kept: &Arc<Kept>) -> u64 {
        (key.len() + kept.body.len() + 256) as u64
    }
}

pub(super) struct Pages<F> {
    pages: Cache<String, Arc<Kept>, Bulk>,
    facets: Mutex<Option<Dear<F>>>,
    version: AtomicU64,
}

impl<F: Clone> Pages<F> {
    pub(super) fn new() -> Self {
        Self {
            pages: Cache::with_weighter(PAGES, CAPACITY, Bulk),
            facets: Mutex::new(None),
            version: AtomicU64::new(0),
        }
    }

    /// A film has changed: no page that was made before is sent again.
    pub(super) fn forget(&self) {
        self.version.fetch_add(1, Ordering::Release);
    }

    /// To be asked before the rows are read, so that a change in between is not missed.
    pub(super) fn now(&self, at: Time) -> Made {
        Made {
            at,
            version: self.version.load(Ordering::Acquire),
        }
    }

    pub(super) fn find(&self, key: &str, now: Made) -> Option<Arc<Kept>> {
        let kept = self.pages.get(key)?;
        let is_fresh = kept.made.version == now.version && now.at - kept.made.at < FRESH;
        is_fresh.then_some(kept)
    }

    pub(super) fn keep(&self, key: String, body: Vec<u8>, made: Made) -> Arc<Kept> {
        let kept = Arc::new(Kept {
            tag: weak_tag(&body),
            body: body.into(),
            made,
        });
        self.pages.insert(key, Arc::clone(&kept));
        kept
    }

    /// The facets, unless they are too old: kept 200 times as long as it took to count them.
    pub(super) fn find_facets(&self, now: Made) -> Option<F> {
        let kept = self.facets.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        let is_current = kept.made.version == now.version || !kept.is_cheap;
        (is_current && now.at - kept.made.at < kept.keep).then(|| kept.value.clone())
    }

    pub(super) fn keep_facets(&self, value: F, made: Made, took: TimeDelta) {
        let mut kept = self.facets.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Dear {
            value,
            made,
            keep: FRESH.max(took * 200),
            is_cheap: took < TimeDelta::milliseconds(50),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_page_is_kept_until_a_change_or_for_two_seconds() {
        let pages = Pages::<()>::new();
        let at = Clock::default().now();
        let made = pages.now(at);
        pages.keep("q".to_owned(), b"[]".to_vec(), made);
        assert!(pages.find("q", pages.now(at)).is_some());
        assert!(pages.find("other", pages.now(at)).is_none());
        assert!(pages.find("q", pages.now(at + FRESH)).is_none());
        pages.forget();
        assert!(pages.find("q", pages.now(at)).is_none());
    }

    #[test]
    fn facets_that_cost_much_are_kept_for_long() {
        let pages = Pages::new();
        let at = Clock::default().now();
        let ms = TimeDelta::milliseconds;
        pages.keep_facets(1, pages.now(at), ms(1));
        assert_eq!(pages.find_facets(pages.now(at)), Some(1));
        pages.forget();
        assert_eq!(pages.find_facets(pages.now(at)), None);
        pages.keep_facets(2, pages.now(at), ms(1000));
        pages.forget();
        assert_eq!(pages.find_facets(pages.now(at + ms(100_000))), Some(2));
        assert_eq!(pages.find_facets(pages.now(at + ms(200_000))), None);
    }
}
