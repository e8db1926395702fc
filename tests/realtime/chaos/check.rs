//! What must be true of a room in the end.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use playhouse_api::chat::Event;
use uuid::Uuid;

use super::member::Member;

/// How long the clients may take to see the end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until everybody has heard this event of a room.
pub(super) async fn wait_for_the_end(all: &[Arc<Member>], room: Uuid, last: i64) {
    let deadline = Instant::now() + PATIENCE;
    for member in all {
        loop {
            let reached = {
                let seen = member.seen();
                let events = seen.events.get(&room);
                events.and_then(|it| it.last().map(|it| it.seq))
            };
            if reached.is_some_and(|it| it >= last) {
                break;
            }
            let name = &member.name;
            assert!(
                Instant::now() < deadline,
                "{name} stays at {reached:?} of {last}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The history has no gap and nothing twice; everybody heard what is in it, all of it in order since they began; what was
/// acknowledged is in it under its number.
pub(super) fn check_room(all: &[Arc<Member>], room: Uuid, history: &[Event]) {
    for (number, event) in history.iter().enumerate() {
        assert_eq!(event.seq, number as i64 + 1, "the history has a gap");
    }
    let mut ids = HashSet::new();
    for event in history {
        if let (Some(account), Some(id)) = (&event.account, &event.client_msg_id) {
            assert!(ids.insert((account.id, id)), "{id} is there twice");
        }
    }
    for member in all {
        let (name, seen) = (&member.name, member.seen());
        let events = &seen.events[&room];
        for pair in events.windows(2) {
            let (one, next) = (pair[0].seq, pair[1].seq);
            assert_eq!(one + 1, next, "{name} saw {next} after {one}");
        }
        for event in events {
            let Some(kept) = history.get(event.seq as usize - 1) else {
                continue;
            };
            assert_eq!(event, kept, "{name} saw something else");
        }
        for (_, seq, id) in seen.acknowledged.iter().filter(|it| it.0 == room) {
            let kept = history.get(*seq as usize - 1);
            let kept = kept.unwrap_or_else(|| panic!("{seq} was acknowledged and is gone"));
            assert_eq!(kept.client_msg_id.as_ref(), Some(id), "at {seq}");
        }
    }
}
