//! Locks on the bytes of a content: whoever puts them into the storage for a row and whoever removes them because there
//! is none take turns.

use tokio::sync::{Mutex, MutexGuard};

use crate::storage::BlobHash;

/// Contents share a lock by chance only, so many small files hardly ever wait for each other.
const SHARDS: usize = 1024;

/// One lock for each of the contents that begin with the same digits.
#[derive(Debug)]
pub(super) struct Locks {
    shards: Box<[Mutex<()>]>,
}

impl Locks {
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Waits until nobody else brings or removes these bytes.
    pub(super) async fn lock(&self, name: &BlobHash) -> Option<MutexGuard<'_, ()>> {
        // Hashes are spread evenly, so their first digits are as good a number as any.
        let digits = name.as_str().get(..4).unwrap_or_default();
        let number = usize::from_str_radix(digits, 16).unwrap_or(0);
        Some(self.shards.get(number % SHARDS)?.lock().await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_content_waits_and_others_do_not() {
        let locks = Locks::new();
        let one = BlobHash::from(blake3::hash(b"one"));
        let two = BlobHash::from(blake3::hash(b"two"));
        let held = locks.lock(&one).await;
        assert!(held.is_some());
        assert!(locks.lock(&two).await.is_some());
        let again = tokio::time::timeout(std::time::Duration::from_millis(20), locks.lock(&one));
        assert!(again.await.is_err());
        drop(held);
        assert!(locks.lock(&one).await.is_some());
    }
}
