//! Token buckets: how often somebody may do something.
//!
//! A bucket holds as much as its period allows and fills evenly. What is known is this process's; several nodes allow
//! several times as much.

use std::collections::HashMap;
use std::hash::Hash;

use crate::clock::Time;

/// So many are remembered before the full ones are cleared out.
const CLEAR_ABOVE: usize = 50_000;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Tokens that were in it then.
    tokens: f64,
    at: Time,
}

/// Buckets of one size, one for each key.
#[derive(Debug)]
pub struct Buckets<K> {
    size: f64,
    tokens_per_second: f64,
    buckets: HashMap<K, Bucket>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Full buckets of `size` tokens, at least one, that fill in `period_seconds`.
    #[must_use]
    pub fn new(size: u32, period_seconds: u32) -> Self {
        let size = f64::from(size.max(1));
        Self {
            size,
            tokens_per_second: size / f64::from(period_seconds),
            buckets: HashMap::new(),
        }
    }

    fn tokens(&self, bucket: Bucket, now: Time) -> f64 {
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        (bucket.tokens + passed * self.tokens_per_second).min(self.size)
    }

    /// Seconds until there is a token; none when there is one. A bucket that is dated later than now fills from now on:
    /// the clock was set back, and nobody waits for it to catch up.
    pub fn wait(&mut self, key: &K, now: Time) -> Option<u64> {
        let bucket = self.buckets.get_mut(key)?;
        bucket.at = bucket.at.min(now);
        let bucket = *bucket;
        let tokens = self.tokens(bucket, now);
        if tokens >= 1.0 {
            return None;
        }
        let seconds = std::time::Duration::from_secs_f64((1.0 - tokens) / self.tokens_per_second);
        Some(seconds.as_secs() + 1)
    }

    /// Takes a token, for whoever need not [`wait`](Self::wait).
    pub fn take(&mut self, key: K, now: Time) {
        if self.buckets.len() > CLEAR_ABOVE {
            let (size, rate) = (self.size, self.tokens_per_second);
            self.buckets
                .retain(|_, it| it.tokens + (now - it.at).as_seconds_f64() * rate < size);
        }
        let full = Bucket {
            tokens: self.size,
            at: now,
        };
        let tokens = self.tokens(*self.buckets.get(&key).unwrap_or(&full), now) - 1.0;
        self.buckets.insert(key, Bucket { tokens, at: now });
    }
}
