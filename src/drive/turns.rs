//! Changes of one drive take turns on this node.
//!
//! The transactions are right without this: on PostgreSQL those that meet are tried again. But many at once on the
//! sums of one account would lose against each other until some give up, and a turn costs less than a lost attempt.
//! SQLite has one writer, so there nobody waits here.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};

use crate::ids::AccountId;

/// Accounts share a turn by chance only.
const SHARDS: usize = 256;

/// Whose turn it is; cheap to copy.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    /// Empty where nobody needs to wait.
    shards: Arc<[Mutex<()>]>,
}

impl Turns {
    pub(super) fn new(are_needed: bool) -> Self {
        let count = if are_needed { SHARDS } else { 0 };
        Self {
            shards: (0..count).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Waits until nobody else changes the drive of this account.
    pub(super) async fn of(&self, owner: &AccountId) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        owner.hash(&mut hasher);
        let number = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or(0);
        Some(self.shards.get(number)?.lock().await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_account_waits_and_another_does_not() {
        let turns = Turns::new(true);
        let (ann, mut ben) = (AccountId::generate(), AccountId::generate());
        let held = turns.of(&ann).await;
        assert!(held.is_some());
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, turns.of(&ann)).await.is_err());
        // Two accounts in a thousand share one by chance; one of a few does not.
        let mut is_free = false;
        for _ in 0..4 {
            is_free |= tokio::time::timeout(wait, turns.of(&ben)).await.is_ok();
            ben = AccountId::generate();
        }
        assert!(is_free);
        drop(held);
        assert!(turns.of(&ann).await.is_some());
        assert!(Turns::new(false).of(&ann).await.is_none());
    }
}
