//! What a handler is given: what to do, and a way to say how far it is.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ids::JobId;

/// Bytes of a tool's words that are kept.
const LOG: usize = 8 << 10;

/// One taking of a job.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: JobId,
    pub subject: String,
    pub payload: String,
    /// 1 for the first attempt.
    pub attempt: i32,
    /// Whether there is no other one after it, if it fails.
    pub is_last: bool,
    pub report: Report,
}

/// How far a job is. Cheap to copy and to write to: the worker looks at it once a second.
#[derive(Clone, Debug, Default)]
pub struct Report(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    progress: AtomicI32,
    log: Mutex<String>,
}

/// A report at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub progress: i32,
    pub log: String,
}

impl Report {
    /// Says how much is done, in per cent; it never falls.
    pub fn progress(&self, percent: i32) {
        let percent = percent.clamp(0, 100);
        self.0.progress.fetch_max(percent, Ordering::Relaxed);
    }

    /// Adds to what is kept of a tool's words. Of a long text the end is kept.
    pub fn log(&self, text: &str) {
        let mut log = self.lock();
        log.extend(text.chars().filter(|it| !it.is_control() || *it == '\n'));
        let excess = log.len().saturating_sub(LOG);
        let cut = (excess..=log.len()).find(|at| log.is_char_boundary(*at));
        log.drain(..cut.unwrap_or(0));
    }

    pub(super) fn said(&self) -> Said {
        Said {
            progress: self.0.progress.load(Ordering::Relaxed),
            log: self.lock().clone(),
        }
    }

    /// A text that is plain and whole after any panic.
    fn lock(&self) -> MutexGuard<'_, String> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_never_falls_or_leaves_its_range() {
        let report = Report::default();
        let seen: Vec<i32> = [-5, 10, 7, 300]
            .into_iter()
            .map(|percent| {
                report.progress(percent);
                report.said().progress
            })
            .collect();
        assert_eq!(seen, [0, 10, 10, 100]);
    }

    #[test]
    fn the_end_of_a_long_log_is_kept_without_control_characters() {
        let report = Report::default();
        report.log("first\u{1b}[31m\0\n");
        assert_eq!(report.said().log, "first[31m\n");
        for number in 0..3000 {
            report.log(&format!("é{number}\n"));
        }
        let log = report.said().log;
        assert!(
            log.len() <= LOG && log.ends_with("é2999\n"),
            "{}",
            log.len()
        );
    }
}
