//! What files were before: each time one is replaced, its former bytes are kept, up to `drive.keep_versions`.

use super::model::{Content, Entry, Error, IfMatch, Node, Version, VersionRow};
use super::quota;
use super::service::{Act, Drive, Result};
use super::store::{self, RowChanges, versions};
use super::tree;
use crate::blobs;
use crate::db::Conn;
use crate::ids::{AccountId, EntryId, VersionId};

impl Drive {
    /// The kept versions of a file, the latest first. There are at most `drive.keep_versions`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`].
    pub async fn list_versions(&self, owner: AccountId, id: EntryId) -> Result<Vec<Version>> {
        self.db
            .read(move |conn| {
                file_in(conn, &owner, &id)?;
                Ok(versions::list(conn, &id)?)
            })
            .await
    }

    /// One kept version of a file.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`], [`Error::NoVersion`].
    pub async fn get_version(
        &self,
        owner: AccountId,
        id: EntryId,
        version: VersionId,
    ) -> Result<Version> {
        self.db
            .read(move |conn| {
                file_in(conn, &owner, &id)?;
                version_in(conn, &id, &version)
            })
            .await
    }

    /// Makes a kept version the content of the file again; what it was becomes a version in its turn.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`], [`Error::NoVersion`], [`Error::Changed`].
    pub async fn restore_version(
        &self,
        owner: AccountId,
        id: EntryId,
        version: VersionId,
        if_match: IfMatch,
    ) -> Result<Entry> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            let file = file_in(conn, &act.owner, &id)?;
            if_match.check(&file)?;
            let wanted = version_in(conn, &id, &version)?;
            // Its reference passes from the version to the file, and its bytes stay counted.
            versions::delete(conn, std::slice::from_ref(&wanted.row.id))?;
            let content = Content {
                blob_id: wanted.row.blob_id,
                size: wanted.row.size,
                content_type: wanted.row.content_type,
                modified_at: wanted.row.modified_at,
            };
            let freed = replace_in(conn, act, &file, &content)?;
            quota::give_back_in(conn, &act.owner, freed)?;
            Drive::get_in(conn, &act.owner, &id)
        })
        .await
    }

    /// Removes a kept version for good.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`], [`Error::NoVersion`].
    pub async fn delete_version(
        &self,
        owner: AccountId,
        id: EntryId,
        version: VersionId,
    ) -> Result<()> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            file_in(conn, &act.owner, &id)?;
            let version = version_in(conn, &id, &version)?;
            let freed = remove_in(conn, act, &[version])?;
            quota::give_back_in(conn, &act.owner, freed)
        })
        .await?;
        self.jobs.wake();
        Ok(())
    }
}

fn file_in(conn: &mut Conn, owner: &AccountId, id: &EntryId) -> Result<Node> {
    let (node, _) = tree::live_in(conn, owner, id)?;
    if node.is_folder() {
        Err(Error::NotAFile)
    } else {
        Ok(node)
    }
}

fn version_in(conn: &mut Conn, entry: &EntryId, id: &VersionId) -> Result<Version> {
    versions::find(conn, entry, id)?.ok_or(Error::NoVersion)
}

/// Gives a file other bytes, of which it takes over one reference; what it had becomes a version. Answers the bytes
/// that are free because something was not kept: the caller counts them, together with the new ones.
///
/// Bytes that the file has already make no version.
pub(super) fn replace_in(
    conn: &mut Conn,
    act: &Act,
    file: &Node,
    content: &Content,
) -> Result<i64> {
    let changes = RowChanges {
        blob_id: Some(Some(content.blob_id.clone())),
        size: Some(content.size),
        content_type: Some(content.content_type.clone()),
        modified_at: Some(content.modified_at),
        ..RowChanges::default()
    };
    store::update(conn, &file.id, &changes)?;
    let Some(former) = file.blob_id.clone() else {
        return Err(Error::NotAFile);
    };
    if former == content.blob_id {
        blobs::release_in(conn, act.now, &former, 1)?;
        return Ok(file.size);
    }
    let version = VersionRow {
        id: VersionId::generate(),
        account_id: act.owner.clone(),
        entry_id: file.id.clone(),
        blob_id: former,
        size: file.size,
        content_type: file.content_type.clone(),
        modified_at: file.modified_at,
        replaced_at: act.now,
    };
    versions::insert(conn, std::slice::from_ref(&version))?;
    let keep = usize::try_from(act.config.keep_versions).unwrap_or(usize::MAX);
    let mut all = versions::list(conn, &file.id)?;
    let beyond = all.split_off(keep.min(all.len()));
    remove_in(conn, act, &beyond)
}

/// Removes version rows and their references; answers their bytes.
fn remove_in(conn: &mut Conn, act: &Act, rows: &[Version]) -> Result<i64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let ids: Vec<VersionId> = rows.iter().map(|it| it.row.id.clone()).collect();
    versions::delete(conn, &ids)?;
    for version in rows {
        blobs::release_in(conn, act.now, &version.row.blob_id, 1)?;
    }
    Ok(rows.iter().map(|it| it.row.size).sum())
}
