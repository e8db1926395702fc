//! The bytes of a blob, wherever they are, to be read at any place by any number of readers.

use std::fs::File;
use std::sync::Arc;

/// Bytes that can be read; cheap to copy.
#[derive(Clone, Debug)]
pub enum Content {
    /// An open file of this machine; only read with positions, so it can be shared.
    File(Arc<File>),
}

impl From<File> for Content {
    fn from(file: File) -> Self {
        Self::File(Arc::new(file))
    }
}
