//! When accounts were here last. Who does not show it does not see it; of who does not show it nothing is kept.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::schema::accounts;
use crate::db::{Conn, Result};
use crate::ids::AccountId;

/// Whether somebody shows it, and so may see it.
pub(in crate::chat) fn shows(conn: &mut Conn, who: &AccountId) -> Result<bool> {
    let shows: Option<bool> = accounts::table
        .find(who)
        .select(accounts::show_last_seen)
        .first(conn)
        .optional()?;
    Ok(shows.unwrap_or(false))
}

/// When accounts were here last, as somebody sees it.
pub(in crate::chat) fn of(
    conn: &mut Conn,
    who: &AccountId,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Time>> {
    if ids.is_empty() || !shows(conn, who)? {
        return Ok(HashMap::new());
    }
    let rows: Vec<(AccountId, Option<Time>)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .filter(accounts::last_seen_at.is_not_null())
        .select((accounts::id, accounts::last_seen_at))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, at)| Some((id, at?)))
        .collect())
}
