//! Uploads that are under way, so that the same command goes on after a kill.
//!
//! One file in the folder `uploads` of the configuration for each server and fingerprint: the name
//! of the local file may change, its content may not. The file is written as soon as the server
//! has given the upload an id, and deleted when the film is published or cannot be.

use playhouse_cli_support::Session;
use playhouse_cli_support::resume::StateFile;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An upload under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Unfinished {
    /// For people who look into the folder.
    pub(super) path: PathBuf,
    /// Bytes of the file that it is for.
    pub(super) size: u64,
    pub(super) upload_id: Uuid,
    /// The server was told to publish it; whether it heard that is not known.
    pub(super) publishing: bool,
}

impl Unfinished {
    pub(super) fn new(path: &Path, size: u64, upload_id: Uuid) -> Self {
        Self {
            path: path.to_owned(),
            size,
            upload_id,
            publishing: false,
        }
    }
}

/// Where the upload of a film with this fingerprint is kept.
pub(super) fn state_file(session: &Session, fingerprint: &str) -> StateFile {
    let server = session.client.base_url();
    StateFile::new(&session.config, "uploads", server, fingerprint)
}
