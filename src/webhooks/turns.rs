//! Who is being spoken to on this node, so that a receiver that is slow or in trouble does not keep all senders waiting.
//!
//! A receiver that answers well and quickly may have as many deliveries under way as there are senders. One whose last
//! attempt failed or took long, or has one under way that takes long, gets one at a time; and all of those together leave
//! half of the senders to the others. One that has asked for a pause is left alone until it is over, as far as this process
//! remembers: what waits asks again now and then, for the pause may end early.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;

use crate::clock::Time;
use crate::ids::WebhookId;

/// Deliveries at a time.
pub const SENDERS: usize = 8;

/// What those may have under way together that are slow or in trouble.
const SLOW: usize = SENDERS / 2;

/// An attempt that takes longer is slow.
const QUICK: Duration = Duration::from_secs(2);

/// How far apart those are put that wait for the turn of one receiver.
const STEP: TimeDelta = TimeDelta::seconds(5);

/// After so many steps they begin with the first again.
const STEPS: i32 = 60;

/// Nobody waits for longer at a time.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// Cheap to copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<WebhookId, Line>>>);

/// What is known of a receiver; forgotten when it is well and nothing is under way.
#[derive(Clone, Debug, Default)]
struct Line {
    /// When each of what is under way began.
    under_way: Vec<Instant>,
    is_in_trouble: bool,
    /// How many were put off since it was well.
    put_off: i32,
    /// Until when it wants to be left alone.
    rests_until: Option<Time>,
}

/// One delivery under way.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    webhook: WebhookId,
    begun: Instant,
}

impl Turns {
    /// Begins a delivery.
    ///
    /// # Errors
    /// For how long it is put off, when the receiver should not be sent another one now.
    pub(super) fn begin(&self, webhook: &WebhookId) -> Result<Turn, TimeDelta> {
        let now = Instant::now();
        let mut lines = self.lock();
        let slow = lines.values().filter(|it| it.is_slow(now));
        let slow: usize = slow.map(|it| it.under_way.len()).sum();
        let line = lines.entry(webhook.clone()).or_default();
        if line.is_slow(now) && (!line.under_way.is_empty() || slow >= SLOW) {
            line.put_off += 1;
            return Err(STEP * (1 + (line.put_off - 1) % STEPS));
        }
        line.under_way.push(now);
        Ok(Turn {
            turns: self.clone(),
            webhook: webhook.clone(),
            begun: now,
        })
    }

    /// For how long what is meant for a receiver is put off because it has asked for a pause.
    pub(super) fn rest(&self, webhook: &WebhookId, now: Time) -> Option<TimeDelta> {
        let until = self.lock().get(webhook)?.rests_until?;
        (until > now).then(|| LONGEST.min(until - now))
    }

    /// An admin has seen to it: what a receiver has asked for is no longer so.
    pub(super) fn end_rest(&self, webhook: &WebhookId) {
        if let Some(line) = self.lock().get_mut(webhook) {
            line.rests_until = None;
        }
    }

    /// Forgets a receiver that is removed.
    pub(super) fn forget(&self, webhook: &WebhookId) {
        self.lock().remove(webhook);
    }

    /// Figures that are plain and whole after any panic.
    fn lock(&self) -> MutexGuard<'_, HashMap<WebhookId, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn is_slow(&self, now: Instant) -> bool {
        let is_late = |begun: &Instant| now.duration_since(*begun) > QUICK;
        self.is_in_trouble || self.under_way.iter().any(is_late)
    }
}

impl Turn {
    /// Notes how the attempt went.
    pub(super) fn went(&self, well: bool) {
        if let Some(line) = self.turns.lock().get_mut(&self.webhook) {
            line.is_in_trouble = !well || self.begun.elapsed() > QUICK;
            if !line.is_in_trouble {
                line.put_off = 0;
            }
            if well {
                line.rests_until = None;
            }
        }
    }

