//! Friends and rooms: how much of each, and how long it is kept.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChatConfig {
    /// Messages, edits, reactions and joins that an account may make in a minute, all at once if it likes.
    pub messages_per_minute: u32,
    /// Friend requests that an account may make in an hour.
    pub friend_requests_per_hour: u32,
    /// Rooms that an account may make in an hour.
    pub rooms_per_hour: u32,
    /// One address may do so many times as much as one account.
    pub address_factor: u32,
    /// Changes that may wait to be written; one more is answered 503.
    pub queue: usize,
    /// Missed events that are sent to somebody who comes back; who has missed more starts over.
    pub resume_events: i64,
    /// Days that events are kept in rooms that do not say it themselves; for ever when 0.
    pub retention_days: i64,
}

impl Default for ChatConfig {
    fn default() -> Self {
        Self {
            messages_per_minute: 120,
            friend_requests_per_hour: 60,
            rooms_per_hour: 30,
            address_factor: 10,
            queue: 4096,
            resume_events: 1000,
            retention_days: 0,
        }
    }
}
