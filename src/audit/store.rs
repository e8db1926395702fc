//! The rows of the audit log.

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::schema::audit_log;
use crate::db::{Conn, Result};
use crate::ids::{AccountId, AuditId};

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_log)]
pub(super) struct Row {
    pub id: AuditId,
    pub at: Time,
    pub actor_id: Option<AccountId>,
    pub actor: String,
    pub action: String,
    pub target_kind: String,
    pub target_id: String,
    pub detail: String,
    pub request_id: String,
    pub address: String,
}

pub(super) fn insert(conn: &mut Conn, row: &Row) -> Result<()> {
    diesel::insert_into(audit_log::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

/// Ids sort by time, so the id is the key.
pub(super) fn list(
    conn: &mut Conn,
    actor: Option<&str>,
    action: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>> {
    let mut query = audit_log::table
        .select(Row::as_select())
        .order(audit_log::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(actor) = actor {
        query = query.filter(audit_log::actor.eq(actor));
    }
    if let Some(action) = action {
        query = query.filter(audit_log::action.eq(action));
    }
    if let Some(before) = before {
        query = query.filter(audit_log::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// Whether somebody has acted.
pub(super) fn has_actor(conn: &mut Conn, id: &AccountId) -> Result<bool> {
    let found: Option<AuditId> = audit_log::table
        .filter(audit_log::actor_id.eq(id))
        .select(audit_log::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Takes the name and the addresses of an actor out of what they did.
pub(super) fn rename_actor(conn: &mut Conn, id: &AccountId, to: &str) -> Result<()> {
    diesel::update(audit_log::table.filter(audit_log::actor_id.eq(id)))
        .set((audit_log::actor.eq(to), audit_log::address.eq("")))
        .execute(conn)?;
    Ok(())
}

/// What was done to one target, by its kind and id.
pub(super) fn of_target(conn: &mut Conn, kind: &str, id: &str) -> Result<Vec<(AuditId, String)>> {
    Ok(audit_log::table
        .filter(audit_log::target_kind.eq(kind))
        .filter(audit_log::target_id.eq(id))
        .select((audit_log::id, audit_log::detail))
        .load(conn)?)
}

pub(super) fn set_detail(conn: &mut Conn, id: &AuditId, detail: &str) -> Result<()> {
    diesel::update(audit_log::table.find(id))
        .set(audit_log::detail.eq(detail))
        .execute(conn)?;
    Ok(())
}
