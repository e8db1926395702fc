//! The types of drives.

use std::ops::Deref;

use playhouse_api::drive as api;
use playhouse_api::uploads::OnConflict;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::refusal::Error;
use crate::clock::Time;
use crate::db::text_enum;
use crate::ids::{AccountId, BlobId, EntryId, VersionId};
use crate::transfers::conditions::tag_of;

text_enum! {
    /// What an entry is.
    pub enum Kind { File = "file", Folder = "folder" }
}

impl From<Kind> for api::EntryKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::File => Self::File,
            Kind::Folder => Self::Folder,
        }
    }
}

/// A row of `drive_entries`.
#[derive(
    Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::db::schema::drive_entries)]
pub struct Row {
    pub id: EntryId,
    pub account_id: AccountId,
    /// None for the root; and for what has left the tree and waits to be removed.
    pub parent_id: Option<EntryId>,
    pub kind: Kind,
    pub name: String,
    pub(super) taken_name: Option<String>,
    pub(super) sort_name: String,
    pub blob_id: Option<BlobId>,
    /// Bytes; 0 for a folder.
    pub size: i64,
    /// Empty for a folder.
    pub content_type: String,
    pub revision: i64,
    pub created_at: Time,
    pub modified_at: Time,
    pub trashed_at: Option<Time>,
}

impl Row {
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    /// Whether it is the root of its drive.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.id.as_str() == self.account_id.as_str()
    }

    /// For `If-Match`: grows stale with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.revision)
    }
}

/// What is known of the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::blobs)]
pub struct Digests {
    /// Lower-case hex; also their name in the storage.
    pub blake3: String,
    /// None until it has been computed.
    pub sha256: Option<String>,
    pub md5: Option<String>,
}

/// A file or folder with what is known of its bytes, but not where it lies.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::drive_entries)]
pub struct Node {
    #[diesel(embed)]
    pub row: Row,
    /// None for a folder.
    #[diesel(embed)]
    pub digests: Option<Digests>,
}

/// A file or folder as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub node: Node,
    /// From the root, `/` between names.
    pub path: String,
}

impl Deref for Node {
    type Target = Row;

    fn deref(&self) -> &Row {
        &self.row
    }
}

impl Deref for Entry {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}

impl Node {
    /// The entity tag of what it holds, without quotes. That of a file is that of every download of it: equal bytes have
    /// equal tags; that of a folder grows stale with every change of the folder itself.
    #[must_use]
    pub fn content_tag(&self) -> String {
        match &self.digests {
            Some(digests) => tag_of(&digests.blake3).to_owned(),
            None => format!("{}-{}", self.id, self.revision),
        }
    }
}

impl Entry {
    /// The entry as the API shows it.
    #[must_use]
    pub fn view(&self) -> api::Entry {
        let digests = self.digests.as_ref();
        api::Entry {
            id: self.id.uuid(),
            parent_id: self.parent_id.as_ref().map(EntryId::uuid),
            name: self.name.clone(),
            path: self.path.clone(),
            kind: self.kind.into(),
            size: self.size,
            content_type: (!self.is_folder()).then(|| self.content_type.clone()),
            blake3: digests.map(|it| it.blake3.clone()),
            sha256: digests.and_then(|it| it.sha256.clone()),
            md5: digests.and_then(|it| it.md5.clone()),
            created_at: self.created_at.and_utc(),
            modified_at: self.modified_at.and_utc(),
            etag: self.etag(),
            deleted_at: self.trashed_at.map(|at| at.and_utc()),
        }
    }
}

/// A row of `drive_versions`: what a file was before.
#[derive(
    Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::db::schema::drive_versions)]
pub struct VersionRow {
    pub id: VersionId,
    pub account_id: AccountId,
    pub entry_id: EntryId,
    pub blob_id: BlobId,
    pub size: i64,
    pub content_type: String,
    pub modified_at: Time,
    pub replaced_at: Time,
}

/// A kept version with what is known of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::drive_versions)]
pub struct Version {
    #[diesel(embed)]
    pub row: VersionRow,
    #[diesel(embed)]
    pub digests: Digests,
}

