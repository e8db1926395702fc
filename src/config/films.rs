//! Films on their way in and out.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoviesConfig {
    /// Whether the file that was uploaded is kept.
    pub keep_original: bool,
    /// Minutes that a playback address works; the player renews it.
    pub playback_minutes: i64,
    pub ffmpeg: PathBuf,
    pub ffprobe: PathBuf,
}

impl Default for MoviesConfig {
    fn default() -> Self {
        Self {
            keep_original: true,
            playback_minutes: 240,
            ffmpeg: "ffmpeg".into(),
            ffprobe: "ffprobe".into(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UploadsConfig {
    pub max_bytes: i64,
    /// Hours after its last byte that an unfinished upload is kept.
    pub expire_hours: i64,
    /// Bytes that an upload may run ahead of its last durable offset.
    pub checkpoint_bytes: u64,
    /// Uploads that an account may have open at a time.
    pub max_open: i64,
    /// Bytes that uploads leave free on the disk of `storage.url`.
    pub min_free_bytes: u64,
    /// Seconds without a byte after which a PATCH is ended; what arrived stays.
    pub stall_seconds: u64,
}

impl Default for UploadsConfig {
    fn default() -> Self {
        Self {
            max_bytes: 256 << 30,
            expire_hours: 48,
            checkpoint_bytes: 32 << 20,
            max_open: 100,
            min_free_bytes: 256 << 20,
            stall_seconds: 60,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DownloadsConfig {
    /// What a member without VIP waits for a free film.
    pub wait_seconds: i64,
    /// Hours that a ticket works.
    pub ticket_hours: i64,
}

impl Default for DownloadsConfig {
    fn default() -> Self {
        Self {
            wait_seconds: 30,
            ticket_hours: 24,
        }
    }
}
