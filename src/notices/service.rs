//! The rules of notices, and the transactions that keep them.

use std::sync::Arc;

use playhouse_api::events::Event;
use playhouse_api::notices as api;
use playhouse_api::page::Page;
use playhouse_api::problem::FieldCode;
use playhouse_api::webhooks::{Happening, NoticeFacts};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::json;

use super::markdown;
use super::model::{Error, Notice, NoticeKey, Reader};
use super::store::{self, Changes};
use crate::accounts::Admin;
use crate::audit::{self, Actor};
use crate::clock::{Clock, Time};
use crate::db::{self, Conn, Db};
use crate::error::FieldChecks;
use crate::events::{Audience, Events};
use crate::ids::{AccountId, NoticeId};
use crate::page::PageRequest;

type Result<T> = std::result::Result<T, Error>;

const MAX_TITLE: usize = 200;
const MAX_BODY: usize = 64 * 1024;
/// Rendered notices that are expected to be kept in memory, and the bytes of them that are.
const RENDERED: usize = 256;
const MAX_RENDERED: u64 = 4 << 20;

/// Bytes that a rendered notice takes.
#[derive(Clone)]
struct Bulk;

impl Weighter<(NoticeId, Time), Arc<str>> for Bulk {
    fn weight(&self, _: &(NoticeId, Time), html: &Arc<str>) -> u64 {
        html.len() as u64 + 100
    }
}

/// The notices of the house; cheap to copy.
#[derive(Clone)]
pub struct Notices {
    db: Db,
    clock: Clock,
    events: Events,
    /// By id and time of change, so an edit is a new key.
    rendered: Arc<Cache<(NoticeId, Time), Arc<str>, Bulk>>,
}

impl Notices {
    #[must_use]
    pub fn new(db: Db, clock: Clock, events: Events) -> Self {
        let rendered = Arc::new(Cache::with_weighter(RENDERED, MAX_RENDERED, Bulk));
        Self {
            db,
            clock,
            events,
            rendered,
        }
    }