impl Version {
    /// The version as the API shows it.
    #[must_use]
    pub fn view(&self) -> api::EntryVersion {
        api::EntryVersion {
            id: self.row.id.uuid(),
            size: self.row.size,
            content_type: self.row.content_type.clone(),
            blake3: self.digests.blake3.clone(),
            modified_at: self.row.modified_at.and_utc(),
            replaced_at: self.row.replaced_at.and_utc(),
        }
    }
}

/// The bytes of a file that is to be put into the tree, or a version's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub blob_id: BlobId,
    pub size: i64,
    pub content_type: String,
    pub modified_at: Time,
}

/// The room of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of files, kept versions and trash.
    pub used: i64,
    /// Bytes that open uploads may still add.
    pub reserved: i64,
    pub quota: i64,
}

impl Usage {
    /// Bytes that may still be added.
    #[must_use]
    pub fn free(&self) -> i64 {
        self.quota
            .saturating_sub(self.used)
            .saturating_sub(self.reserved)
            .max(0)
    }
}

/// The key of a page of entries, in the order that it was asked in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKey {
    Name {
        folder: bool,
        name: String,
        id: Uuid,
    },
    Modified {
        at: Time,
        id: Uuid,
    },
    Size {
        size: i64,
        id: Uuid,
    },
}

/// The key of a page of the trash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrashKey {
    pub(super) at: Time,
    pub(super) id: Uuid,
}

/// What the caller believes an entry to be, from `If-Match`: nothing, anything that is there, or one of some tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch {
    header: Option<String>,
    /// Whether the tags are of contents, as downloads and WebDAV name them, or of revisions.
    of_content: bool,
}

impl IfMatch {
    /// The header as it was sent, if it was, with tags of the API: [`Row::etag`].
    #[must_use]
    pub fn new(header: Option<&str>) -> Self {
        Self {
            header: header.map(str::to_owned),
            of_content: false,
        }
    }

    /// The same with tags as downloads have them: [`Node::content_tag`].
    #[must_use]
    pub fn of_content(header: Option<&str>) -> Self {
        Self {
            of_content: true,
            ..Self::new(header)
        }
    }

    /// Compares strongly, as RFC 9110 §13.1.1 asks: a weak tag fits nothing.
    pub(super) fn check(&self, node: &Node) -> Result<(), Error> {
        let Some(list) = &self.header else {
            return Ok(());
        };
        let tag = match self.of_content {
            true => format!("\"{}\"", node.content_tag()),
            false => node.etag(),
        };
        match list.trim() == "*" || list.split(',').any(|one| one.trim() == tag) {
            true => Ok(()),
            false => Err(Error::Changed),
        }
    }
}

/// What somebody wants to change in an entry. None leaves it.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Option<super::Name>,
    pub parent: Option<EntryId>,
    pub on_conflict: OnConflict,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_compares_strongly() {
        let id = EntryId::generate();
        let at = Time::default();
        let row = Row {
            account_id: AccountId::generate(),
            parent_id: Some(id.clone()),
            id,
            kind: Kind::Folder,
            name: String::new(),
            taken_name: None,
            sort_name: String::new(),
            blob_id: None,
            size: 0,
            content_type: String::new(),
            revision: 7,
            created_at: at,
            modified_at: at,
            trashed_at: None,
        };
        let node = Node {
            row,
            digests: Some(Digests {
                blake3: "ab".repeat(32),
                sha256: None,
                md5: None,
            }),
        };
        let fits = |header| IfMatch::new(header).check(&node).is_ok();
        assert!(fits(None));
        assert!(fits(Some("*")));
        assert!(fits(Some("\"1\", \"7\"")));
        assert!(!fits(Some("W/\"7\"")));
        assert!(!fits(Some("7")));
        assert!(!fits(Some("\"77\"")));
        assert!(!fits(Some("")));
        let tag = format!("\"{}\"", node.content_tag());
        let fits = |header| IfMatch::of_content(header).check(&node).is_ok();
        assert!(fits(None) && fits(Some("*")) && fits(Some(&tag)));
        assert!(!fits(Some("\"7\"")) && !fits(Some(&format!("W/{tag}"))));
    }
}
