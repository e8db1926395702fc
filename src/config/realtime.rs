//! Live connections: what each may hold, send and cost.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RealtimeConfig {
    /// Bytes that may wait for a connection that reads slowly; more than that closes it with 3008.
    pub outbox_bytes: usize,
    /// Bytes of one message from a client.
    pub max_frame_bytes: usize,
    /// Seconds between two pings.
    pub ping_seconds: u64,
    /// Seconds that a client has to answer a ping.
    pub pong_seconds: u64,
    /// Connections at a time, of everybody.
    pub max_connections: usize,
    /// Connections of one account at a time.
    pub max_per_account: usize,
    /// Connections from one address at a time.
    pub max_per_address: usize,
    /// Connections that one account may open in a minute.
    pub connects_per_minute: u32,
    /// Requests that one connection may make in a second, and at once after a pause.
    pub requests_per_second: u32,
    pub requests_burst: u32,
    /// Rooms that one connection may listen to.
    pub max_subscriptions: usize,
    /// Accounts whose presence one connection may look at.
    pub max_watched: usize,
    /// Milliseconds between two words of one connection that somebody writes; those between are left out.
    pub typing_pause_ms: u64,
    /// Seconds after which somebody whose last connection is gone is away.
    pub presence_grace_seconds: u64,
    /// Milliseconds between two waves of presence.
    pub presence_every_ms: u64,
    /// Seconds between two looks at whether a connection's access still holds.
    pub recheck_seconds: u64,
}

impl Default for RealtimeConfig {
    fn default() -> Self {
        Self {
            outbox_bytes: 256 * 1024,
            max_frame_bytes: 64 * 1024,
            ping_seconds: 25,
            pong_seconds: 10,
            max_connections: 50_000,
            max_per_account: 20,
            max_per_address: 1000,
            connects_per_minute: 120,
            requests_per_second: 20,
            requests_burst: 100,
            max_subscriptions: 2000,
            max_watched: 1000,
            typing_pause_ms: 1500,
            presence_grace_seconds: 10,
            presence_every_ms: 250,
            recheck_seconds: 60,
        }
    }
}
