//! What dav-server asks about files: size, times, entity tag.

use std::time::SystemTime;

use dav_server::fs::{DavMetaData, FsResult};

use crate::clock::Time;
use crate::drive::Node;

/// What is known of one entry.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    pub node: Node,
}

fn system(time: Time) -> SystemTime {
    SystemTime::from(time.and_utc())
}

impl DavMetaData for Meta {
    fn len(&self) -> u64 {
        u64::try_from(self.node.size).unwrap_or_default()
    }

    fn modified(&self) -> FsResult<SystemTime> {
        Ok(system(self.node.modified_at))
    }

    fn created(&self) -> FsResult<SystemTime> {
        Ok(system(self.node.created_at))
    }

    fn is_dir(&self) -> bool {
        self.node.is_folder()
    }

    fn etag(&self) -> Option<String> {
        Some(self.node.content_tag())
    }
}
