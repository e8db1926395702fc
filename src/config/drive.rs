//! What an operator may set of drives.

use serde::{Deserialize, Serialize};

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
        }
    }
}

impl DriveConfig {
    /// What must hold, and the sentence for whoever breaks it.
    pub(super) fn rules(&self) -> [(bool, &'static str); 2] {
        [
            (
                self.quota_bytes >= 0 && self.vip_quota_bytes >= 0,
                "drive.quota_bytes and drive.vip_quota_bytes are at least 0",
            ),
            (
                self.keep_versions <= 100,
                "drive.keep_versions is at most 100",
            ),
        ]
    }
}
