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

/// What is made of a film so that it plays everywhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilmsConfig {
    /// Whether films are made into renditions; if not, only the file that was uploaded is served.
    pub transcode: bool,
    /// The best rendition has at most so many lines.
    pub max_height: i32,
    /// Films that are worked on at a time.
    pub workers: usize,
    /// Threads of each encoder; 0 for as many as half the processors.
    pub threads: usize,
    /// The speed of the encoder, in the words of x264.
    pub preset: String,
    /// A rendition that takes longer than so many times the length of the film, and ten minutes, is given up.
    pub patience: i64,
    /// Bytes of address space that ffmpeg may have.
    pub memory_bytes: u64,
    /// Bytes that one rendition may have.
    pub max_bytes: u64,
    /// Films that one account may watch at a time, on all its devices together.
    pub streams: usize,
}

impl Default for FilmsConfig {
    fn default() -> Self {
        Self {
            transcode: true,
            max_height: 1080,
            workers: 1,
            threads: 0,
            preset: "veryfast".to_owned(),
            patience: 20,
            memory_bytes: 8 << 30,
            max_bytes: 256 << 30,
            streams: 4,
        }
    }
}

impl FilmsConfig {
    /// What must hold, each with its sentence.
    pub(super) fn rules(&self) -> Vec<(bool, &'static str)> {
        const PRESETS: [&str; 9] = [
            "ultrafast",
            "superfast",
            "veryfast",
            "faster",
            "fast",
            "medium",
            "slow",
            "slower",
            "veryslow",
        ];
        vec![
            (
                (144..=4320).contains(&self.max_height),
                "films.max_height is from 144 to 4320",
            ),
            (
                (1..=64).contains(&self.workers) && self.threads <= 256,
                "films.workers is from 1 to 64, films.threads at most 256",
            ),
            (
                PRESETS.contains(&self.preset.as_str()),
                "films.preset is one of x264's, from ultrafast to veryslow",
            ),
            (
                self.patience > 0 && self.streams > 0,
                "films.patience and films.streams are above 0",
            ),
            (
                self.memory_bytes >= 1 << 30 && self.max_bytes >= 1 << 20,
                "films.memory_bytes is at least 1 GiB, films.max_bytes at least 1 MiB",
            ),
        ]
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
