//! Ratings, comments and their moderation.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result};
use crate::page::{Page, PageQuery};
use crate::reviews::{
    Comment, CommentQuery, CommentReport, ModeratedComment, NewComment, NewRating, NewReport,
    Rating,
};

impl Client {
    /// `GET /movies/{id}/rating`.
    pub async fn rating(&self, movie: Uuid) -> Result<Rating> {
        self.get(&format!("movies/{movie}/rating"), &()).await
    }

    /// `PUT /movies/{id}/rating`.
    pub async fn rate(&self, movie: Uuid, rating: NewRating) -> Result<()> {
        self.tell(Method::PUT, &format!("movies/{movie}/rating"), &rating)
            .await
    }

    /// `DELETE /movies/{id}/rating`.
    pub async fn take_rating_back(&self, movie: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("movies/{movie}/rating"))
            .await
    }

    /// `GET /movies/{id}/comments`.
    pub async fn list_comments(&self, movie: Uuid, query: &PageQuery) -> Result<Page<Comment>> {
        self.get(&format!("movies/{movie}/comments"), query).await
    }

    /// `POST /movies/{id}/comments`.
    pub async fn comment(&self, movie: Uuid, new: &NewComment) -> Result<Comment> {
        self.send(Method::POST, &format!("movies/{movie}/comments"), new)
            .await
    }

    /// `PATCH /comments/{id}`.
    pub async fn change_comment(&self, id: Uuid, text: &NewComment) -> Result<Comment> {
        self.send(Method::PATCH, &format!("comments/{id}"), text)
            .await
    }

    /// `DELETE /comments/{id}`.
    pub async fn delete_comment(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("comments/{id}")).await
    }

    /// `POST /comments/{id}/report`.
    pub async fn report_comment(&self, id: Uuid, report: &NewReport) -> Result<()> {
        self.tell(Method::POST, &format!("comments/{id}/report"), report)
            .await
    }

    /// `GET /admin/comments`.
    pub async fn moderated_comments(&self, query: &CommentQuery) -> Result<Page<ModeratedComment>> {
        self.get("admin/comments", query).await
    }

    /// `GET /admin/comments/{id}/reports`.
    pub async fn comment_reports(
        &self,
        id: Uuid,
        query: &PageQuery,
    ) -> Result<Page<CommentReport>> {
        self.get(&format!("admin/comments/{id}/reports"), query)
            .await
    }

    /// `POST /admin/comments/{id}/hide`.
    pub async fn hide_comment(&self, id: Uuid) -> Result<()> {
        self.act(Method::POST, &format!("admin/comments/{id}/hide"))
            .await
    }

    /// `POST /admin/comments/{id}/show`: its reports are closed.
    pub async fn show_comment(&self, id: Uuid) -> Result<()> {
        self.act(Method::POST, &format!("admin/comments/{id}/show"))
            .await
    }
}
