//! One throttle for each drive that gives something out, shared by all its downloads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::ids::AccountId;
use crate::transfers::throttle::Throttle;

/// So many are remembered before those that nobody uses are cleared out.
const CLEAR_ABOVE: usize = 1000;

/// The throttles in use on this node.
#[derive(Debug, Default)]
pub(super) struct Rates {
    throttles: Mutex<HashMap<AccountId, (u64, Weak<Throttle>)>>,
}

impl Rates {
    /// The throttle of a drive. A rate that has changed holds for downloads that begin from now on.
    pub(super) fn throttle(&self, owner: &AccountId, rate: u64) -> Arc<Throttle> {
        let mut throttles = self
            .throttles
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((of, throttle)) = throttles.get(owner)
            && *of == rate
            && let Some(throttle) = throttle.upgrade()
        {
            return throttle;
        }
        if throttles.len() > CLEAR_ABOVE {
            throttles.retain(|_, (_, throttle)| throttle.strong_count() > 0);
        }
        let throttle = Arc::new(Throttle::new(rate));
        throttles.insert(owner.clone(), (rate, Arc::downgrade(&throttle)));
        throttle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_has_one_throttle_while_it_is_used() {
        let (rates, ann, ben) = (
            Rates::default(),
            AccountId::generate(),
            AccountId::generate(),
        );
        let first = rates.throttle(&ann, 1000);
        assert!(Arc::ptr_eq(&first, &rates.throttle(&ann, 1000)));
        assert!(!Arc::ptr_eq(&first, &rates.throttle(&ben, 1000)));
        let faster = rates.throttle(&ann, 2000);
        assert!(!Arc::ptr_eq(&first, &faster));
        assert!(Arc::ptr_eq(&faster, &rates.throttle(&ann, 2000)));
    }
}
