//! When to try again, and when to give up.

use std::sync::Arc;
use std::time::Duration;

use super::{Error, Result};

/// Failures in a row, without a byte gained, before giving up: about a minute and a half.
const ATTEMPTS: u32 = 9;

/// Told before each pause: how long it is, and why.
pub type RetryObserver = Arc<dyn Fn(Duration, &Error) + Send + Sync>;

/// Counts failures in a row, and waits longer after each.
pub struct Retry {
    failures: u32,
    observer: RetryObserver,
}

impl Retry {
    pub fn new(observer: RetryObserver) -> Self {
        Self {
            failures: 0,
            observer,
        }
    }

    /// Something was gained: the next failure is the first one again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Half a second, one, two, and so on up to 32; the error itself when it is enough.
    pub async fn pause(&mut self, error: Error) -> Result<()> {
        self.failures += 1;
        if self.failures >= ATTEMPTS {
            return Err(error);
        }
        let pause = Duration::from_millis(500) * 2_u32.pow((self.failures - 1).min(6));
        (self.observer)(pause, &error);
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Tries until it works or is not worth another try.
    pub async fn run<T, F>(&mut self, mut attempt: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        loop {
            match attempt().await {
                Err(error) if error.is_transient() => self.pause(error).await?,
                result => return result,
            }
        }
    }
}
