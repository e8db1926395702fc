//! What a member takes along of ratings and comments, and what goes with them.

use playhouse_api::page::Page;
use playhouse_api::reviews as api;
use uuid::Uuid;

use super::super::model::Error;
use super::super::store::{comments, ratings, reports};
use super::{Result, Reviews};
use crate::accounts::Viewer;
use crate::db::{self, Conn};
use crate::ids::{AccountId, CommentId, MovieId};
use crate::page::PageRequest;

impl Reviews {
    /// Removes the ratings, comments and reports of an account that leaves, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, account: &AccountId) -> db::Result<()> {
        ratings::delete_all(conn, account)?;
        reports::delete_all(conn, account)?;
        comments::delete_all(conn, account)
    }

    /// The ratings of an account, in the order of the films' ids.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn own_ratings(
        &self,
        account: AccountId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::OwnRating>> {
        let (fetch, after) = (page.rows_to_fetch(), page.after.map(MovieId::from));
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(ratings::list(conn, &account, after.as_ref(), fetch)?)
            })
            .await?;
        let page = page.page(rows, |row| row.movie_id.uuid());
        Ok(page.map(|row| api::OwnRating {
            movie_id: row.movie_id.uuid(),
            stars: row.stars,
            updated_at: row.updated_at.and_utc(),
        }))
    }

    /// The comments of an account in their order, with the texts of hidden ones: they are theirs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn own_comments(
        &self,
        who: &Viewer,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::Comment>> {
        let (account, author) = (who.id().clone(), who.account.username.clone());
        let (fetch, after) = (page.rows_to_fetch(), page.after.map(CommentId::from));
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(comments::of_account(conn, &account, after.as_ref(), fetch)?)
            })
            .await?;
        let page = page.page(rows, |row| row.id.uuid());
        Ok(page.map(|row| row.view(&author, true)))
    }

    /// The reports that an account has made, in the order of the comments.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn own_reports(
        &self,
        account: AccountId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::OwnReport>> {
        let (fetch, after) = (page.rows_to_fetch(), page.after.map(CommentId::from));
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(reports::of_account(conn, &account, after.as_ref(), fetch)?)
            })
            .await?;
        let page = page.page(rows, |row| row.comment_id.uuid());
        Ok(page.map(|row| api::OwnReport {
            comment_id: row.comment_id.uuid(),
            reason: row.reason,
            created_at: row.created_at.and_utc(),
        }))
    }
}
