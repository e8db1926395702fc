//! The audit log: every action of an admin, written in the transaction that does it.
//!
//! It keeps names beside ids. Nothing here is deleted, and nothing changes but what would tell who somebody was whose
//! account is deleted: see [`forget_in`].

mod store;

use playhouse_api::admin::AuditEntry;
use playhouse_api::page::Page;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Time;
use crate::db::{self, Conn, Db};
use crate::ids::{AccountId, AuditId};
use crate::page::PageRequest;
use store::Row;

/// Who acts, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    /// None for the server itself.
    pub id: Option<AccountId>,
    pub name: String,
    pub request_id: String,
    pub address: String,
}

impl Actor {
    /// The house itself: a timer, a demo, a command on the machine.
    #[must_use]
    pub fn house() -> Self {
        Self {
            id: None,
            name: String::new(),
            request_id: String::new(),
            address: String::new(),
        }
    }
}

/// Notes one action. `action` reads `kind.verb`, such as `movie.publish`.
///
/// # Errors
/// When the database refuses; the caller's transaction then fails as a whole.
pub fn record(
    conn: &mut Conn,
    now: Time,
    actor: &Actor,
    action: &str,
    target_id: &str,
    detail: &Value,
) -> db::Result<()> {
    let target_kind = action.split('.').next().unwrap_or(action);
    store::insert(
        conn,
        &Row {
            id: AuditId::generate(),
            at: now,
            actor_id: actor.id.clone(),
            actor: actor.name.clone(),
            action: action.to_owned(),
            target_kind: target_kind.to_owned(),
            target_id: target_id.to_owned(),
            detail: detail.to_string(),
            request_id: actor.request_id.clone(),
            address: actor.address.clone(),
        },
    )
}

/// Whether an account has ever acted as an admin.
///
/// # Errors
/// When the database refuses.
pub fn has_acted_in(conn: &mut Conn, id: &AccountId) -> db::Result<bool> {
    store::has_actor(conn, id)
}

/// Takes out of the log who somebody was: their name and addresses where they acted, and what was noted in words where
/// something was done to their account. That it was done stays, under their id.
///
/// # Errors
/// When the database refuses.
pub fn forget_in(conn: &mut Conn, id: &AccountId, name: &str) -> db::Result<()> {
    store::rename_actor(conn, id, name)?;
    for (row, detail) in store::of_target(conn, "account", id.as_str())? {
        let mut detail: Value = serde_json::from_str(&detail).unwrap_or_default();
        let note = detail.as_object_mut().and_then(|it| it.remove("note"));
        if note.is_some() {
            store::set_detail(conn, &row, &detail.to_string())?;
        }
    }
    Ok(())
}

/// The key of a page of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditKey(String);

/// The latest actions first, of one actor or of one kind if asked for.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &Db,
    actor: Option<String>,
    action: Option<String>,
    page: PageRequest<AuditKey>,
) -> db::Result<Page<AuditEntry>> {
    let fetch = page.rows_to_fetch();
    let before = page.after.clone().map(|key| key.0);
    let rows = db
        .read(move |conn| {
            store::list(
                conn,
                actor.as_deref(),
                action.as_deref(),
                before.as_deref(),
                fetch,
            )
        })
        .await?;
    let page = page.page(rows, |row| AuditKey(row.id.as_str().to_owned()));
    Ok(page.map(entry))
}

fn entry(row: Row) -> AuditEntry {
    let some = |text: String| (!text.is_empty()).then_some(text);
    AuditEntry {
        id: row.id.uuid(),
        at: row.at.and_utc(),
        actor: some(row.actor),
        action: row.action,
        target_kind: row.target_kind,
        target_id: some(row.target_id),
        detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        request_id: some(row.request_id),
        address: some(row.address),
    }
}