    /// Pinned notices first, then the newest; only those newer than `newer_than`, if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        reader: Reader,
        newer_than: Option<NoticeId>,
        page: PageRequest<NoticeKey>,
    ) -> Result<Page<api::Notice>> {
        let (fetch, after) = (page.rows_to_fetch(), page.after.clone());
        let (account, joined_at) = (reader.account, reader.joined_at);
        let (rows, mark) = self
            .db
            .read::<_, Error, _>(move |conn| {
                let rows = store::list(conn, newer_than.as_ref(), after.as_ref(), fetch)?;
                Ok((rows, store::find_mark(conn, &account)?))
            })
            .await?;
        let key = |row: &Notice| NoticeKey {
            pinned: row.pinned,
            id: row.id.uuid(),
        };
        Ok(page.page(rows, key).map(|row| {
            let is_old = row.created_at < joined_at;
            let read = is_old || mark.as_ref().is_some_and(|mark| row.id <= *mark);
            self.view(row, read)
        }))
    }

    /// The newest notices, as somebody sees them who has read none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_newest(&self, limit: i64) -> Result<Vec<api::Notice>> {
        let rows = self
            .db
            .read::<_, Error, _>(move |conn| Ok(store::list_newest(conn, limit)?))
            .await?;
        Ok(rows.into_iter().map(|row| self.view(row, false)).collect())
    }

    /// Publishes a notice and pushes it to everybody who is connected.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn publish(&self, admin: Admin, new: api::NewNotice) -> Result<api::Notice> {
        check(Some(&new.title), Some(&new.body))?;
        let now = self.clock.now();
        let row = Notice {
            id: NoticeId::generate(),
            title: new.title,
            body: new.body,
            pinned: new.pinned.unwrap_or(false),
            author: admin.viewer.account.username.clone(),
            created_at: now,
            updated_at: now,
        };
        let (inserted, events) = (row.clone(), self.events.clone());
        self.db
            .write::<_, Error, _>(move |conn| {
                store::insert(conn, &inserted)?;
                events.tell_in(conn, now, &published(&inserted))?;
                note(conn, now, &admin.actor, "notice.publish", &inserted)
            })
            .await?;
        self.events.committed();
        Ok(self.tell(row))
    }

    /// Changes a notice. A new title or body also changes the time of change.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`].
    pub async fn change(
        &self,
        admin: Admin,
        id: NoticeId,
        asked: api::NoticeChanges,
    ) -> Result<api::Notice> {
        check(asked.title.as_deref(), asked.body.as_deref())?;
        let now = self.clock.now();
        let is_edit = asked.title.is_some() || asked.body.is_some();
        let is_change = is_edit || asked.pinned.is_some();
        let changes = Changes {
            title: asked.title,
            body: asked.body,
            pinned: asked.pinned,
            updated_at: is_edit.then_some(now),
        };
        let row = self
            .db
            .write::<_, Error, _>(move |conn| {
                let before = store::find(conn, &id)?.ok_or(Error::NotFound)?;
                if !is_change {
                    return Ok(before);
                }
                store::update(conn, &id, &changes)?;
                let row = store::find(conn, &id)?.ok_or(Error::NotFound)?;
                note(conn, now, &admin.actor, "notice.change", &row)?;
                Ok(row)
            })
            .await?;
        Ok(if is_change {
            self.tell(row)
        } else {
            self.view(row, false)
        })
    }

    /// Takes a notice back.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete(&self, admin: Admin, id: NoticeId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write::<_, Error, _>(move |conn| {
                let row = store::find(conn, &id)?.ok_or(Error::NotFound)?;
                store::delete(conn, &id)?;
                note(conn, now, &admin.actor, "notice.delete", &row)
            })
            .await
    }

    /// Marks a notice and all before it as read. A mark that is further already stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such notice.
    pub async fn mark_read(&self, reader: AccountId, up_to: NoticeId) -> Result<()> {
        self.db
            .write_relaxed::<_, Error, _>(move |conn| {
                store::find(conn, &up_to)?.ok_or(Error::NotFound)?;
                match store::find_mark(conn, &reader)? {
                    Some(mark) if mark >= up_to => Ok(()),
                    _ => Ok(store::put_mark(conn, &reader, &up_to)?),
                }
            })
            .await
    }

    /// The last notice that somebody has read, if any.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read_up_to(&self, reader: AccountId) -> Result<Option<NoticeId>> {
        self.db
            .read::<_, Error, _>(move |conn| Ok(store::find_mark(conn, &reader)?))
            .await
    }

    /// Removes the mark of an account that leaves, in the caller's transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_in(conn: &mut Conn, account: &AccountId) -> db::Result<()> {
        store::delete_mark(conn, account)
    }

    /// Puts another name under what somebody has written.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rename_author_in(conn: &mut Conn, from: &str, to: &str) -> db::Result<()> {
        store::rename_author(conn, from, to)
    }

    /// How many notices somebody has not read, of those published since they joined. For use in a read or a transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unread_in(conn: &mut Conn, reader: &Reader) -> db::Result<i64> {
        let mark = store::find_mark(conn, &reader.account)?;
        store::count_newer(conn, reader.joined_at, mark.as_ref())
    }

    /// Pushes a notice to everybody. Those who get it have not read it as it is now.
    fn tell(&self, row: Notice) -> api::Notice {
        let notice = self.view(row, false);
        self.events
            .push(Audience::Everyone, Event::Notice(notice.clone()));
        notice
    }

    fn view(&self, row: Notice, read: bool) -> api::Notice {
        let key = (row.id.clone(), row.updated_at);
        let html = self.rendered.get(&key).unwrap_or_else(|| {
            let html: Arc<str> = markdown::render(&row.body).into();
            self.rendered.insert(key, Arc::clone(&html));
            html
        });
        api::Notice {
            id: row.id.uuid(),
            title: row.title,
            body: row.body,
            body_html: html.to_string(),
            pinned: row.pinned,
            read,
            author: row.author,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        }
    }
}

fn check(title: Option<&str>, body: Option<&str>) -> Result<()> {
    let mut checks = FieldChecks::default();
    if let Some(title) = title {
        checks.required_line(title, "title", MAX_TITLE);
    }
    if let Some(body) = body {
        checks.text(body, "body", MAX_BODY);
        let is_blank = body.trim().is_empty();
        checks.require(
            !is_blank,
            "body",
            FieldCode::Required,
            "body must not be empty.",
        );
        let is_readable = body.len() > MAX_BODY || !markdown::is_too_deep(body);
        let detail = format!(
            "body nests quotes, lists and emphasis more than {} deep.",
            markdown::MAX_DEPTH
        );
        checks.require(is_readable, "body", FieldCode::OutOfRange, &detail);
    }
    checks.finish().map_err(Error::Invalid)
}

/// What others are told of a new notice.
fn published(row: &Notice) -> Happening {
    Happening::NoticePublished(NoticeFacts {
        id: row.id.uuid(),
        title: row.title.clone(),
        pinned: row.pinned,
    })
}

fn note(conn: &mut Conn, now: Time, actor: &Actor, action: &str, row: &Notice) -> Result<()> {
    let detail = json!({"title": row.title, "pinned": row.pinned});
    Ok(audit::record(
        conn,
        now,
        actor,
        action,
        row.id.as_str(),
        &detail,
    )?)
}
