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
