//! Announcements and read marks.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result};
use crate::notices::{NewNotice, Notice, NoticeChanges, NoticeQuery, ReadUpTo};
use crate::page::Page;

impl Client {
    /// `GET /notices`.
    pub async fn list_notices(&self, query: &NoticeQuery) -> Result<Page<Notice>> {
        self.get("notices", query).await
    }

    /// `POST /notices`.
    pub async fn publish_notice(&self, notice: &NewNotice) -> Result<Notice> {
        self.send(Method::POST, "notices", notice).await
    }

    /// `PATCH /notices/{id}`.
    pub async fn change_notice(&self, id: Uuid, changes: &NoticeChanges) -> Result<Notice> {
        self.send(Method::PATCH, &format!("notices/{id}"), changes)
            .await
    }

    /// `DELETE /notices/{id}`.
    pub async fn delete_notice(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("notices/{id}")).await
    }

    /// `PUT /notices/read`.
    pub async fn mark_notices_read(&self, up_to: ReadUpTo) -> Result<()> {
        self.tell(Method::PUT, "notices/read", &up_to).await
    }
}
