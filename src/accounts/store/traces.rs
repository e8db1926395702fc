//! What shows that somebody was here: when that was last, and nothing of it once the account is deleted.

use diesel::prelude::*;

use super::super::model::Role;
use crate::clock::Time;
use crate::db::schema::accounts;
use crate::db::{Conn, Result};
use crate::ids::AccountId;

/// Takes everything out of an account's row that says whose it was. The key of the name holds the id, and a colon, which
/// no user name has.
pub(in crate::accounts) fn clear(
    conn: &mut Conn,
    id: &AccountId,
    name: &str,
    now: Time,
) -> Result<()> {
    diesel::update(accounts::table.find(id))
        .set((
            accounts::username.eq(name),
            accounts::username_key.eq(format!("deleted:{id}")),
            accounts::password_hash.eq(""),
            accounts::role.eq(Role::Member),
            accounts::is_locked.eq(true),
            accounts::deleted_at.eq(now),
            accounts::updated_at.eq(now),
            accounts::show_last_seen.eq(false),
        ))
        .execute(conn)?;
    clear_profile(conn, id)
}

/// What a request that was under way may have written since.
pub(in crate::accounts) fn clear_profile(conn: &mut Conn, id: &AccountId) -> Result<()> {
    let none = None::<String>;
    diesel::update(accounts::table.find(id))
        .set((
            accounts::real_name.eq(&none),
            accounts::phone.eq(&none),
            accounts::address.eq(&none),
            accounts::email.eq(&none),
            accounts::locale.eq(&none),
            accounts::vip_until.eq(None::<Time>),
            accounts::quota_bytes.eq(None::<i64>),
            accounts::last_seen_at.eq(None::<Time>),
        ))
        .execute(conn)?;
    Ok(())
}

/// When an account was deleted, if it was.
pub(in crate::accounts) fn find_end(conn: &mut Conn, id: &AccountId) -> Result<Option<Time>> {
    let found: Option<Option<Time>> = accounts::table
        .find(id)
        .select(accounts::deleted_at)
        .first(conn)
        .optional()?;
    Ok(found.flatten())
}

/// Notes when an account was here last, unless its owner does not show it; whether it was noted.
pub(in crate::accounts) fn note_seen(conn: &mut Conn, id: &AccountId, at: Time) -> Result<bool> {
    let shown = accounts::table
        .find(id)
        .filter(accounts::show_last_seen.eq(true))
        .filter(accounts::deleted_at.is_null())
        .filter(
            accounts::last_seen_at
                .is_null()
                .or(accounts::last_seen_at.le(at)),
        );
    let noted = diesel::update(shown)
        .set(accounts::last_seen_at.eq(at))
        .execute(conn)?;
    Ok(noted > 0)
}
