//! Comments: written, changed, deleted and reported by members.

use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use playhouse_api::reviews as api;
use serde_json::json;
use uuid::Uuid;

use super::super::model::{Comment, Error, Report};
use super::super::store::{comments as store, reports};
use super::{Looker, Result, Reviews};
use crate::accounts::Viewer;
use crate::audit::{self, Actor};
use crate::chat::Chat;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::ids::{CommentId, MovieId};
use crate::page::PageRequest;

/// Characters.
const MAX_TEXT: usize = 2000;
const MAX_REASON: usize = 500;

impl Reviews {
    /// The comments on a film, the newest first; without those of whom the account has blocked, and of locked accounts.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] for one that the account does not see.
    pub async fn list_comments(
        &self,
        who: &Viewer,
        movie: MovieId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<api::Comment>> {
        let who = self.looker(who);
        let (fetch, before) = (page.rows_to_fetch(), page.after.map(CommentId::from));
        let as_admin = who.as_admin;
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| {
                who.film(conn, &movie)?.ok_or(Error::NoSuchFilm)?;
                let unseen = Chat::blocked_by_in(conn, &who.account)?;
                Ok(store::of_film(
                    conn,
                    &movie,
                    &unseen,
                    before.as_ref(),
                    fetch,
                )?)
            })
            .await?;
        let page = page.page(rows, |(row, _)| row.id.uuid());
        Ok(page.map(|(row, author)| row.view(&author, as_admin)))
    }

    /// Writes about a film.
    ///
    /// # Errors
    /// [`Error::NoSuchFilm`] for one that the account does not see, [`Error::Invalid`], [`Error::Throttled`].
    pub async fn comment(&self, who: &Viewer, movie: MovieId, text: &str) -> Result<api::Comment> {
        let body = check_text(text)?;
        let (author, who) = (who.account.username.clone(), self.looker(who));
        self.count(&who)?;
        let row = Comment {
            id: CommentId::generate(),
            movie_id: movie,
            account_id: who.account.clone(),
            body,
            created_at: who.now,
            edited_at: None,
            is_hidden: false,
            reports: 0,
        };
        let view = row.view(&author, true);
        self.db
            .write::<_, Error, _>(move |conn| {
                who.film(conn, &row.movie_id)?.ok_or(Error::NoSuchFilm)?;
                Ok(store::insert(conn, &row)?)
            })
            .await?;
        Ok(view)
    }

    /// Changes an own comment.
    ///
    /// # Errors
    /// [`Error::NoSuchComment`], [`Error::NotYours`], [`Error::Hidden`], [`Error::Invalid`], [`Error::Throttled`].
    pub async fn change_comment(
        &self,
        who: &Viewer,
        id: CommentId,
        text: &str,
    ) -> Result<api::Comment> {
        let body = check_text(text)?;
        let (author, who) = (who.account.username.clone(), self.looker(who));
        self.count(&who)?;
        let row = self
            .db
            .write::<_, Error, _>(move |conn| {
                let row = seen(conn, &who, &id)?;
                if row.account_id != who.account {
                    return Err(Error::NotYours);
                }
                if row.is_hidden {
                    return Err(Error::Hidden);
                }
                if row.body == body {
                    return Ok(row);
                }
                store::set_body(conn, &id, &body, who.now)?;
                store::find(conn, &id)?.ok_or(Error::NoSuchComment)
            })
            .await?;
        Ok(row.view(&author, true))
    }

    /// Removes a comment for good: one's own, or any as an admin, which is noted.
    ///
    /// # Errors
    /// [`Error::NoSuchComment`], [`Error::NotYours`].
    pub async fn delete_comment(&self, who: &Viewer, actor: Actor, id: CommentId) -> Result<()> {
        let who = self.looker(who);
        self.db
            .write(move |conn| {
                let row = seen(conn, &who, &id)?;
                let is_own = row.account_id == who.account;
                if !is_own && !who.as_admin {
                    return Err(Error::NotYours);
                }
                store::delete(conn, &id)?;
                if !is_own {
                    note(conn, &who, &actor, "comment.delete", &row)?;
                }
                Ok(())
            })
            .await
    }

    /// Asks the house to look at a comment. The first report of an account counts; one that is hidden needs none.
    ///
    /// # Errors
    /// [`Error::NoSuchComment`], [`Error::Yours`], [`Error::Invalid`], [`Error::Throttled`].
    pub async fn report(&self, who: &Viewer, id: CommentId, reason: Option<&str>) -> Result<()> {
        let reason = check_reason(reason)?;
        let who = self.looker(who);
        self.count(&who)?;
        let report = Report {
            comment_id: id,
            account_id: who.account.clone(),
            reason,
            created_at: who.now,
        };
        self.db
            .write(move |conn| {
                let row = seen(conn, &who, &report.comment_id)?;
                if row.account_id == who.account {
                    return Err(Error::Yours);
                }
                if row.is_hidden || reports::is_there(conn, &row.id, &who.account)? {
                    return Ok(());
                }
                Ok(reports::insert(conn, &report)?)
            })
            .await
    }
}

/// A comment of one's own, or on a film that one sees.
fn seen(conn: &mut Conn, who: &Looker, id: &CommentId) -> Result<Comment> {
    let row = store::find(conn, id)?.ok_or(Error::NoSuchComment)?;
    if row.account_id != who.account {
        let film = who.film(conn, &row.movie_id)?;
        film.ok_or(Error::NoSuchComment)?;
    }
    Ok(row)
}

/// What an admin did to somebody's comment. Its text is not kept.
pub(super) fn note(
    conn: &mut Conn,
    who: &Looker,
    actor: &Actor,
    action: &str,
    row: &Comment,
) -> Result<()> {
    let detail = json!({"movie_id": row.movie_id.as_str(), "account_id": row.account_id.as_str()});
    let target = row.id.as_str();
    Ok(audit::record(
        conn, who.now, actor, action, target, &detail,
    )?)
}

/// The text as it is kept.
fn check_text(text: &str) -> Result<String> {
    let text = text.trim();
    let mut checks = FieldChecks::default();
    let detail = "text must not be empty.";
    checks.require(!text.is_empty(), "text", FieldCode::Required, detail);
    checks.lines(text, "text", MAX_TEXT);
    checks.finish().map_err(Error::Invalid)?;
    Ok(text.to_owned())
}

fn check_reason(reason: Option<&str>) -> Result<Option<String>> {
    let reason = reason.unwrap_or_default().trim();
    let mut checks = FieldChecks::default();
    checks.line(reason, "reason", MAX_REASON);
    checks.finish().map_err(Error::Invalid)?;
    Ok(Some(reason.to_owned()).filter(|it| !it.is_empty()))
}
