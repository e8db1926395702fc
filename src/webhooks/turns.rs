//! Who is being spoken to on this node, so that a receiver that is in trouble does not keep all workers waiting.
//!
//! A receiver that answers well may have as many deliveries under way as there are workers; one whose last attempt failed has
//! one at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ids::WebhookId;

/// Cheap to copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<WebhookId, Line>>>);

/// What is known of a receiver; forgotten when it is well and nothing is under way.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    under_way: u32,
    is_in_trouble: bool,
}

/// One delivery under way.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    webhook: WebhookId,
}

impl Turns {
    /// Begins a delivery; None while the receiver should not be sent another one.
    pub(super) fn begin(&self, webhook: &WebhookId) -> Option<Turn> {
        let mut lines = self.lock();
        let line = lines.entry(webhook.clone()).or_default();
        if line.is_in_trouble && line.under_way > 0 {
            return None;
        }
        line.under_way += 1;
        Some(Turn {
            turns: self.clone(),
            webhook: webhook.clone(),
        })
    }

    /// Figures that are plain and whole after any panic.
    fn lock(&self) -> MutexGuard<'_, HashMap<WebhookId, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Notes how the attempt went.
    pub(super) fn went(&self, well: bool) {
        if let Some(line) = self.turns.lock().get_mut(&self.webhook) {
            line.is_in_trouble = !well;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lines = self.turns.lock();
        if let Some(line) = lines.get_mut(&self.webhook) {
            line.under_way = line.under_way.saturating_sub(1);
            if line.under_way == 0 && !line.is_in_trouble {
                lines.remove(&self.webhook);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_in_trouble_has_one_delivery_at_a_time() {
        let (turns, webhook) = (Turns::default(), WebhookId::generate());
        let first = turns.begin(&webhook).unwrap();
        let second = turns.begin(&webhook).unwrap();
        first.went(false);
        assert!(turns.begin(&webhook).is_none());
        assert!(turns.begin(&WebhookId::generate()).is_some());
        drop((first, second));
        let only = turns.begin(&webhook).unwrap();
        assert!(turns.begin(&webhook).is_none());
        only.went(true);
        assert!(turns.begin(&webhook).is_some());
        drop(only);
        assert!(turns.lock().is_empty());
    }
}
