//! What is measured of the live connections.

use prometheus::core::Collector;
use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts};

/// The figures of one house; cheap to copy.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) sockets: IntGauge,
    pub(super) rooms: IntGauge,
    /// By close code.
    pub(super) endings: IntCounterVec,
    pub(super) dropped: IntCounter,
}

impl Figures {
    pub(super) fn new() -> prometheus::Result<Self> {
        let endings = Opts::new(
            "playhouse_realtime_endings_total",
            "Live connections that ended, by close code; 3008 are slow readers, 1006 broke.",
        );
        Ok(Self {
            sockets: IntGauge::new("playhouse_realtime_sockets", "Live connections.")?,
            rooms: IntGauge::new("playhouse_realtime_rooms", "Rooms with somebody connected.")?,
            endings: IntCounterVec::new(endings, &["code"])?,
            dropped: IntCounter::new(
                "playhouse_realtime_dropped_frames_total",
                "Frames about typing and presence that slow readers did not get.",
            )?,
        })
    }

    pub(super) fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.sockets.clone()),
            Box::new(self.rooms.clone()),
            Box::new(self.endings.clone()),
            Box::new(self.dropped.clone()),
        ]
    }
}
