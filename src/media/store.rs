//! The row of the signing key.

use diesel::prelude::*;

use crate::db::schema::settings;
use crate::db::{Conn, Result, on_backend};

/// The setting, or `fresh` if there is none yet; of several nodes that start, one wins.
pub(super) fn setting_or(conn: &mut Conn, key: &str, fresh: &str) -> Result<String> {
    let row = (settings::key.eq(key), settings::value.eq(fresh));
    on_backend!(conn, c => diesel::insert_into(settings::table)
        .values(row)
        .on_conflict(settings::key)
        .do_nothing()
        .execute(c))?;
    Ok(settings::table
        .find(key)
        .select(settings::value)
        .first(conn)?)
}
