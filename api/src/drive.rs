//! A member's own files: the tree, its trash, kept versions and shares.
//!
//! Paths begin at the root of the drive, with `/` between names; `/` is the root itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Query of `GET /drive/entries`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct EntryQuery {
    /// The folder; the root when neither this nor `parent_id` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The folder, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Uuid>,
    /// Instead of a folder's children: whatever has this in its name, in the whole drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// The order; by name, folders first, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub sort: Option<EntrySort>,
    /// `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// At most this many items; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Query of `GET /drive/entry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct EntryAt {
    /// From the root, for example `/Papers/a.pdf`.
    pub path: String,
}

/// Query of `POST /drive/entries/{id}/restore`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct RestoreQuery {
    /// What to do when the name is taken meanwhile; `fail` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub on_conflict: Option<crate::uploads::OnConflict>,
}

/// The order of a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EntrySort {
    /// Folders first, each by name, without regard to case.
    #[default]
    Name,
    /// The newest first.
    Modified,
    /// The largest first.
    Size,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EntryKind {
    File,
    Folder,
}

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    pub id: Uuid,
    /// The folder that it is in; null for the root.
    pub parent_id: Option<Uuid>,
    /// Empty for the root.
    pub name: String,
    /// From the root, for example `/Papers/a.pdf`. In the trash: where it was.
    pub path: String,
    pub kind: EntryKind,
    /// Bytes of a file; 0 for a folder.
    pub size: i64,
    /// Media type of a file; null for a folder.
    pub content_type: Option<String>,
    /// Lower-case hex; null for a folder.
    pub blake3: Option<String>,
    /// Null until it has been computed.
    pub sha256: Option<String>,
    /// Null until it has been computed.
    pub md5: Option<String>,
    pub created_at: DateTime<Utc>,
    pub modified_at: DateTime<Utc>,
    /// For `If-Match` on changes; it grows stale with every change. The content has an entity tag of its own.
    pub etag: String,
    /// When it was thrown away.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Body of `POST /drive/folders`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFolder {
    /// Folders above it are made as needed.
    pub path: String,
}

/// Body of `PATCH /drive/entries/{id}`: a new name, another folder, or both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryChanges {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Uuid>,
    /// What to do when the name is taken; `fail` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_conflict: Option<crate::uploads::OnConflict>,
}

/// Body of `POST /drive/entries/{id}/copy`. No bytes are copied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCopy {
    pub parent_id: Uuid,
    /// The name it has when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What to do when the name is taken; `fail` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_conflict: Option<crate::uploads::OnConflict>,
}

/// Query of `GET /drive/entries/{id}/content`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct ContentQuery {
    /// `1` to show a picture, film, sound, PDF or plain text in the browser, in a sandbox. Everything else is saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub inline: Option<Flag>,
}

/// Yes or no in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Flag {
    #[serde(rename = "0")]
    No,
    #[serde(rename = "1")]
    Yes,
}

/// What a file was before it was replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryVersion {
    pub id: Uuid,
    /// Bytes.
    pub size: i64,
    pub content_type: String,
    /// Lower-case hex.
    pub blake3: String,
    pub modified_at: DateTime<Utc>,
    pub replaced_at: DateTime<Utc>,
}

/// Body of `POST /drive/entries/{id}/shares`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewShare {
    /// Who opens the link has to know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<crate::Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Downloads that the link is good for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_uses: Option<i64>,
}

/// What a visitor of a share sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedView {
    #[serde(flatten)]
    pub entry: SharedEntry,
    pub has_password: bool,
    pub expires_at: Option<DateTime<Utc>>,
    /// Downloads that are left; null without a limit.
    pub uses_left: Option<i64>,
    /// What is in a folder: folders first, by name. Empty for a file.
    pub items: Vec<SharedEntry>,
    pub next_cursor: Option<String>,
}

/// A file or folder as a visitor of a share sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedEntry {
    pub name: String,
    /// From the shared entry, which is `/`.
    pub path: String,
    pub kind: EntryKind,
    /// Bytes of a file; 0 for a folder.
    pub size: i64,
    /// Media type of a file; null for a folder.
    pub content_type: Option<String>,
    /// Lower-case hex; null for a folder.
    pub blake3: Option<String>,
    /// Null until it has been computed.
    pub sha256: Option<String>,
    pub modified_at: DateTime<Utc>,
    /// This view of it.
    pub url: String,
    /// Its bytes: the file, or an archive of the folder.
    pub content_url: String,
}

/// A link that gives a file or a folder to whoever has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    pub id: Uuid,
    /// The page of the share, `/s/{token}` at this house.
    pub url: String,
    pub entry: Entry,
    pub has_password: bool,
    pub expires_at: Option<DateTime<Utc>>,
    pub max_uses: Option<i64>,
    pub uses: i64,
    pub created_at: DateTime<Utc>,
}
