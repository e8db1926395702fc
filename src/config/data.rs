//! Where rows and bytes are, how many fit, and how long what was deleted stays.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:FILE` (below the data folder) or `postgres://...`.
    pub url: String,
    /// Threads that read.
    pub readers: u32,
    /// Threads that write, on PostgreSQL; SQLite has one.
    pub writers: u32,
    /// Jobs that may wait for a thread; one more is answered 503.
    pub queue: usize,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:playhouse.db".to_owned(),
            readers: 2,
            writers: 4,
            queue: 1024,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DriveConfig {
    pub quota_bytes: i64,
    pub vip_quota_bytes: i64,
    /// Bytes a second that a member's drive gives out, over all its downloads and shares together; no limit when 0.
    pub download_bytes_per_second: u64,
    /// The same for a VIP's drive.
    pub vip_download_bytes_per_second: u64,
    /// The same for an admin's drive.
    pub admin_download_bytes_per_second: u64,
    /// Earlier contents that are kept of a file when it is replaced; at most 100.
    pub keep_versions: u32,
    /// Whether the drives can be reached over WebDAV, at `/dav/`.
    pub webdav: bool,
}

impl Default for DriveConfig {
    fn default() -> Self {
        Self {
            quota_bytes: 5 << 30,
            vip_quota_bytes: 50 << 30,
            download_bytes_per_second: 0,
            vip_download_bytes_per_second: 0,
            admin_download_bytes_per_second: 0,
            keep_versions: 5,
            webdav: true,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrashConfig {
    /// Days that a deleted film, file or folder can be restored.
    pub days: i64,
}

impl Default for TrashConfig {
    fn default() -> Self {
        Self { days: 30 }
    }
}
