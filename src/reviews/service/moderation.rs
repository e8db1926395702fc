//! What admins do with comments.

use playhouse_api::page::Page;
use playhouse_api::reviews as api;
use uuid::Uuid;

use super::super::model::{Comment, Error, State, person};
use super::super::store::{comments as store, reports};
use super::comments::note;
use super::{Looker, Result, Reviews};
use crate::accounts::Admin;
use crate::db::Conn;
use crate::ids::{AccountId, CommentId};
use crate::page::PageRequest;

impl Reviews {
    /// Comments with their films and how often they were reported, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_moderated(
        &self,
        state: api::CommentState,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::ModeratedComment>> {
        let (fetch, before) = (page.rows_to_fetch(), page.after.map(CommentId::from));
        let state = State::from(state);
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::list(conn, state, before.as_ref(), fetch)?))
            .await?;
        let page = page.page(rows, |(row, ..)| row.id.uuid());
        Ok(page.map(|(row, author, title)| api::ModeratedComment {
            comment: row.view(&author, true),
            movie: api::CommentedMovie {
                id: row.movie_id.uuid(),
                title,
            },
            reports: row.reports,
        }))
    }

    /// Who has reported a comment, and why.
    ///
    /// # Errors
    /// [`Error::NoSuchComment`].
    pub async fn list_reports(
        &self,
        id: CommentId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::CommentReport>> {
        let (fetch, after) = (page.rows_to_fetch(), page.after.map(AccountId::from));
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                store::find(conn, &id)?.ok_or(Error::NoSuchComment)?;
                Ok(reports::list(conn, &id, after.as_ref(), fetch)?)
            })
            .await?;
        let page = page.page(rows, |(row, _)| row.account_id.uuid());
        Ok(page.map(|(row, username)| api::CommentReport {
            account: person(&row.account_id, &username),
            reason: row.reason,
            created_at: row.created_at.and_utc(),
        }))
    }

    /// Hides a comment from members.
    ///
    /// # Errors
    /// [`Error::NoSuchComment`].
    pub async fn hide(&self, admin: Admin, id: CommentId) -> Result<()> {
        let change = |conn: &mut Conn, row: &Comment| {
            if !row.is_hidden {
                store::set_hidden(conn, &row.id, true)?;
            }
            Ok(!row.is_hidden)
        };
        self.moderate(admin, id, "comment.hide", change).await
    }

    /// Shows a comment, hidden or reported: its reports are closed.
    ///
    /// # Errors
    /// [`Error::NoSuchComment`].
    pub async fn show(&self, admin: Admin, id: CommentId) -> Result<()> {
        let change = |conn: &mut Conn, row: &Comment| {
            if row.is_hidden {
                store::set_hidden(conn, &row.id, false)?;
            }
            if row.reports > 0 {
                reports::close(conn, &row.id)?;
            }
            Ok(row.is_hidden || row.reports > 0)
        };
        self.moderate(admin, id, "comment.show", change).await
    }

    /// Does what `change` does, and notes it if it says that anything has changed.
    async fn moderate(
        &self,
        admin: Admin,
        id: CommentId,
        action: &'static str,
        change: fn(&mut Conn, &Comment) -> Result<bool>,
    ) -> Result<()> {
        let who: Looker = self.looker(&admin.viewer);
        self.db
            .write(move |conn| {
                let row = store::find(conn, &id)?.ok_or(Error::NoSuchComment)?;
                match change(conn, &row)? {
                    true => note(conn, &who, &admin.actor, action, &row),
                    false => Ok(()),
                }
            })
            .await
    }
}
