//! The types of uploads.

use std::path::PathBuf;

use playhouse_api::uploads as api;
use uuid::Uuid;

use super::destination::Target;
pub use super::refusal::Error;
use crate::clock::Time;
use crate::db::text_enum;
use crate::events::EndReason;
use crate::ids::{AccountId, UploadId};

text_enum! {
    /// What an upload is for.
    pub enum Purpose { Movie = "movie", Drive = "drive" }
}

text_enum! {
    /// What an upload is to its file: the file itself, which arrives in pieces; a part of one; what parts are joined
    /// to; or the file as the body of one request, which nobody can go on with.
    pub enum Kind { Whole = "whole", Partial = "partial", Final = "final", Direct = "direct" }
}

text_enum! {
    /// How an upload stands. Only a complete one can be used, and only once.
    pub enum State { Receiving = "receiving", Complete = "complete", Used = "used" }
}

impl From<api::Purpose> for Purpose {
    fn from(purpose: api::Purpose) -> Self {
        match purpose {
            api::Purpose::Movie => Self::Movie,
            api::Purpose::Drive => Self::Drive,
        }
    }
}

impl From<Purpose> for api::Purpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Movie => Self::Movie,
            Purpose::Drive => Self::Drive,
        }
    }
}

/// A row of `uploads`.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::db::schema::uploads)]
pub struct Upload {
    pub id: UploadId,
    pub account_id: AccountId,
    pub purpose: Purpose,
    pub kind: Kind,
    pub file_name: String,
    pub content_type: String,
    /// `Upload-Metadata` as it was sent.
    pub metadata: String,
    /// None until the client has said it.
    pub size: Option<i64>,
    pub acknowledged: i64,
    pub state: State,
    pub blake3: Option<String>,
    pub fingerprint: Option<String>,
    pub target_path: Option<String>,
    pub on_conflict: Option<String>,
    pub modified_at: Option<Time>,
    /// Bytes of the owner's quota that it holds.
    pub reserved: i64,
    /// The entry of the drive that it became.
    pub entry_id: Option<String>,
    /// Of a final upload: `Upload-Concat` as it was sent.
    pub concat: Option<String>,
    /// The staging file, when it is not the upload's own.
    pub file_id: Option<UploadId>,
    /// Of a part that is written straight into place: what its client calls the file.
    pub part_of: Option<String>,
    /// Where such a part begins in the file.
    pub part_offset: Option<i64>,
    /// The final upload that has this part.
    pub final_id: Option<UploadId>,
    pub part_number: Option<i32>,
    pub created_at: Time,
    pub updated_at: Time,
    pub expires_at: Time,
    /// What it shall replace, as `If-Match` names it.
    pub if_match: Option<String>,
}

impl Upload {
    /// Whether every byte is acknowledged.
    pub(super) fn is_full(&self) -> bool {
        self.size == Some(self.acknowledged)
    }

    /// Whether it should have gone further by itself: all bytes are there, and it is not where it belongs.
    pub(super) fn is_due(&self) -> bool {
        match (self.kind, self.state) {
            (_, State::Used) => false,
            (Kind::Final, State::Receiving) => true,
            (_, State::Receiving) => self.is_full(),
            (kind, State::Complete) => self.purpose == Purpose::Drive && kind != Kind::Partial,
        }
    }

    /// The name of its staging file.
    pub(super) fn file(&self) -> &UploadId {
        self.file_id.as_ref().unwrap_or(&self.id)
    }

    /// Where the file shall be, if it is one of the drive and not just a part of one.
    pub(super) fn target(&self) -> Option<Target> {
        let path = self.target_path.clone()?;
        let on_conflict = self.on_conflict.as_deref();
        Some(Target {
            path,
            on_conflict: on_conflict
                .and_then(api::OnConflict::parse)
                .unwrap_or_default(),
            modified_at: self.modified_at,
            if_match: self.if_match.clone(),
        })
    }

    /// The entry that it became.
    pub(super) fn entry(&self) -> Option<Uuid> {
        let entry = self.entry_id.as_deref()?;
        Uuid::parse_str(entry).ok()
    }
}

/// A file that arrived whole and waits to be used.
#[derive(Clone, Debug)]
pub struct CompletedUpload {
    pub id: UploadId,
    /// Where the bytes are. They do not change any more.
    pub path: PathBuf,
    pub size: i64,
    /// Lower-case hex.
    pub blake3: String,
    /// Lower-case hex; see `playhouse_api::fingerprint`.
    pub fingerprint: String,
    /// For people; not a path.
    pub file_name: String,
    /// What the client said it is, or what the name suggests.
    pub content_type: String,
}

/// Where an upload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// None for a final upload whose parts are not joined yet.
    pub offset: Option<i64>,
    /// Whether nothing more is to come.
    pub is_full: bool,
    pub expires_at: Time,
    /// The entry of the drive that it became.
    pub entry: Option<Uuid>,
    /// Whether that is new, as far as this request did it.
    pub is_new: bool,
}

impl From<&Upload> for Standing {
    fn from(upload: &Upload) -> Self {
        Self {
            offset: Some(upload.acknowledged)
                .filter(|_| upload.kind != Kind::Final || upload.state != State::Receiving),
            is_full: upload.is_full(),
            expires_at: upload.expires_at,
            entry: upload.entry(),
            is_new: false,
        }
    }
}

/// Why a request that writes is ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Another request goes on with the upload.
    Preempted,
    AccessEnded(EndReason),
    Deleted,
    /// The server stops.
    Pausing,
}
