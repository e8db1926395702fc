//! A member's own files.

use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Client, DownloadBytes, Result, answer, read};
use crate::drive::{
    Entry, EntryAt, EntryChanges, EntryQuery, EntryVersion, NewCopy, NewFolder, NewShare,
    RestoreQuery, Share,
};
use crate::page::{Page, PageQuery};
use crate::uploads::OnConflict;

impl Client {
    /// `GET /drive/entries`: a page of a folder, or of what a search finds.
    pub async fn list_entries(&self, query: &EntryQuery) -> Result<Page<Entry>> {
        self.get("drive/entries", query).await
    }

    /// `GET /drive/entry`: what a path names.
    pub async fn entry_at(&self, path: &str) -> Result<Entry> {
        let path = path.to_owned();
        self.get("drive/entry", &EntryAt { path }).await
    }

    /// `GET /drive/entries/{id}`.
    pub async fn entry(&self, id: Uuid) -> Result<Entry> {
        self.get(&format!("drive/entries/{id}"), &()).await
    }

    /// `GET /drive/entries/{id}/content` of a file, from `offset` on. With the `etag` of an earlier part, a file that has
    /// changed since starts again at 0.
    pub async fn open_entry(
        &self,
        id: Uuid,
        offset: u64,
        etag: Option<&str>,
    ) -> Result<DownloadBytes> {
        let url = self.endpoint(&format!("drive/entries/{id}/content"))?;
        self.open_bytes(url, offset, etag).await
    }

    /// `POST /drive/folders`: with the folders above it.
    pub async fn create_folder(&self, path: &str) -> Result<Entry> {
        let path = path.to_owned();
        self.send(Method::POST, "drive/folders", &NewFolder { path })
            .await
    }

    /// `PATCH /drive/entries/{id}`. With `if_match`, the `etag` of the entry as it was read, it is refused when the
    /// entry has changed since.
    pub async fn change_entry(
        &self,
        id: Uuid,
        changes: &EntryChanges,
        if_match: Option<&str>,
    ) -> Result<Entry> {
        let path = format!("drive/entries/{id}");
        self.send_if(Method::PATCH, &path, changes, if_match).await
    }

    /// `POST /drive/entries/{id}/copy`: no bytes are copied.
    pub async fn copy_entry(&self, id: Uuid, copy: &NewCopy) -> Result<Entry> {
        self.send(Method::POST, &format!("drive/entries/{id}/copy"), copy)
            .await
    }

    /// `DELETE /drive/entries/{id}`: into the trash.
    pub async fn trash_entry(&self, id: Uuid, if_match: Option<&str>) -> Result<()> {
        self.act_if(Method::DELETE, &format!("drive/entries/{id}"), if_match)
            .await
    }

    /// `POST /drive/entries/{id}/restore`: out of the trash.
    pub async fn restore_entry(&self, id: Uuid, on_conflict: Option<OnConflict>) -> Result<Entry> {
        let path = format!("drive/entries/{id}/restore");
        let request = self.request(Method::POST, &path)?;
        read(request.query(&RestoreQuery { on_conflict })).await
    }

    /// `GET /drive/trash`: the latest first.
    pub async fn list_trash(&self, query: &PageQuery) -> Result<Page<Entry>> {
        self.get("drive/trash", query).await
    }

    /// `DELETE /drive/trash`: everything in it is gone for good.
    pub async fn empty_trash(&self) -> Result<()> {
        self.act(Method::DELETE, "drive/trash").await
    }

    /// `DELETE /drive/trash/{id}`: one thing in it is gone for good.
    pub async fn purge_entry(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("drive/trash/{id}")).await
    }

    /// `GET /drive/entries/{id}/versions`: what a file was before, the latest first.
    pub async fn list_versions(&self, id: Uuid) -> Result<Page<EntryVersion>> {
        self.get(&format!("drive/entries/{id}/versions"), &()).await
    }

    /// `POST /drive/entries/{id}/versions/{version_id}/restore`.
    pub async fn restore_version(
        &self,
        id: Uuid,
        version: Uuid,
        if_match: Option<&str>,
    ) -> Result<Entry> {
        let path = format!("drive/entries/{id}/versions/{version}/restore");
        let request = self.request(Method::POST, &path)?;
        read(with_match(request, if_match)).await
    }

    /// `DELETE /drive/entries/{id}/versions/{version_id}`.
    pub async fn delete_version(&self, id: Uuid, version: Uuid) -> Result<()> {
        let path = format!("drive/entries/{id}/versions/{version}");
        self.act(Method::DELETE, &path).await
    }

    /// `POST /drive/entries/{id}/shares`: a link for whoever has it.
    pub async fn create_share(&self, id: Uuid, share: &NewShare) -> Result<Share> {
        self.send(Method::POST, &format!("drive/entries/{id}/shares"), share)
            .await
    }

    /// `GET /drive/shares`.
    pub async fn list_shares(&self, query: &PageQuery) -> Result<Page<Share>> {
        self.get("drive/shares", query).await
    }

    /// `DELETE /drive/shares/{id}`: the link works no more.
    pub async fn revoke_share(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("drive/shares/{id}"))
            .await
    }

    async fn send_if<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        if_match: Option<&str>,
    ) -> Result<T> {
        let request = self.request(method, path)?.json(body);
        read(with_match(request, if_match)).await
    }

    async fn act_if(&self, method: Method, path: &str, if_match: Option<&str>) -> Result<()> {
        let request = self.request(method, path)?;
        answer(with_match(request, if_match)).await.map(drop)
    }
}

fn with_match(request: reqwest::RequestBuilder, if_match: Option<&str>) -> reqwest::RequestBuilder {
    match if_match {
        Some(etag) => request.header(IF_MATCH, etag),
        None => request,
    }
}