    /// The receiver wants to be left alone until then.
    pub(super) fn leave_alone(&self, until: Option<Time>) {
        if let Some(line) = self.turns.lock().get_mut(&self.webhook)
            && until.is_some()
        {
            line.rests_until = until;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lines = self.turns.lock();
        if let Some(line) = lines.get_mut(&self.webhook) {
            let own = line.under_way.iter().position(|it| *it == self.begun);
            if let Some(at) = own {
                line.under_way.swap_remove(at);
            }
            if line.under_way.is_empty() && !line.is_in_trouble {
                lines.remove(&self.webhook);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(turns: &Turns, webhook: &WebhookId) -> Option<Turn> {
        turns.begin(webhook).ok()
    }

    #[test]
    fn a_receiver_in_trouble_has_one_delivery_at_a_time() {
        let (turns, webhook) = (Turns::default(), WebhookId::generate());
        let first = begin(&turns, &webhook).unwrap();
        let second = begin(&turns, &webhook).unwrap();
        first.went(false);
        assert!(begin(&turns, &webhook).is_none());
        assert!(begin(&turns, &WebhookId::generate()).is_some());
        drop((first, second));
        let only = begin(&turns, &webhook).unwrap();
        assert!(begin(&turns, &webhook).is_none());
        only.went(true);
        assert!(begin(&turns, &webhook).is_some());
        drop(only);
        assert!(turns.lock().is_empty());
    }

    /// As if it had begun earlier.
    fn age(turn: &mut Turn) {
        turn.begun -= QUICK * 2;
        let mut lines = turn.turns.lock();
        lines.get_mut(&turn.webhook).unwrap().under_way = vec![turn.begun];
    }

    #[test]
    fn a_slow_receiver_has_one_delivery_at_a_time() {
        let (turns, webhook) = (Turns::default(), WebhookId::generate());
        let mut first = begin(&turns, &webhook).unwrap();
        assert!(begin(&turns, &webhook).is_some(), "it is not slow yet");
        age(&mut first);
        assert!(begin(&turns, &webhook).is_none(), "it takes long");
        first.went(true);
        drop(first);
        let second = begin(&turns, &webhook).unwrap();
        assert!(begin(&turns, &webhook).is_none(), "it took long");
        second.went(true);
        assert!(begin(&turns, &webhook).is_some());
    }

    #[test]
    fn those_in_trouble_leave_half_of_the_senders() {
        let turns = Turns::default();
        let webhooks: Vec<WebhookId> = (0..SENDERS).map(|_| WebhookId::generate()).collect();
        for webhook in &webhooks {
            begin(&turns, webhook).unwrap().went(false);
        }
        let begun: Vec<Turn> = webhooks.iter().filter_map(|it| begin(&turns, it)).collect();
        assert_eq!(begun.len(), SLOW);
        assert!(begin(&turns, &WebhookId::generate()).is_some());
        turns.forget(&webhooks[0]);
        drop(begun);
        assert_eq!(turns.lock().len(), SENDERS - 1);
    }

    #[test]
    fn a_receiver_that_asks_for_a_pause_is_left_alone() {
        let (turns, webhook, now) = (Turns::default(), WebhookId::generate(), Time::default());
        assert_eq!(turns.rest(&webhook, now), None);
        let pause = |by: i64| Some(now + TimeDelta::seconds(by));
        let fail = |until| {
            let turn = begin(&turns, &webhook).unwrap();
            turn.went(false);
            turn.leave_alone(until);
        };
        fail(pause(20));
        assert_eq!(turns.rest(&webhook, now), Some(TimeDelta::seconds(20)));
        fail(None);
        assert!(turns.rest(&webhook, now).is_some(), "it has said so before");
        assert_eq!(
            turns.rest(&webhook, now + TimeDelta::seconds(20)),
            None,
            "it is over"
        );
        fail(pause(86_400));
        assert_eq!(turns.rest(&webhook, now), Some(LONGEST), "for now");
        turns.end_rest(&webhook);
        assert_eq!(turns.rest(&webhook, now), None);
        fail(pause(60));
        begin(&turns, &webhook).unwrap().went(true);
        assert_eq!(turns.rest(&webhook, now), None, "a test got through");
    }

    #[test]
    fn those_that_wait_are_spread() {
        let (turns, webhook) = (Turns::default(), WebhookId::generate());
        let first = begin(&turns, &webhook).unwrap();
        first.went(false);
        let pauses: Vec<i64> = (0..=STEPS)
            .map(|_| turns.begin(&webhook).unwrap_err().num_seconds())
            .collect();
        assert_eq!((pauses[0], pauses[1], pauses[59]), (5, 10, 300));
        assert_eq!(pauses[60], 5);
    }
}
