//! Keyset paging: a cursor holds the sort key of the last row of a page, so that rows which come or go in between
//! neither repeat nor hide others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use playhouse_api::page::{DEFAULT_LIMIT, MAX_LIMIT, Page};
use playhouse_api::problem::FieldCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// Where a page begins and how much it holds.
#[derive(Clone, Debug)]
pub struct PageRequest<K> {
    /// The key of the row before the page.
    pub after: Option<K>,
    pub limit: u32,
}

impl<K: DeserializeOwned + Serialize> PageRequest<K> {
    /// Reads `cursor` and `limit` as a list's query has them.
    ///
    /// # Errors
    /// 422 when the limit is not from 1 to 200, or the cursor is not one of this list.
    pub fn read(cursor: Option<&str>, limit: Option<u32>) -> Result<Self> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::field(
                "limit",
                FieldCode::OutOfRange,
                "limit is from 1 to 200.",
            ));
        }
        let after = cursor.map(decode).transpose()?;
        Ok(Self { after, limit })
    }

    /// One row more than the page holds: its presence says that there is a next page.
    #[must_use]
    pub fn rows_to_fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The cursor of the page that begins after `key`.
    #[must_use]
    pub fn cursor(key: &K) -> String {
        encode(key)
    }

    /// The page of a list that is whole in memory, because it is short by nature; `is_after` says of two keys whether
    /// the first one comes later in it.
    #[must_use]
    pub fn cut<R>(
        &self,
        rows: impl IntoIterator<Item = R>,
        key: impl Fn(&R) -> K,
        is_after: impl Fn(&K, &K) -> bool,
    ) -> Page<R> {
        let is_left = |row: &R| {
            let after = self.after.as_ref();
            after.is_none_or(|after| is_after(&key(row), after))
        };
        let limit = self.limit as usize + 1;
        let rows = rows.into_iter().filter(is_left).take(limit).collect();
        self.page(rows, key)
    }

    /// Cuts the fetched rows to the page and makes the cursor of the next one.
    #[must_use]
    pub fn page<R>(&self, mut rows: Vec<R>, key: impl Fn(&R) -> K) -> Page<R> {
        let limit = self.limit as usize;
        let next_cursor = (rows.len() > limit).then(|| {
            rows.truncate(limit);
            rows.last().map(|row| encode(&key(row)))
        });
        Page {
            items: rows,
            next_cursor: next_cursor.flatten(),
        }
    }
}

fn encode<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K> {
    let wrong = || {
        Error::field(
            "cursor",
            FieldCode::InvalidFormat,
            "cursor is not one that this list gave.",
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    serde_json::from_slice(&bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn limits_and_cursors_are_checked() {
        assert!(PageRequest::<i64>::read(None, Some(0)).is_err());
        assert!(PageRequest::<i64>::read(None, Some(201)).is_err());
        assert!(PageRequest::<i64>::read(Some("%%%"), None).is_err());
        assert!(PageRequest::<i64>::read(Some(&encode(&"text")), None).is_err());
        assert_eq!(
            PageRequest::<i64>::read(Some(&encode(&7)), None)
                .unwrap()
                .after,
            Some(7)
        );
    }

    proptest! {
        #[test]
        fn pages_give_every_row_once(rows in proptest::collection::btree_set(0i64..1000, 0..100), limit in 1u32..20) {
            let mut seen = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let request = PageRequest::<i64>::read(cursor.as_deref(), Some(limit)).unwrap();
                let page = request.cut(rows.iter().copied(), |row| *row, |row, after| row > after);
                seen.extend(page.items);
                cursor = page.next_cursor;
                if cursor.is_none() { break; }
            }
            prop_assert_eq!(seen, rows.into_iter().collect::<Vec<_>>());
        }
    }
}
