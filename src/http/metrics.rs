//! What the house counts of its requests, for Prometheus and for its admins.
//!
//! Buckets and counters are plain atomics: what is measured takes the same memory however much there is of it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, IntCounterVec, Opts, Registry, TextEncoder};

use super::recent::{Minute, Recent};

/// Upper bounds in seconds of the buckets of the request histogram.
const SECONDS: &[f64] = &[
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The counters of one house; cheap to copy.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: Histogram,
    recent: Arc<Recent>,
}

impl Metrics {
    /// # Errors
    /// When two counters have one name.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let requests = Opts::new("playhouse_http_requests_total", "Requests answered.");
        let requests = IntCounterVec::new(requests, &["method", "route", "status"])?;
        let seconds = HistogramOpts::new(
            "playhouse_http_request_seconds",
            "From the head of a request to the head of its answer.",
        );
        let seconds = Histogram::with_opts(seconds.buckets(SECONDS.to_vec()))?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self {
            registry,
            requests,
            seconds,
            recent: Arc::default(),
        })
    }

    /// Shows what a slice measures itself.
    ///
    /// # Errors
    /// When a counter of this name is there already.
    pub fn add(&self, measured: Vec<Box<dyn Collector>>) -> prometheus::Result<()> {
        measured
            .into_iter()
            .try_for_each(|it| self.registry.register(it))
    }

    /// One request more. `route` is the pattern of its address, not the address.
    pub(super) fn count_request(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
    ) {
        let labels = [name_of(method), route, status.as_str()];
        self.requests.with_label_values(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
        self.recent.count(status.is_server_error());
    }

    /// The last minutes, the earliest first, and how many seconds of the last one are over.
    #[must_use]
    pub fn recent(&self) -> (Vec<Minute>, u64) {
        self.recent.last()
    }

    /// The text format of Prometheus.
    ///
    /// # Errors
    /// When a family of counters is not whole.
    pub fn render(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// The methods of HTTP and WebDAV; a client may make up any number of others.
fn name_of(method: &Method) -> &str {
    const KNOWN: [&str; 16] = [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "COPY",
        "LOCK",
        "MKCOL",
        "MOVE",
        "PROPFIND",
        "PROPPATCH",
        "UNLOCK",
    ];
    let name = method.as_str();
    if KNOWN.contains(&name) { name } else { "other" }
}
