//! The recorder behind `/metrics`, one for the process.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Upper bounds in seconds of the buckets of the request histogram.
const SECONDS: &[f64] = &[
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// A handle to what has been measured.
#[derive(Clone, Debug)]
pub struct Metrics {
    handle: Option<PrometheusHandle>,
}

impl Metrics {
    /// Installs the recorder, the first time.
    #[must_use]
    pub fn install() -> Self {
        let handle = HANDLE.get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS);
            builder
                .and_then(PrometheusBuilder::install_recorder)
                .inspect_err(|error| {
                    tracing::error!(%error, "there will be no metrics");
                })
                .ok()
        });
        Self {
            handle: handle.clone(),
        }
    }

    /// Sums up what has been recorded since the last time. Without it, samples pile up where nobody reads `/metrics`.
    pub fn upkeep(&self) {
        if let Some(handle) = &self.handle {
            handle.run_upkeep();
        }
    }

    /// The Prometheus text format.
    #[must_use]
    pub fn render(&self) -> Option<String> {
        let handle = self.handle.as_ref()?;
        handle.run_upkeep();
        Some(handle.render())
    }
}
