//! The folder of the drive that the shell is in.

use std::sync::{Arc, Mutex, PoisonError};

use super::path::RemotePath;

/// Shared by the words, which change it, and the completion, which reads it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Here(Arc<Mutex<RemotePath>>);

impl Here {
    pub(crate) fn remote(&self) -> RemotePath {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn go(&self, to: RemotePath) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}
