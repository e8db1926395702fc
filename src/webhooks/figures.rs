//! What is measured of what is told.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts};

/// Upper bounds in seconds of the buckets; a receiver has ten seconds unless the configuration says otherwise.
const SECONDS: &[f64] = &[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
];

/// The figures of one house; cheap to copy. None tells of a single receiver: there may be any.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    arrived: IntCounter,
    failed: IntCounter,
    attempts: IntCounterVec,
    pub(super) given_up: IntCounter,
    seconds: Histogram,
    pub(super) waiting: IntGauge,
}

impl Figures {
    pub(super) fn new() -> prometheus::Result<Self> {
        let attempts = Opts::new(
            "playhouse_webhooks_attempts_total",
            "Requests to receivers of webhooks, by outcome: delivered or failed.",
        );
        let attempts = IntCounterVec::new(attempts, &["outcome"])?;
        let seconds = HistogramOpts::new(
            "playhouse_webhooks_attempt_seconds",
            "From the beginning of an attempt to its answer or its failure.",
        );
        Ok(Self {
            // Both are there before anything happens, so that nobody takes zero for unknown.
            arrived: attempts.with_label_values(&["delivered"]),
            failed: attempts.with_label_values(&["failed"]),
            attempts,
            given_up: IntCounter::new(
                "playhouse_webhooks_given_up_total",
                "Deliveries of webhooks that the house does not try again by itself.",
            )?,
            seconds: Histogram::with_opts(seconds.buckets(SECONDS.to_vec()))?,
            waiting: IntGauge::new(
                "playhouse_webhooks_waiting",
                "Deliveries of webhooks that wait or are under way, of all servers of the house.",
            )?,
        })
    }

    /// One attempt more.
    pub(super) fn count(&self, well: bool, took: Duration) {
        match well {
            true => self.arrived.inc(),
            false => self.failed.inc(),
        }
        self.seconds.observe(took.as_secs_f64());
    }

    pub(super) fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.attempts.clone()),
            Box::new(self.given_up.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.waiting.clone()),
        ]
    }
}
